/**
 * The check of the two databases of sketches (sketch-rows.ts, sketch-chunks.ts): checksums, numbers
 * in their slots, no more sketches than the class has, every sketch decoded.
 */
import { mergeEncoded } from '../../../sketch/codec.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { mergeEncodedDistinct } from '../../../sketch/distinct-codec.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import { SKETCH_TIMER } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { BUNDLE_PARTS_MAX, SketchBundle } from '../../ring/sketches/sketch-record.ts';
import type { Check } from './database-spec.ts';
import type { KnownClasses } from './known-classes.ts';
import { type RingPlace, placeOrFault, ringWhere } from './ring-key.ts';

/** What sets bundles of rows apart from those of chunks. */
export interface BundleKind {
  unitName: string;
  /** Columns in a record. */
  unitColumns: number;
  /** What is lost with a record. */
  loss: string;
  slotsOf(archive: Archive): number;
  /** What keeps a row or chunk of this number from being that of its slot. */
  numberFault(
    classes: KnownClasses,
    place: RingPlace,
    number: number,
    slots: number,
  ): string | undefined;
  /** Sketches that a record may have. */
  partsMax(classes: KnownClasses, place: RingPlace): number;
}

export class BundleCheck implements Check {
  private readonly classes: KnownClasses;
  private readonly kind: BundleKind;

  /** `classes` are those of sketches. */
  constructor(classes: KnownClasses, kind: BundleKind) {
    this.classes = classes;
    this.kind = kind;
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, this.kind.unitName);
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const { classes, kind } = this;
    const place = placeOrFault(classes, key, (archive) => kind.slotsOf(archive), kind.unitColumns);
    if (typeof place === 'string') return place;
    const bundle = SketchBundle.read(value);
    if (bundle === undefined) return `its checksum is wrong (${value.length} bytes)`;
    const archive = classes.archive(place.classId, place.archiveIndex)!; // it has a place
    return (
      kind.numberFault(classes, place, bundle.number, kind.slotsOf(archive)) ??
      this.partsFault(place, bundle)
    );
  }

  loss(): string {
    return this.kind.loss;
  }

  private partsFault(place: RingPlace, bundle: SketchBundle): string | undefined {
    const most = this.kind.partsMax(this.classes, place);
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
