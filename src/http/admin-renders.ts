/**
 * `GET /admin/renders`: the renders that are evaluated now, with who asked, and how many wait;
 * `DELETE /admin/renders?id=7` ends one. For the same peers as the admin routes.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import { peerCheck } from './local-peer.ts';
import { clip } from './params.ts';
import { requestParams, type HttpContext } from './http-deps.ts';

const URL = '/admin/renders';

export function adminRenderRoutes(app: FastifyInstance, context: HttpContext): void {
  const { deps, gate, renders } = context;
  const check = peerCheck(deps.adminPeers ?? []);
  const onRequest = async (request: FastifyRequest): Promise<void> => check(request);
  app.route({
    method: 'GET',
    url: URL,
    config: { jsonErrors: true },
    onRequest,
    handler: async (_request, reply) => {
      const answer = { running: renders.list(), waiting: gate.waitingCount };
      return reply
        .header('cache-control', 'no-store')
        .type('application/json')
        .send(JSON.stringify(answer, null, 2));
    },
  });
  app.route({
    method: 'DELETE',
    url: URL,
    config: { jsonErrors: true, changes: true },
    onRequest,
    handler: async (request, reply) => {
      const text = requestParams(request).last('id') ?? '';
      if (!/^\d{1,15}$/.test(text)) {
        throw badRequest(`id: read "${clip(text)}", expected a number that GET ${URL} shows`);
      }
      if (!renders.end(Number(text)))
        throw new UserError('notFound', `no render ${text} is under way`);
      return reply.type('application/json').send(JSON.stringify({ ended: Number(text) }));
    },
  });
}
