/**
 * Pages of other sites that may read answers (`corsOrigins`): the headers by which their browsers let
 * them (CORS). They may not change the store by it: what changes it looks at `Origin` itself
 * (change-check.ts).
 */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Headers that such a page may send: those of Graphite's clients, and who asks. */
const ALLOWED = 'accept, authorization, content-type, if-none-match, x-requested-with';
/** Headers that it may read. */
const EXPOSED = 'etag, link, x-tallyd-more';
/** How long a browser need not ask again, seconds. */
const MAX_AGE = 600;

/** Before all else, so that a page can read its errors too. */
export function answerOtherSites(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const isAny = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    addVary(reply, 'origin');
    const { origin } = request.headers;
    if (origin !== undefined && (isAny || origins.includes(origin.toLowerCase()))) {
      const isListed = origins.includes(origin.toLowerCase());
      reply
        .header('access-control-allow-origin', isListed ? origin : '*')
        .header('access-control-expose-headers', EXPOSED);
      // A name and password that a browser knows go to sites that are named only.
      if (isListed) reply.header('access-control-allow-credentials', 'true');
      if (request.method === 'OPTIONS') {
        reply
          .header('access-control-allow-methods', 'GET, HEAD, POST')
          .header('access-control-allow-headers', ALLOWED)
          .header('access-control-max-age', MAX_AGE);
      }
    }
    done();
  });
}

export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary');
  reply.header('vary', typeof before === 'string' ? `${before}, ${name}` : name);
}
