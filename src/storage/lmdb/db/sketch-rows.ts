/** Database `srow`: a bundle of the sketches of one time and one block of columns a record. */
import { ROW_RING } from '../../ring/ring.ts';
import { BLOCK_TIMERS } from '../../ring/sketches/sketch-columns.ts';
import type { DatabaseSpec } from './database-spec.ts';
import { rowFault } from './ring-key.ts';
import { BundleCheck, type BundleKind } from './sketch-bundle-check.ts';

const KIND: BundleKind = {
  unitName: 'block',
  unitColumns: BLOCK_TIMERS,
  loss: `one sketch each of up to ${BLOCK_TIMERS} timers`,
  slotsOf: () => ROW_RING,
  numberFault(classes, place, row, slots) {
    const fault = rowFault(classes, place, row, slots);
    if (fault === undefined) classes.noteRow(place.classId, place.archiveIndex, row);
    return fault;
  },
  partsMax: (classes, { classId, unit }) =>
    Math.min(BLOCK_TIMERS, classes.columnCount(classId) - unit * BLOCK_TIMERS),
};

export const SKETCH_ROWS: DatabaseSpec = {
  name: 'srow',
  check: ({ sketches }) => new BundleCheck(sketches, KIND),
};
