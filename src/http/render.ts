/**
 * `/render`: targets in, datapoints out. Renders wait their turn at the gate, so that a dashboard's
 * burst of panels never evaluates all at once, and waiting counts against the request's time.
 */
import type { FastifyInstance } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { evaluateTargets, type EvaluateRequest } from '../query/evaluate.ts';
import type { Series } from '../query/series/series.ts';
import { EventLog } from './event-log.ts';
import type { HttpLimits } from './limits.ts';
import { renderAnswer } from './render-answer.ts';
import { readRenderRequest, type RenderRequest } from './render-request.ts';
import { requestParams, type HttpContext } from './sources.ts';

export function renderRoutes(app: FastifyInstance, context: HttpContext): void {
  const { sources, limits, gate } = context;
  const events = new EventLog(sources.store);
  app.route({
    method: ['GET', 'POST'],
    url: '/render',
    handler: async (request, reply) => {
      const arrived = performance.now();
      const asked = readRenderRequest(requestParams(request), sources.nowSeconds(), limits);
      return gate.run(async () => {
        const waitedMs = performance.now() - arrived;
        if (waitedMs >= limits.requestMs) {
          throw new UserError('tooManyRequests', `waited ${Math.round(waitedMs)} ms for a turn`);
        }
        const series = await evaluateTargets(sources.store, {
          ...toEvaluate(asked, limits, limits.requestMs - waitedMs),
          events: (tags, from, until) =>
            events.find({ from, until, tags: tags.includes('*') ? [] : tags, any: false }),
        });
        checkSize(series, asked, limits);
        const tookMs = performance.now() - arrived - waitedMs;
        const { type, body } = renderAnswer(sources.store, series, asked, tookMs);
        return reply.type(type).send(body);
      });
    },
  });
}

function toEvaluate(asked: RenderRequest, limits: HttpLimits, timeMs: number): EvaluateRequest {
  const { targets, templates, from, until, now, tz, maxDataPoints, xFilesFactor } = asked;
  return {
    targets,
    templates,
    from,
    until,
    now,
    tz,
    ...(maxDataPoints === undefined ? {} : { maxDataPoints }),
    ...(xFilesFactor === undefined ? {} : { xFilesFactor }),
    limits: { seriesMax: limits.series, pointsMax: limits.points, timeMs },
  };
}

/** One series can stand in many targets, so the answer has bounds of its own. */
function checkSize(series: readonly Series[], asked: RenderRequest, limits: HttpLimits): void {
  if (series.length > limits.series) {
    throw new UserError(
      'overLimit',
      `${series.length} series to answer, at most ${limits.series} are allowed in one request`,
    );
  }
  const most = asked.format === 'json' ? (asked.maxDataPoints ?? Infinity) : Infinity;
  const points = series.reduce((sum, one) => sum + Math.min(one.values.length, most), 0);
  if (points > limits.answerPoints) {
    throw new UserError(
      'overLimit',
      `${points} datapoints to answer, at most ${limits.answerPoints} are allowed: ` +
        'ask for less time, fewer series, or json with maxDataPoints',
    );
  }
}
