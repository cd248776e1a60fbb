/**
 * `/events`: POST keeps one, GET lists all, `/events/<id>` shows one, `/events/get_data` searches
 * by time and tags (Grafana's annotations). Shapes of graphite-web 1.1.10's `events/views.py`.
 */
import type { FastifyInstance } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { sendJson } from './answers.ts';
import {
  type Event,
  type EventLog,
  eventLogOf,
  type EventQuery,
  type PostedEvent,
} from '../intake/event-log.ts';
import { JSON_BODY } from './body-schema.ts';
import { requestParams, type HttpContext } from './http-deps.ts';
import { clip, type Params } from './params.ts';
import { readRange } from './time-range.ts';

const TAGS_SENTENCE = '"tags" must be an array or space-separated string';
/** A PostedEvent; `when` and `data` are read by the log. */
const POSTED_EVENT = {
  type: 'object',
  properties: {
    what: { type: 'string', sentence: '"what": expected text' },
    tags: {
      type: ['array', 'string', 'null'],
      items: { type: 'string', sentence: TAGS_SENTENCE },
      sentence: TAGS_SENTENCE,
    },
  },
  required: ['what'],
  sentence: 'event: expected a JSON object with "what"',
};

export function eventRoutes(app: FastifyInstance, context: HttpContext): void {
  const { deps } = context;
  const log = eventLogOf(deps.store);
  const config = { jsonErrors: true };

  const schema = { body: POSTED_EVENT };
  const changes = { ...config, changes: true };
  app.post('/events', { config: changes, schema, ...JSON_BODY }, async (request, reply) => {
    await log.add(request.body as PostedEvent, deps.nowSeconds());
    return reply.type('text/html; charset=utf-8').send('');
  });
  // Graphite's own pattern, `get_data?`, takes both spellings.
  for (const url of ['/events', '/events/get_data', '/events/get_dat']) {
    app.get(url, async (request, reply) => {
      const params = requestParams(request);
      return sendJson(reply, params, search(log, params, deps.nowSeconds()));
    });
  }
  app.get('/events/:id', { config }, async (request, reply) => {
    const { id } = request.params as { id: string };
    const event = /^\d{1,12}$/.test(id) ? log.get(Number(id), deps.nowSeconds()) : undefined;
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
