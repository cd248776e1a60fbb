/**
 * `/explore?query=&limit=`: targets by tags, as Graph Explorer had it. `service=shop stat=upper_99 by host`
 * is one group of targets for each host, `sum by host` one line for each (query/explore/explore-query.ts).
 * Dotted names have tags by the rules of the option `nameTags`.
 *
 *     { "query": "service=shop stat=upper_99 by host",
 *       "common": { "service": "shop", "stat": "upper_99", "kind": "timer" },
 *       "groups": [ { "by": { "host": "web01" }, "series": 2,
 *         "targets": [ { "target": "alias(stats.timers.shop.web01.pay.upper_99,\"pay\")", "alias": "pay",
 *                        "name": "stats.timers.shop.web01.pay.upper_99", "tags": {…} } ] } ],
 *       "series": 24, "shown": 24, "total": 24 }
 *
 * `shown` of `total` targets are answered, the first groups first.
 */
import type { FastifyInstance } from 'fastify';
import { shippedNameTags } from '../config/name-tags.ts';
import { explore } from '../query/explore/explore.ts';
import { readExploreQuery } from '../query/explore/explore-query.ts';
import { compileRules } from '../query/explore/tags-of-names.ts';
import { globMatcher } from '../storage/index/glob.ts';
import { jsonRoute, type HttpContext } from './http-deps.ts';
import { readCount } from './params.ts';

const LIMIT = 200;
const LIMIT_MAX = 2000;

export function exploreRoute(app: FastifyInstance, { deps }: HttpContext): void {
  const rules = compileRules(deps.nameTags ?? shippedNameTags(), globMatcher);
  jsonRoute(
    app,
    '/explore',
    async (params, limit, { store }) => {
      const query = params.last('query') ?? '';
      const asked = readExploreQuery(query);
      const most = readCount(params, 'limit', LIMIT, LIMIT_MAX);
      return {
        query,
        ...(await explore(store, { rules, compile: globMatcher }, asked, limit, most)),
      };
    },
    { jsonErrors: true },
  );
}
