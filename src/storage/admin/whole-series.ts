/**
 * What takes several admin calls because each is limited: all names of a query, the values of many
 * series, and everything that the archives of a series hold. The same for a store that is open here
 * and for one of a running server.
 */
import { UserError } from '../../lib/errors.ts';
import type { Archive } from '../retention/archives.ts';
import type { Fetched, ImportedArchive, SeriesInfo } from '../roles.ts';
import type { Answer, StoreAdmin } from './calls.ts';
import { ADMIN_PAGE, ADMIN_POINTS } from './limits.ts';

/**
 * Names that match one query after the other, page by page; with several queries a name may come
 * more than once.
 */
export async function* namePages(
  admin: Pick<StoreAdmin, 'names'>,
  queries: readonly string[],
): AsyncGenerator<string[]> {
  for (const query of queries) {
    let after: string | undefined;
    for (;;) {
      const ask = after === undefined ? { query } : { query, after };
      const { names }: Answer<'names'> = await admin.names(ask);
      if (names.length > 0) yield names;
      if (names.length < ADMIN_PAGE) break;
      after = names.at(-1);
    }
  }
}

/** Values of series in (from, until], in the order of the names. */
export async function readValues(
  admin: Pick<StoreAdmin, 'fetch' | 'location'>,
  names: readonly string[],
  window: { from: number; until: number; now: number },
): Promise<(Fetched | undefined)[]> {
  const found: (Fetched | undefined)[] = [];
  while (found.length < names.length) {
    const { series } = await admin.fetch({ names: names.slice(found.length), ...window });
    if (series.length === 0) {
      throw new UserError('storeBusy', `${admin.location} answered no series, expected one`);
    }
    found.push(...series);
  }
  return found;
}

/** All known points of every archive, finest first, whatever their age; undefined for no series. */
export async function readArchives(
  admin: Pick<StoreAdmin, 'kept' | 'points'>,
  name: string,
): Promise<ImportedArchive[] | undefined> {
  const [info] = (await admin.kept({ names: [name] })).series;
  if (info === undefined) return undefined;
  const archives: ImportedArchive[] = [];
  for (let archive = 0; archive < info.archives.length; archive++) {
    const pages: ImportedArchive[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const { page }: Answer<'points'> = await admin.points({ name, archive, after });
      if (page === undefined) return undefined;
      pages.push(page);
      after = page.next;
    }
    archives.push(joinPages(pages));
  }
  return archives;
}

/**
 * Puts archives into a series, which is created when it is new. Resolves to the archives that the
 * series has, undefined when the store has no more space for it.
 */
export async function putArchives(
  admin: Pick<StoreAdmin, 'put'>,
  info: SeriesInfo,
  archives: readonly ImportedArchive[],
): Promise<Archive[] | undefined> {
  let kept: Archive[] | undefined;
  for (const part of parts(archives)) {
    ({ kept } = await admin.put({ info, archives: part }));
    if (kept === undefined) return undefined;
  }
  return kept;
}

/** Pages of one archive in their order as one. */
function joinPages(pages: readonly ImportedArchive[]): ImportedArchive {
  const count = pages.reduce((sum, { times }) => sum + times.length, 0);
  const joined = {
    step: pages[0]?.step ?? 0,
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

/**
 * Archives in calls of at most ADMIN_POINTS points; one call without points when there are none.
 */
function* parts(archives: readonly ImportedArchive[]): Generator<ImportedArchive[]> {
  let part: ImportedArchive[] = [];
  let left = ADMIN_POINTS;
  for (const { step, times, values } of archives) {
    for (let from = 0; from < times.length;) {
      const end = Math.min(times.length, from + left);
      part.push({ step, times: times.subarray(from, end), values: values.subarray(from, end) });
      left -= end - from;
      from = end;
      if (left > 0) continue;
      yield part;
      [part, left] = [[], ADMIN_POINTS];
    }
  }
  if (part.length > 0 || left === ADMIN_POINTS) yield part;
}
