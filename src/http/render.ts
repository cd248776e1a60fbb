/**
 * `/render`: targets in, datapoints or a picture out. What is in the cache is answered at once; other renders
 * wait their turn at the gate, so that a dashboard's burst of panels never evaluates all at once,
 * and waiting counts against the request's time.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { evaluateTargets, type EvaluateRequest } from '../query/evaluate/evaluate.ts';
import type { Series } from '../query/series/series.ts';
import type { SeriesReader } from '../storage/roles.ts';
import { type EventLog, eventLogOf } from '../intake/event-log.ts';
import { answerSize, checkAnswerSize } from './answer-size.ts';
import { sayHowLong } from './etag.ts';
import type { HttpLimits } from './limits.ts';
import type { Params } from './params.ts';
import { drawSeries, sendErrorPicture } from './picture.ts';
import { isPicture } from './picture-request.ts';
import { renderAnswer, type RenderAnswer } from './render-answer.ts';
import { readRenderRequest, type RenderRequest } from './render-request.ts';
import { RenderWatch } from './render-watch.ts';
import { clientOf, type Render } from './renders.ts';
import { type Visitor, visitorOf } from './visitors.ts';
import { bodyText, isWaiting, requestParams, type HttpContext } from './http-deps.ts';

export function renderRoutes(app: FastifyInstance, context: HttpContext): void {
  const { deps, cache, gate } = context;
  const events = eventLogOf(context.whole);
  app.route({
    method: ['GET', 'POST'],
    url: '/render',
    config: { etag: true },
    handler: async (request, reply) => {
      const params = requestParams(request);
      try {
        return await render(request, reply, params);
      } catch (error) {
        return sendErrorPicture(reply, context, params, error);
      }
    },
  });

  async function render(
    request: FastifyRequest,
    reply: FastifyReply,
    params: Params,
  ): Promise<FastifyReply> {
    const arrived = performance.now();
    const asked = readRenderRequest(
      params,
      deps.nowSeconds(),
      context,
      visitorOf(request).rights.key,
    );
    const cached = cache.find(asked, deps.nowSeconds());
    if (cached !== undefined) {
      return sayHowLong(reply, params, deps.nowSeconds()).type(cached.type).send(cached.body);
    }
    const { type, body } = await gate.run(
      async () => {
        checkWanted(request, performance.now() - arrived, context.limits);
        // An earlier request in the queue may have asked the same.
        const found = cache.find(asked, deps.nowSeconds());
        const waitedMs = performance.now() - arrived;
        if (found !== undefined) return found;
        const asker = { client: clientOf(request), isWaiting: isWaiting(request) };
        return context.renders.run(asked, asker, (running) =>
          answer(context, { events, asked, waitedMs, running, visitor: visitorOf(request) }),
        );
      },
      request.url.length + bodyText(request).length,
    );
    // Others are evaluated while a picture is drawn.
    const whole = await body;
    return sayHowLong(reply, params, deps.nowSeconds()).type(type).send(whole);
  }
}

/** Whether there is time left after waiting, and a client that still listens. */
function checkWanted(request: FastifyRequest, waitedMs: number, limits: HttpLimits): void {
  const waited = `waited ${Math.round(waitedMs)} ms for a turn`;
  if (waitedMs >= limits.requestMs) throw new UserError('tooManyRequests', waited);
  if (!isWaiting(request)()) throw new UserError('abandoned', `${waited}, its sender is gone`);
}

interface Work {
  events: EventLog;
  asked: RenderRequest;
  waitedMs: number;
  running: Render;
  visitor: Visitor;
}

async function answer(
  context: HttpContext,
  { events, asked, waitedMs, running, visitor }: Work,
): Promise<RenderAnswer> {
  const { store, rights } = visitor;
  const { deps, limits, cache } = context;
  const { isWanted } = running;
  const started = performance.now();
  const revision = cache.begin(asked);
  // An answer that is not cached needs no watch of what it depends on.
  const watch = revision === undefined ? undefined : new RenderWatch(store);
  const seriesList = await evaluateTargets(watch?.store ?? store, {
    ...toEvaluate(asked, limits, limits.requestMs - waitedMs),
    ...(watch === undefined ? {} : { onClock: watch.onClock }),
    isWanted,
    events: async (tags, from, until) => {
      const wanted = tags.length === 0 ? undefined : tags;
      const filter = { from, until, tags: wanted, among: rights.events };
      const times = await events.times({ ...filter, match: 'all', now: deps.nowSeconds() });
      return times.map((when) => ({ when }));
    },
  });
  running.answers(seriesList);
  const made = isPicture(asked.format)
    ? await drawSeries(context, seriesList, asked, isWanted)
    : written(store, context.limits, seriesList, { asked, started });
  if (revision === undefined || watch === undefined) return made;
  const { type, body } = made;
  const put = (whole: string | Buffer): void => {
    cache.put(
      asked,
      { type, body: whole },
      { revision, grain: watch.grain, now: deps.nowSeconds() },
    );
  };
  if (typeof body === 'string' || Buffer.isBuffer(body)) put(body);
  // A picture that fails is told to whoever waits for it.
  else if (body instanceof Promise) body.then(put, () => {});
  return made;
}

function written(
  store: SeriesReader,
  limits: HttpLimits,
  seriesList: Series[],
  { asked, started }: { asked: RenderRequest; started: number },
): RenderAnswer {
  const size = answerSize(seriesList, asked);
  checkAnswerSize(size, asked, limits);
  const tookMs = performance.now() - started;
  return renderAnswer(store, seriesList, asked, { size, tookMs });
}

function toEvaluate(asked: RenderRequest, limits: HttpLimits, timeMs: number): EvaluateRequest {
  const { targets, templates, from, until, now, tz, maxDataPoints, xFilesFactor } = asked;
  const { partialFirstBucket } = asked;
  return {
    targets,
    templates,
    from,
    until,
    now,
    tz,
    partialFirstBucket,
    // Only JSON honours it, as in graphite-web.
    ...(maxDataPoints === undefined || asked.format !== 'json' ? {} : { maxDataPoints }),
    ...(xFilesFactor === undefined ? {} : { xFilesFactor }),
    limits: {
      seriesMax: limits.series,
      pointsMax: limits.points,
      depthMax: limits.targetDepth,
      callsMax: limits.calls,
      stepsMax: limits.steps,
      nameBytesMax: limits.nameBytes,
      timeMs,
    },
  };
}
