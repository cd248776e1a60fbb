/**
 * The check of the two databases of sketches (sketch-rows.ts, sketch-chunks.ts): checksums, numbers
 * in their slots, no more sketches than the class has, every sketch decoded. A record keeps its whole
 * sketches when it is mended.
 */
import { mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { mergeEncodedDistinct } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { SKETCH_TIMER } from '../../../wire/statistics.ts';
import { BUNDLE_PARTS_MAX, encodeBundle, SketchBundle } from '../../ring/sketches/sketch-record.ts';
import { bind } from './bound-record.ts';
import { RingCheck } from './ring-check.ts';
import { type RingPlace, readRingKey } from './ring-key.ts';

export abstract class BundleCheck extends RingCheck {
  /** What keeps a row or chunk of this number from being that of its slot. */
  protected abstract numberFault(place: RingPlace, number: number): string | undefined;

  /** Sketches that a record may have. */
  protected abstract partsMax(place: RingPlace): number;

  /** What is lost where no part of a record is whole. */
  protected abstract wholeLoss(): string;

  /** Whose or of when the sketch at a place in a record is. */
  protected abstract partName(place: RingPlace, number: number, index: number): string;

  loss(key: Uint8Array, stored: Uint8Array): string {
    const place = readRingKey(key);
    const bundle = SketchBundle.read(this.unbound(key, stored));
    if (place === undefined || bundle === undefined || this.mend(key, stored) === undefined) {
      return this.wholeLoss();
    }
    const lost = this.damagedParts(place, bundle);
    const names = lost.map(({ index }) => this.partName(place, bundle.number, index));
    return `the sketch of ${names.join(', ')}`;
  }

  mend(key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
    const place = this.placeOrFault(key);
    const bundle = SketchBundle.read(this.unbound(key, stored));
    if (typeof place === 'string' || bundle === undefined) return undefined;
    if (this.numberFault(place, bundle.number) !== undefined) return undefined;
    const parts = Array.from({ length: BUNDLE_PARTS_MAX }, (_, i) => bundle.part(i));
    for (const { index } of this.damagedParts(place, bundle)) parts[index] = undefined;
    if (parts.every((part) => part === undefined)) return undefined;
    const mended = encodeBundle(bundle.number, parts);
    bind(key, mended, this.part);
    return mended;
  }

  protected recordFault(place: RingPlace, value: Uint8Array): string | undefined {
    const bundle = SketchBundle.read(value);
    if (bundle === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const [first] = this.damagedParts(place, bundle);
    return this.numberFault(place, bundle.number) ?? first?.what;
  }

  private damagedParts(place: RingPlace, bundle: SketchBundle): { index: number; what: string }[] {
    const most = this.partsMax(place);
    const isTimer = this.classes.mended(place.classId)['kind'] === SKETCH_TIMER;
    const damaged: { index: number; what: string }[] = [];
    for (let index = 0; index < BUNDLE_PARTS_MAX; index++) {
      const part = bundle.part(index);
      if (part === undefined) continue;
      const fault = sketchFault(part, isTimer);
      if (index >= most)
        damaged.push({ index, what: `it has a sketch ${index}, there are ${most}` });
      else if (fault !== undefined) damaged.push({ index, what: `sketch ${index}: ${fault}` });
    }
    return damaged;
  }
}

function sketchFault(bytes: Uint8Array, isTimer: boolean): string | undefined {
  try {
    if (isTimer) mergeEncoded(bytes, new Sketch());
    else mergeEncodedDistinct(bytes, new DistinctSketch());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
