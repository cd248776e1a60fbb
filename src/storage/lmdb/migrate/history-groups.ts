/**
 * Series with earlier places, grouped into chains that can be read together (archive/stitch.ts):
 * those with the same classes and the same times of change. For the reader and the writer.
 */
import { type RetentionHistory, chainPlace } from '../../ring/retention-history.ts';
import type { RingSource } from '../../ring/values/columns.ts';
import type { SeriesColumns } from '../db/series-columns.ts';
import type { PreviousRetention } from '../db/series-names.ts';

/** All places of a series, the newest first; `until` of the first is Infinity. */
export function placesOf(columns: SeriesColumns, id: number): PreviousRetention[] {
  const { classId, column, born, method, xFilesFactor, older } = columns.get(id);
  return [{ classId, column, born, until: Infinity, method, xFilesFactor }, ...older];
}

/** Series of one key are read together. */
export function chainKey(columns: SeriesColumns, id: number): string {
  const older = columns.olderOf(id).map(({ classId, until }) => ` ${classId}:${until}`);
  return `${columns.classOf(id)}${older.join('')}`;
}

export function groupByChain(columns: SeriesColumns, ids: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const id of ids) {
    const key = chainKey(columns, id);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [id]);
    else known.push(id);
  }
  return [...groups.values()];
}

/** The chain of series with one key, in their order. */
export function chainOf(
  columns: SeriesColumns,
  ids: readonly number[],
  sourceOf: (classId: number) => RingSource,
): RetentionHistory {
  const all = ids.map((id) => placesOf(columns, id));
  const places = (all[0] ?? []).map(({ classId, until }, level) => {
    const standing = all.map((one) => one[level]!); // one key, so equally many
    const series = {
      columns: Uint32Array.from(standing, ({ column }) => column),
      borns: Uint32Array.from(standing, ({ born }) => born),
      methods: Uint8Array.from(standing, ({ method }) => method),
      xFilesFactors: Float64Array.from(standing, ({ xFilesFactor }) => xFilesFactor),
    };
    return chainPlace(sourceOf(classId), series, until);
  });
  return { seriesCount: ids.length, places };
}
