/**
 * Everything that an archive of a series holds, whatever its age, read in windows: a fetch whose
 * `now` is just so far ahead of its start that this archive, and no finer one, reaches back to it.
 * For export, dump and copies of series.
 */
import { ADMIN_POINTS } from './store-admin.ts';
import type { ImportedArchive, SeriesReader } from '../roles.ts';

export interface PointsPage extends ImportedArchive {
  /** More follow after this time, undefined when these were the last. */
  next: number | undefined;
}

/** All archives of a series, finest first; undefined when it is not known. */
export async function readArchives(
  store: SeriesReader,
  id: number,
): Promise<ImportedArchive[] | undefined> {
  const count = store.info(id)?.archives.length;
  if (count === undefined) return undefined;
  const archives: ImportedArchive[] = [];
  for (let i = 0; i < count; i++) {
    const pages: PointsPage[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const page = await readPoints(store, id, i, after);
      if (page === undefined) return undefined;
      pages.push(page);
      after = page.next;
    }
    archives.push(joinPages(pages));
  }
  return archives;
}

/** Points of one archive later than `after`, at most ADMIN_POINTS slots of them. */
export async function readPoints(
  store: SeriesReader,
  id: number,
  archive: number,
  after: number,
): Promise<PointsPage | undefined> {
  const kept = store.info(id)?.archives[archive];
  if (kept === undefined) return undefined;
  const { step, points } = kept;
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

/** Pages of one archive in their order as one. */
export function joinPages(pages: readonly ImportedArchive[]): ImportedArchive {
  const [first] = pages;
  if (pages.length === 1 && first !== undefined) {
    const { step, times, values } = first;
    return { step, times, values };
  }
  const count = pages.reduce((sum, { times }) => sum + times.length, 0);
  const joined = {
    step: first?.step ?? 0,
    times: new Float64Array(count),
    values: new Float64Array(count),
  };
  let at = 0;
  for (const { times, values } of pages) {
    joined.times.set(times, at);
    joined.values.set(values, at);
    at += times.length;
  }
  return joined;
}
