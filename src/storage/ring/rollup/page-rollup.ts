/**
 * Rolls a coarser row up for a whole segment, a finer row at a time: closing a row costs half of the
 * general way (columns.ts, `overlayRollup`). Only where rows hold all there is to know. Used by
 * ring-set.ts when a row closes.
 */
import { type RingSource, refineRollup, segmentOf } from '../values/columns.ts';
import type { RingMembers } from '../values/ring-members.ts';
import { SEGMENT_SERIES } from '../ring.ts';
import { Rollup } from './rollup.ts';

/** Values of a finer row of the segment by series, NaN for null; used before the next is asked for. */
export type SegmentRow = (row: number, segment: number) => Float64Array;

/** Used up before the next segment. */
const rollup = new Rollup(SEGMENT_SERIES);

/** One coarser value a sid of a segment, `first` up to `end`; NaN where too little is known. */
export function rollUpSegment(
  source: RingSource & { members: RingMembers },
  archiveIndex: number,
  row: number,
  first: number,
  end: number,
  finerRow: SegmentRow,
): Float64Array {
  const { archives, members } = source;
  const ratio = archives[archiveIndex]!.step / archives[archiveIndex - 1]!.step;
  const segment = segmentOf(first);
  const { methods, xFilesFactors } = members.columns(first, end);
  rollup.clear();
  for (let finer = row * ratio; finer < (row + 1) * ratio; finer++) {
    rollup.addRow(methods, finerRow(finer, segment));
  }
  const rolled = rollup.results(methods, xFilesFactors, ratio);
  const timers = members.timerColumns(first, end);
  if (timers === undefined || source.timerRollup?.enabled !== true) return rolled;
  const columns = new Float64Array(rolled.length * ratio);
  for (let j = 0; j < ratio; j++) {
    const values = finerRow(row * ratio + j, segment);
    for (let i = 0; i < rolled.length; i++) columns[i * ratio + j] = values[i]!;
  }
  refineRollup(source, archiveIndex, timers, row, columns, rolled, 1, 0);
  return rolled;
}
