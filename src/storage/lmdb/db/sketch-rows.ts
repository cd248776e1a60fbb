/** Database `srow`: a bundle of the sketches of one time and one block of columns a record. */
import { ROW_RING } from '../../ring/ring.ts';
import { BLOCK_TIMERS } from '../../ring/sketches/sketch-columns.ts';
import type { DatabaseSpec } from './database-spec.ts';
import type { RingPlace } from './ring-key.ts';
import { BundleCheck } from './sketch-bundle-check.ts';

class SketchRowCheck extends BundleCheck {
  protected readonly unitName = 'block';
  protected readonly unitColumns = BLOCK_TIMERS;
  protected readonly slotsOf = (): number => ROW_RING;

  protected wholeLoss(): string {
    return `one sketch each of up to ${BLOCK_TIMERS} timers`;
  }

  protected partName(place: RingPlace, row: number, index: number): string {
    return `column ${place.unit * BLOCK_TIMERS + index} at ${this.timeOf(place, row)}`;
  }

  protected numberFault(place: RingPlace, row: number): string | undefined {
    const fault = this.rowFault(place, row);
    if (fault === undefined) this.classes.noteRow(place.classId, place.archiveIndex, row);
    return fault;
  }

  protected partsMax({ classId, unit }: RingPlace): number {
    return Math.min(BLOCK_TIMERS, this.classes.columnCount(classId) - unit * BLOCK_TIMERS);
  }
}

export const SKETCH_ROWS: DatabaseSpec = {
  name: 'srow',
  check: ({ sketches }) => new SketchRowCheck(sketches),
};
