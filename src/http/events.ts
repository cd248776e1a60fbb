/**
 * `/events`: POST keeps one, GET lists all, `/events/<id>` shows one, `/events/get_data` searches
 * by time and tags (Grafana's annotations). Shapes of graphite-web 1.1.10's `events/views.py`.
 *
 * Lists are in the order of time, as Graphite's. Of more than `limit=` events, or than an answer has
 * room for, it is the last ones; `x-tallyd-more` says how many were left out, and `link` leads to
 * the page before, by `before=` the first event answered.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, UserError } from '../lib/errors.ts';
import { sendJson } from './answers.ts';
import { type EventLog, eventLogOf, type EventPage, type EventQuery } from '../intake/event-log.ts';
import { type Event, type PostedEvent, tagsOf } from '../intake/event-text.ts';
import { JSON_BODY } from './body-schema.ts';
import { requestParams, type HttpContext } from './http-deps.ts';
import { clip, type Params } from './params.ts';
import { type Clock, readRange } from './time-range.ts';
import { forbidden, type Visitor, visitorOf } from './visitors.ts';

const TAGS_SENTENCE = '"tags" must be an array or space-separated string';
/** Of one answer: some 20,000 usual events. */
const ANSWER_BYTES = 4 * 2 ** 20;
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
  const { deps, timeZone } = context;
  const log = eventLogOf(context.whole);
  const config = { jsonErrors: true };

  const schema = { body: POSTED_EVENT };
  const changes = { ...config, changes: true };
  app.post('/events', { config: changes, schema, ...JSON_BODY }, async (request, reply) => {
    const posted = request.body as PostedEvent;
    const { events } = visitorOf(request).rights;
    if (events !== undefined && !tagsOf(posted.tags).some((tag) => events.includes(tag))) {
      throw forbidden(`the event needs one of these tags: ${events.join(', ')}`);
    }
    await log.add(posted, deps.nowSeconds());
    return reply.type('text/html; charset=utf-8').send('');
  });
  // Graphite's own pattern, `get_data?`, takes both spellings.
  for (const url of ['/events', '/events/get_data', '/events/get_dat']) {
    app.get(url, async (request, reply) => {
      const params = requestParams(request);
      const clock = { now: deps.nowSeconds(), timeZone };
      const { events, more } = await search(log, params, clock, visitorOf(request));
      if (more > 0) sayMore(request, reply, events, more);
      return sendJson(reply, params, events);
    });
  }
  app.get('/events/:id', { config }, async (request, reply) => {
    const { id } = request.params as { id: string };
    const among = visitorOf(request).rights.events;
    const isId = /^\d{1,12}$/.test(id);
    const event = isId ? await log.get(Number(id), deps.nowSeconds(), among) : undefined;
    if (event === undefined) throw new UserError('notFound', `event ${clip(id)}: there is none`);
    return sendJson(reply, requestParams(request), event);
  });
}

const MATCHES = new Map<string, EventQuery['match']>([
  ['union', 'any'],
  ['intersection', 'every'],
]);

function search(
  log: EventLog,
  params: Params,
  clock: Clock,
  { rights }: Visitor,
): Promise<EventPage> {
  const { from, until, now } = readRange(params, clock);
  const tags = params.last('tags');
  return log.find({
    from: from ?? 0,
    until: until ?? now,
    tags: tags === undefined ? undefined : [tags],
    match: MATCHES.get(params.last('set') ?? '') ?? 'all',
    among: rights.events,
    now: clock.now,
    before: readBefore(params.last('before')),
    limit: params.limit(),
    bytes: ANSWER_BYTES,
  });
}

/** An event's place in the order of answers: `when-id`. */
function readBefore(text: string | undefined): EventQuery['before'] {
  if (text === undefined) return undefined;
  const [, when, id] = /^(-?\d{1,12})-(\d{1,12})$/.exec(text) ?? [];
  if (when === undefined) throw badRequest(`before="${clip(text)}": expected when-id of an event`);
  return { when: Number(when), id: Number(id) };
}

/** The list has no room for it: how many earlier events were left out, and where they are. */
function sayMore(
  request: FastifyRequest,
  reply: FastifyReply,
  [first]: readonly Event[],
  more: number,
): void {
  reply.header('x-tallyd-more', more);
  if (first === undefined) return;
  const asked = new URLSearchParams(request.url.split('?')[1] ?? '');
  asked.set('before', `${first.when}-${first.id}`);
  reply.header('link', `</events/get_data?${asked.toString()}>; rel="next"`);
}
