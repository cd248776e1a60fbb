/**
 * Everything that an archive of a series holds, whatever its age, read in windows: a fetch whose
 * `now` is just so far ahead of its start that this archive, and no finer one, reaches back to it.
 * For the call `points`.
 */
import type { SeriesReader } from '../roles.ts';
import { ADMIN_POINTS } from './limits.ts';
import type { PointsPage } from './shapes.ts';

/** Points of one archive later than `after`, at most ADMIN_POINTS slots of them. */
export async function readPoints(
  store: SeriesReader,
  id: number,
  archive: number,
  after: number,
): Promise<PointsPage | undefined> {
  const read = store.info(id)?.archives[archive];
  if (read === undefined) return undefined;
  const { step, points } = read;
  const newest = store.newestTimes(id)[archive] ?? 0;
  const retention = step * points;
  const from = Math.max(after, newest - retention);
  const until = Math.min(newest, from - (from % step) + step * ADMIN_POINTS);
  const none = { step, times: new Float64Array(0), values: new Float64Array(0), next: undefined };
  if (newest <= 0 || until <= from) return none;
  const [fetched] = await store.fetch([id], from, until, from + retention);
  const next = until < newest ? until : undefined;
  if (fetched === undefined) return { ...none, next };
  const { start, values } = fetched;
  const known: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] === values[i]) known.push(i);
  return {
    step,
    times: Float64Array.from(known, (i) => start + i * step),
    values: Float64Array.from(known, (i) => values[i]!), // i < length
    next,
  };
}
