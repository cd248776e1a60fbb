/**
 * `/search?query=&limit=&cursor=`: names and tags by any part of them, as one types. All words of the
 * query must be in a path or in its tags, in any order and case; a dot in a word is one between nodes
 * (`shop.lat`), `*` and `;` are blanks. The best come first (storage/index/search-words.ts).
 *
 *     { "query": "shop lat", "words": ["shop", "lat"],
 *       "hits": [
 *         { "path": "stats.timers.shop.latency", "leaf": false, "branch": true, "series": 12 },
 *         { "path": "stats.gauges.shop.lat", "leaf": true, "branch": false, "series": 1,
 *           "target": "stats.gauges.shop.lat" },
 *         { "path": "service=shop-lat", "leaf": false, "branch": false, "series": 40,
 *           "tag": "service", "value": "shop-lat", "target": "seriesByTag(\"service=shop-lat\")" } ],
 *       "shown": 3, "total": 3, "isExact": true, "next": "50" }
 *
 * `series` counts the series at and below a path, or with a tag. `target` draws it (quoted for the
 * grammar); a branch has none, its `path` goes to `/metrics/find`. `total` is how many hits there
 * are, at least so many where `isExact` is false; `next` is the `cursor` of the next page, absent after
 * the last. Without a word in the query there are no hits, and the index is made that later ones need.
 */
import type { FastifyInstance } from 'fastify';
import { writtenPath, writtenString } from '../query/target/scan.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import type { SearchHit } from '../storage/roles.ts';
import { jsonRoute } from './http-deps.ts';
import { type Params, readCount } from './params.ts';
import type { Visitor } from './visitors.ts';

const LIMIT = 50;
const LIMIT_MAX = 1000;
/** Hits that pages lead to: whoever wants more means other words. */
const HITS_MAX = 10_000;

export function searchRoute(app: FastifyInstance): void {
  const config = { etag: true, jsonErrors: true };
  const search = async (
    params: Params,
    limit: RequestLimit,
    { store }: Visitor,
  ): Promise<unknown> => {
    const query = params.last('query') ?? '';
    const from = readCount(params, 'cursor', 0, HITS_MAX);
    const until = Math.min(from + readCount(params, 'limit', LIMIT, LIMIT_MAX), HITS_MAX);
    const { words, hits, total, isExact } = await limit.run(store.searching(query, until));
    const shown = hits.slice(from).map(shownHit);
    const hasMore = hits.length === until && total > until && until < HITS_MAX;
    const next = hasMore ? { next: String(until) } : {};
    return { query, words, hits: shown, shown: shown.length, total, isExact, ...next };
  };
  jsonRoute(app, '/search', search, config);
}

function shownHit({ tag: pair, ...hit }: SearchHit): Record<string, unknown> {
  if (pair === undefined) return hit.leaf ? { ...hit, target: writtenPath(hit.path) } : { ...hit };
  const { tag, value } = pair;
  const written = writtenString(`${tag}=${value}`);
  const drawn = written === undefined ? {} : { target: `seriesByTag(${written})` };
  return { ...hit, tag, value, ...drawn };
}
