/**
 * Which series the queries of a verb mean, page by page, each once; a query that none matches is an
 * error, so that a typing mistake is not taken for an empty answer.
 */
import { UserError } from '../lib/errors.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { namePages } from '../storage/admin/whole-series.ts';

/** Forms of a query, for the help of a verb. */
export const QUERY_HELP =
  "series: a name, a glob such as servers.*.cpu (** is all), 'disk.*;**' for tagged ones, " +
  "or seriesByTag('dc=eu')";

/** Pages of names; throws `notFound` after them when a query had no name. */
export async function* selectPages(
  admin: StoreAdmin,
  queries: readonly string[],
): AsyncGenerator<string[]> {
  const seen = queries.length > 1 ? new Set<string>() : undefined;
  const missing: string[] = [];
  for (const query of queries) {
    let found = false;
    for await (const names of namePages(admin, [query])) {
      found = true;
      const fresh = names.filter((name) => seen?.has(name) !== true);
      for (const name of fresh) seen?.add(name);
      if (fresh.length > 0) yield fresh;
    }
    if (!found) missing.push(query);
  }
  if (missing.length > 0) throw noSeries(missing);
}

/**
 * All names at once, for verbs that must know how many there are; throws before anything is done.
 */
export async function selectNames(
  admin: StoreAdmin,
  queries: readonly string[],
): Promise<string[]> {
  const names: string[] = [];
  for await (const page of selectPages(admin, queries)) for (const name of page) names.push(name);
  return names;
}

function noSeries(queries: readonly string[]): UserError {
  const [first] = queries;
  const more = queries.length > 1 ? ` (and none ${queries.length - 1} more queries)` : '';
  return new UserError('notFound', `no series matches "${first}"${more}`);
}
