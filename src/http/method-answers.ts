/**
 * Answers of a path to the methods that it does not have: 405 with the ones it has in `Allow`, and
 * 204 with the same to OPTIONS, which is also what a browser asks before it lets a page send what
 * is not its own: without a word of leave it does not.
 */
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { sendError } from './answers.ts';
import { METHODS } from './front.ts';

/** Notes the routes that are added from now on; the function that is returned adds the answers. */
export function answerOtherMethods(app: FastifyInstance): () => void {
  const known = new Map<string, { methods: Set<string>; config: FastifyContextConfig }>();
  app.addHook('onRoute', ({ url, method, config = {} }) => {
    const path = known.get(url) ?? { methods: new Set(['OPTIONS']), config };
    known.set(url, path);
    for (const one of [method].flat()) path.methods.add(one);
  });
  return () => {
    // Its own routes call the hook as well.
    const paths = [...known];
    for (const [url, { methods, config }] of paths) {
      const allow = METHODS.filter((method) => methods.has(method)).join(', ');
      app.route({
        method: ['OPTIONS', ...METHODS.filter((method) => !methods.has(method))],
        url,
        config: { jsonErrors: config.jsonErrors === true, needs: 'nothing' },
        // Before the body is read: whatever it is, it is for no one.
        onRequest: async (request, reply) => {
          reply.header('allow', allow);
          if (request.method === 'OPTIONS') return reply.code(204).send();
          return sendError(request, reply, 405, `${request.method} ${url}: expected ${allow}`);
        },
        handler: () => undefined,
      });
    }
  };
}
