/**
 * Rows or chunks of sketches of one archive as the writer changes them, over the stored ones: they
 * wait here until a transaction takes their records. Used by sketch-rings.ts.
 */
import { type Parts, encodeBundle } from './sketch-record.ts';

/** Blocks or columns within a slot. */
const UNITS = 2 ** 24;

/** A changed row block or chunk. */
export class ChangedBundle {
  readonly number: number;
  readonly parts: Parts;

  constructor(number: number, parts: Parts) {
    this.number = number;
    this.parts = parts;
  }

  part(index: number): Uint8Array | undefined {
    return this.parts[index];
  }
}

export class ChangedBundles {
  private readonly slots: number;
  private readonly bundles = new Map<number, ChangedBundle>();

  constructor(slots: number) {
    this.slots = slots;
  }

  /** What the slot of a row or chunk got, whichever number it has. */
  inSlot(number: number, unit: number): ChangedBundle | undefined {
    return this.bundles.get((number % this.slots) * UNITS + unit);
  }

  find(number: number, unit: number): ChangedBundle | undefined {
    const changed = this.inSlot(number, unit);
    return changed?.number === number ? changed : undefined;
  }

  set(number: number, unit: number, parts: Parts): ChangedBundle {
    const changed = new ChangedBundle(number, parts);
    this.bundles.set((number % this.slots) * UNITS + unit, changed);
    return changed;
  }

  drain(take: (number: number, unit: number, record: Uint8Array) => void): void {
    for (const [key, { number, parts }] of this.bundles) {
      take(number, key % UNITS, encodeBundle(number, parts));
    }
  }

  clear(): void {
    this.bundles.clear();
  }
}
