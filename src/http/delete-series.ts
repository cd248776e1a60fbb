/**
 * `DELETE /series?query=…`: forgets the series that the queries match (names, globs, seriesByTag,
 * as `tallyd series find` takes them), for scripts that clean up; `dryRun=1` only counts. For the
 * same peers as the admin routes. Answers `{ dryRun, matched, deleted, names, more }` with at most
 * ADMIN_PAGE names; `more` says how many were left out.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import { ADMIN_PAGE } from '../storage/admin/limits.ts';
import { namePages } from '../storage/admin/whole-series.ts';
import { isOn } from './answers.ts';
import { peerCheck } from './local-peer.ts';
import { requestParams, type HttpContext } from './http-deps.ts';

/** Most queries in one request. */
const QUERIES_MAX = 100;

export function deleteSeriesRoute(app: FastifyInstance, context: HttpContext): void {
  const check = peerCheck(context.deps.adminPeers ?? []);
  app.route({
    method: 'DELETE',
    url: '/series',
    config: { jsonErrors: true, changes: true, needs: 'admin' },
    onRequest: async (request: FastifyRequest) => check(request),
    handler: async (request, reply) => {
      const params = requestParams(request);
      const queries = params.list('query').filter((query) => query !== '');
      if (queries.length === 0) {
        throw badRequest('query: expected a name or a glob such as servers.web07.**');
      }
      if (queries.length > QUERIES_MAX) {
        throw new UserError('tooLarge', `${queries.length} queries, expected up to ${QUERIES_MAX}`);
      }
      const answer = await deleteSeries(context, queries, isOn(params.last('dryRun')));
      return reply.header('cache-control', 'no-store').type('application/json').send(answer);
    },
  });
}

async function deleteSeries(
  { admin }: HttpContext,
  queries: readonly string[],
  dryRun: boolean,
): Promise<string> {
  const answer = { dryRun, matched: 0, deleted: 0, names: [] as string[], more: 0 };
  const seen = new Set<string>();
  for await (const page of namePages(admin, queries)) {
    const names = page.filter((name) => !seen.has(name));
    for (const name of names) seen.add(name);
    const shown = names.slice(0, ADMIN_PAGE - answer.names.length);
    answer.matched += names.length;
    answer.names.push(...shown);
    answer.more += names.length - shown.length;
    if (!dryRun) answer.deleted += (await admin.delete({ names })).count;
  }
  return JSON.stringify(answer);
}
