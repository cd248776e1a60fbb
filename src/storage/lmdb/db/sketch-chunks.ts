/** Database `schunk`: a bundle of the sketches of one timer and one chunk of rows a record. */
import { CHUNK_ROWS, chunkSlots } from '../../ring/ring.ts';
import type { DatabaseSpec } from './database-spec.ts';
import type { RingPlace } from './ring-key.ts';
import { BundleCheck } from './sketch-bundle-check.ts';

class SketchChunkCheck extends BundleCheck {
  protected readonly unitName = 'timer';
  protected readonly unitColumns = 1;
  protected readonly slotsOf = chunkSlots;

  protected wholeLoss(): string {
    return `up to ${CHUNK_ROWS} sketches of a timer`;
  }

  protected partName(place: RingPlace, chunk: number, index: number): string {
    return `column ${place.unit} at ${this.timeOf(place, chunk * CHUNK_ROWS + index)}`;
  }

  protected numberFault(place: RingPlace, chunk: number): string | undefined {
    const fault = this.slotFault('chunk', place, chunk);
    if (fault === undefined) this.classes.noteColumns(place.classId, place.unit + 1);
    return fault;
  }

  protected partsMax(): number {
    return CHUNK_ROWS;
  }
}

export const SKETCH_CHUNKS: DatabaseSpec = {
  name: 'schunk',
  check: ({ sketches }) => new SketchChunkCheck(sketches),
};
