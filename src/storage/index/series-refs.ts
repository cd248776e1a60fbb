/**
 * Names of ready-made points by the numbers that they cross threads with (wire/sample-batch.ts, NumberedPoints),
 * and the ids of their series once those are known. For `ready-points.ts` and the stores.
 */
import type { NumberedPoints, PointBatch } from '../../wire/sample-batch.ts';
import { canonicalName } from './tagged-name.ts';

const UNKNOWN = -1;

/** The part of a catalogue that ids are looked up in. */
export interface KnownNames {
  /** While it stays, an id is of the same series. */
  readonly removals: number;
  /** The id of a canonical name, -1 when there is none. */
  get(name: string): number;
}

export interface ResolvedPoints {
  /** By point: the id of its series, or -1 - i for `names[i]`. */
  ids: Int32Array;
  /** Canonical names that have no series yet, each once. */
  names: string[];
}

export class NumberedNames {
  /** By number, as they were sent. */
  names: string[] = [];
  private ids = new Int32Array(1024).fill(UNKNOWN);
  /** Of the catalogue that the ids are of. */
  private removals = -1;

  /** Comes with each batch, in their order. */
  learn({ isReset, born }: NumberedPoints): void {
    if (isReset) {
      this.names = [];
      this.ids.fill(UNKNOWN);
    }
    for (const name of born) this.names.push(name);
    if (this.names.length <= this.ids.length) return;
    const ids = new Int32Array(this.names.length * 2).fill(UNKNOWN);
    ids.set(this.ids);
    this.ids = ids;
  }

  /** The points of a batch that was learned, by name. */
  named({ kind, numbers, times, values }: NumberedPoints): PointBatch {
    const names = Array.from(numbers, (number) => this.names[number]!); // its batch brought it
    return { kind, names, times, values };
  }

  /** Writes over the numbers. */
  resolve(numbers: Uint32Array, catalogue: KnownNames): ResolvedPoints {
    if (this.removals !== catalogue.removals) {
      this.ids.fill(UNKNOWN);
      this.removals = catalogue.removals;
    }
    const known = this.ids;
    // In place: the column goes on to the store, and numbers have served.
    const ids = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    const names: string[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      let id = known[number]!;
      if (id === UNKNOWN) {
        const name = canonicalName(this.names[number]!); // its batch brought it
        id = catalogue.get(name);
        if (id < 0) {
          names.push(name);
          unknown.push(number);
          // Until the end of the batch: the same number means the same name.
          id = UNKNOWN - names.length;
        }
        known[number] = id;
      }
      ids[i] = id < UNKNOWN ? id + 1 : id;
    }
    for (const number of unknown) known[number] = UNKNOWN;
    return { ids, names };
  }
}
