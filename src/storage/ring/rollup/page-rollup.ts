/**
 * Rolls a coarser row up for a whole page, a finer row at a time: closing a row costs half of the
 * general way (columns.ts, `overlayRollup`). Only where rows hold all there is to know. Used by
 * ring-set.ts when a row closes.
 */
import { type RingSource, refineRollup, pageOf } from '../values/columns.ts';
import type { RingMembers } from '../values/ring-members.ts';
import { PAGE_SERIES, type RowSpan } from '../ring.ts';
import { Rollup } from './rollup.ts';

/** Values of a finer row of the page by series, NaN for null; used before the next is asked for. */
export type PageRow = (row: number, page: number) => Float64Array;

/** Used up before the next page. */
const rollup = new Rollup(PAGE_SERIES);

/**
 * One coarser value of rows of the finer archive for each column of a page, `first` up to `end`;
 * NaN where too little is known.
 */
export function rollUpPage(
  source: RingSource & { members: RingMembers },
  finerSpan: RowSpan,
  first: number,
  end: number,
  finerRow: PageRow,
): Float64Array {
  const { members } = source;
  const { firstRow, count } = finerSpan;
  const page = pageOf(first);
  const { methods, xFilesFactors } = members.columns(first, end);
  rollup.clear();
  for (let j = 0; j < count; j++) rollup.addRow(methods, finerRow(firstRow + j, page));
  const rolled = rollup.results(methods, xFilesFactors, count);
  const timers = members.timerColumns(first, end);
  if (timers === undefined || source.timerRollup?.enabled !== true) return rolled;
  const columns = new Float64Array(rolled.length * count);
  for (let j = 0; j < count; j++) {
    const values = finerRow(firstRow + j, page);
    for (let i = 0; i < rolled.length; i++) columns[i * count + j] = values[i]!;
  }
  refineRollup(source, timers, finerSpan, columns, { out: rolled, stride: 1, at: 0 });
  return rolled;
}
