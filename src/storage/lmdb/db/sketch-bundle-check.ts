/**
 * The check of the two databases of sketches (sketch-rows.ts, sketch-chunks.ts): checksums, numbers
 * in their slots, no more sketches than the class has, every sketch decoded.
 */
import { mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { mergeEncodedDistinct } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { SKETCH_TIMER } from '../../../wire/statistics.ts';
import { BUNDLE_PARTS_MAX, SketchBundle } from '../../ring/sketches/sketch-record.ts';
import { RingCheck } from './ring-check.ts';
import type { RingPlace } from './ring-key.ts';

export abstract class BundleCheck extends RingCheck {
  /** What keeps a row or chunk of this number from being that of its slot. */
  protected abstract numberFault(place: RingPlace, number: number): string | undefined;

  /** Sketches that a record may have. */
  protected abstract partsMax(place: RingPlace): number;

  protected recordFault(place: RingPlace, value: Uint8Array): string | undefined {
    const bundle = SketchBundle.read(value);
    if (bundle === undefined) return `its checksum is wrong (${value.length} bytes)`;
    return this.numberFault(place, bundle.number) ?? this.partsFault(place, bundle);
  }

  private partsFault(place: RingPlace, bundle: SketchBundle): string | undefined {
    const most = this.partsMax(place);
    const isTimer = this.classes.mended(place.classId)['kind'] === SKETCH_TIMER;
    for (let i = 0; i < BUNDLE_PARTS_MAX; i++) {
      const part = bundle.part(i);
      if (part === undefined) continue;
      if (i >= most) return `it has a sketch ${i}, there are ${most}`;
      const fault = sketchFault(part, isTimer);
      if (fault !== undefined) return `sketch ${i}: ${fault}`;
    }
    return undefined;
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
