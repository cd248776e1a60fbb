/**
 * Series with previous retentions, grouped into histories that can be read together
 * (ring/retention-history.ts): those with the same classes and the same times of change. For the
 * reader and the writer.
 */
import { groupBy } from '../../../lib/group-by.ts';
import { type RetentionHistory, historyPart } from '../../ring/retention-history.ts';
import { type RingSource, ringSeries } from '../../ring/values/columns.ts';
import type { SeriesColumns } from '../db/series-columns.ts';
import type { PreviousRetention } from '../db/series-names.ts';

/** All retentions of a series, the newest first; `until` of the first is Infinity. */
export function retentionsOf(columns: SeriesColumns, id: number): PreviousRetention[] {
  const { classId, column, since, method, xFilesFactor, previous } = columns.get(id);
  return [{ classId, column, since, until: Infinity, method, xFilesFactor }, ...previous];
}

/** Series of one key are read together. */
export function historyKey(columns: SeriesColumns, id: number): string {
  const previous = columns.previousOf(id).map(({ classId, until }) => ` ${classId}:${until}`);
  return `${columns.classOf(id)}${previous.join('')}`;
}

export function groupByHistory(columns: SeriesColumns, ids: readonly number[]): number[][] {
  return [...groupBy(ids, (id) => historyKey(columns, id)).values()];
}

/** The history of series with one key, in their order. */
export function historyOf(
  columns: SeriesColumns,
  ids: readonly number[],
  sourceOf: (classId: number) => RingSource,
): RetentionHistory {
  const all = ids.map((id) => retentionsOf(columns, id));
  const parts = (all[0] ?? []).map(({ classId, until }, level) => {
    const retentions = all.map((one) => one[level]!); // one key, so equally many
    return historyPart(sourceOf(classId), ringSeries(retentions), until);
  });
  return { seriesCount: ids.length, parts };
}
