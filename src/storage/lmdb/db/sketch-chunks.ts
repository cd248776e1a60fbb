/** Database `schunk`: a bundle of the sketches of one timer and one chunk of rows a record. */
import { CHUNK_ROWS, chunkSlots } from '../../ring/ring.ts';
import type { DatabaseSpec } from './database-spec.ts';
import { chunkFault } from './ring-key.ts';
import { BundleCheck, type BundleKind } from './sketch-bundle-check.ts';

const KIND: BundleKind = {
  unitName: 'timer',
  unitColumns: 1,
  loss: `up to ${CHUNK_ROWS} sketches of a timer`,
  slotsOf: chunkSlots,
  numberFault(classes, place, chunk, slots) {
    const fault = chunkFault(place, chunk, slots);
    if (fault === undefined) classes.noteColumns(place.classId, place.unit + 1);
    return fault;
  },
  partsMax: () => CHUNK_ROWS,
};

export const SKETCH_CHUNKS: DatabaseSpec = {
  name: 'schunk',
  check: ({ sketches }) => new BundleCheck(sketches, KIND),
};
