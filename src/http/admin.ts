/**
 * `POST /admin/<call>`: the store for the command line's verbs while the server runs, a route for
 * each row of storage/admin/calls.ts. Only for peers on this machine and `adminPeers`, and only
 * with the header that a web page cannot send.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { ADMIN_ROWS, type AdminScope, type CallName } from '../storage/admin/calls.ts';
import { ADMIN_ERROR_HEADER, ADMIN_HEADER, OWNER_HEADER } from '../storage/admin/headers.ts';
import { ADMIN_BODY_BYTES } from '../storage/admin/limits.ts';
import { JSON_BODY } from './body-schema.ts';
import { peerCheck } from './local-peer.ts';
import type { HttpContext } from './http-deps.ts';

export function adminRoutes(app: FastifyInstance, { admin, deps }: HttpContext): void {
  const checkPeer = peerCheck(deps.adminPeers ?? []);
  const checkOwn = peerCheck([]);
  const check = (scope: AdminScope, request: FastifyRequest): void => {
    if (scope === 'machine') checkOwn(request);
    else checkPeer(request);
    if (request.headers[ADMIN_HEADER] === undefined) {
      throw new UserError('forbidden', `admin: no header ${ADMIN_HEADER}, expected it from a verb`);
    }
    const owner = request.headers[OWNER_HEADER];
    if (owner !== undefined && owner !== deps.owner) {
      throw new UserError(
        'notFound',
        'admin: this server has another data folder, the one of that folder runs elsewhere',
      );
    }
  };
  // A row's own schema has checked the argument; no type can say so for all rows at once.
  const methods = admin as unknown as Record<CallName, (ask: unknown) => Promise<unknown>>;
  for (const [name, call] of ADMIN_ROWS) {
    app.route({
      method: 'POST',
      url: `/admin/${name}`,
      config: { jsonErrors: true, changes: true },
      bodyLimit: ADMIN_BODY_BYTES,
      schema: { body: call.ask.json },
      ...JSON_BODY,
      onRequest: async (request) => check(call.scope, request),
      onError: async (_request, reply, error: unknown) => {
        if (error instanceof UserError) reply.header(ADMIN_ERROR_HEADER, error.code);
      },
      handler: async (request, reply) => {
        const answer = await methods[name](call.ask.decode(request.body));
        return reply
          .header('cache-control', 'no-store')
          .type('application/json')
          .send(JSON.stringify(call.answer.encode(answer)));
      },
    });
  }
}
