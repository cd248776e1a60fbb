/**
 * How many datapoints a window of some series holds, told before they are read: from the archive
 * that answers each. A few of many series are looked at first, since most series are alike.
 */
import type { SeriesInfo, SeriesReader } from '../../storage/roles.ts';

/** Series looked at, of however many. */
const SAMPLES = 16;

/** Epoch seconds all. */
export function estimatedPoints(
  store: SeriesReader,
  ids: readonly number[],
  from: number,
  until: number,
  now: number,
): number {
  const stride = Math.max(1, Math.floor(ids.length / SAMPLES));
  let points = 0;
  let count = 0;
  for (let i = 0; i < ids.length; i += stride) {
    points += pointsOf(store.info(ids[i]!), from, until, now); // i < length
    count += 1;
  }
  return count === 0 ? 0 : (points / count) * ids.length;
}

/** Of the finest archive that reaches back to `from`, or else of the longest. */
function pointsOf(info: SeriesInfo | undefined, from: number, until: number, now: number): number {
  const archives = info?.archives ?? [];
  const archive =
    archives.find(({ step, points }) => step * points >= now - from) ?? archives.at(-1);
  if (archive === undefined) return 0;
  const { step, points } = archive;
  return Math.max(0, Math.min((Math.min(until, now) - from) / step, points));
}
