/**
 * `/events`: POST keeps one, GET lists all, `/events/<id>` shows one, `/events/get_data` searches by
 * time and tags (Grafana's annotations). Shapes of graphite-web 1.1.10's `events/views.py`.
 */
import type { FastifyInstance } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { sendJson } from './answers.ts';
import { type Event, type EventLog, eventLogOf, type EventQuery } from '../intake/event-log.ts';
import { clip, parseJsonBody, type Params } from './params.ts';
import { bodyText, requestParams, type HttpContext } from './http-deps.ts';
import { readRange } from './time-range.ts';

export function eventRoutes(app: FastifyInstance, context: HttpContext): void {
  const { sources } = context;
  const log = eventLogOf(sources.store);
  const config = { jsonErrors: true };

  app.post('/events', { config }, async (request, reply) => {
    await log.add(parseJsonBody(bodyText(request)), sources.nowSeconds());
    return reply.type('text/html; charset=utf-8').send('');
  });
  app.get('/events', async (request, reply) => {
    const params = requestParams(request);
    return sendJson(reply, params, search(log, params, sources.nowSeconds()));
  });
  for (const url of ['/events/get_data', '/events/get_dat']) {
    // Graphite's own pattern, `get_data?`, takes both spellings.
    app.get(url, async (request, reply) => {
      const params = requestParams(request);
      return sendJson(reply, params, search(log, params, sources.nowSeconds()));
    });
  }
  app.get('/events/:id', { config }, async (request, reply) => {
    const { id } = request.params as { id: string };
    const event = /^\d{1,12}$/.test(id) ? log.get(Number(id), sources.nowSeconds()) : undefined;
    if (event === undefined) throw new UserError('notFound', `event ${clip(id)}: there is none`);
    return sendJson(reply, requestParams(request), event);
  });
}

const MATCHES = new Map<string, EventQuery['match']>([
  ['union', 'any'],
  ['intersection', 'every'],
]);

function search(log: EventLog, params: Params, serverNow: number): Event[] {
  const { from, until, now } = readRange(params, serverNow);
  return log.find({
    from: from ?? 0,
    until: until ?? now,
    tags: params.last('tags')?.split(' '),
    match: MATCHES.get(params.last('set') ?? '') ?? 'all',
    now: serverNow,
  });
}
