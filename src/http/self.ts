/**
 * What tallyd says of itself: `GET /health`, and Prometheus' page (served by `find.ts`, because
 * `/metrics?query=` is Graphite's find). Numbers come from `HttpDeps`; HTTP's own are added here.
 */
import type { FastifyInstance } from 'fastify';
import { UserError } from '../lib/errors.ts';
import { eventLogOf } from '../intake/event-log.ts';
import { startingReport } from './startup-server.ts';
import { isFailing, type HealthReport } from '../health/health.ts';
import { counter, gauge } from '../health/own-metric.ts';
import { exposition } from '../health/prometheus.ts';
import type { RequestLimit } from '../query/evaluate/request-limit.ts';
import type { HttpContext } from './http-deps.ts';
import { seesAll, type Visitor, visitorOf } from './visitors.ts';

/** 200 while metrics are received and stored, 503 when the store fails or cannot be asked. */
export function healthRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get('/health', { config: { needs: 'nothing' } }, async (request, reply) => {
    reply.header('cache-control', 'no-store').type('application/json');
    let report: HealthReport;
    try {
      report = await context.deps.health();
    } catch (error) {
      if (error instanceof UserError && error.code === 'storeBusy') {
        return reply.code(503).send(startingReport(error.message));
      }
      context.deps.logger.error({ err: error }, 'health could not be read');
      const answer = { status: 'failing', reason: 'the state could not be read' };
      return reply.code(503).send(JSON.stringify(answer));
    }
    // Whoever probes needs no more; the rest has names in it, and who sends them.
    const shown = seesAll(visitorOf(request)) ? report : { status: report.status };
    return reply.code(isFailing(report) ? 503 : 200).send(JSON.stringify(shown, null, 2));
  });
}

/** Prefixes whose names are counted on Prometheus' page: each is a series there. */
const PREFIXES_MAX = 20;

/** `limit`: of the request, for what takes a walk. */
export async function prometheusPage(
  context: HttpContext,
  { store }: Visitor,
  limit: RequestLimit,
): Promise<string> {
  const { cache, gate, pictures, traffic, visitors } = context;
  const prefixes = await limit.run(store.listingPrefixes(PREFIXES_MAX));
  const events = eventLogOf(context.whole);
  return exposition([
    ...(await context.deps.selfMetrics()),
    ...(context.deps.pageOnly?.() ?? []),
    ...prefixes.map(({ prefix, series }) => ({
      ...gauge('store.prefix_series', 'Series below a prefix, of the largest ones.', series),
      labels: { prefix },
    })),
    ...context.renders.metrics(),
    ...traffic.counts.metrics(),
    ...traffic.connections.metrics(),
    ...traffic.bodies.metrics(),
    gauge('http.renders_running', 'Renders being evaluated now.', gate.running),
    counter(
      'http.renders_refused',
      'Renders refused because too many were waiting.',
      gate.rejected,
    ),
    counter(
      'http.renders_abandoned',
      'Renders ended early because their senders had gone.',
      gate.abandoned,
    ),
    counter('http.pictures_drawn', 'Pictures drawn.', pictures.drawn),
    counter(
      'http.pictures_abandoned',
      'Pictures not drawn because their senders had gone.',
      pictures.abandoned,
    ),
    gauge('events_kept', 'Events (annotations) that are kept.', events.size),
    counter(
      'events_surplus_deleted',
      'Events deleted because there were more than maxEvents or maxEventBytes.',
      events.surplusDeleted,
    ),
    gauge('events_bytes', 'Bytes of the events that are kept.', events.bytes),
    counter('events_unreadable', 'Records of events that could not be read.', events.unreadable),
    counter(
      'metadata_refused',
      'Metadata not written because of maxMetadata or maxMetadataBytes.',
      context.metadata.refused,
    ),
    counter(
      'dashboards_refused',
      'Dashboards not kept because of maxDashboards or maxDashboardBytes.',
      context.dashboards.refused,
    ),
    ...visitors.logins.metrics(),
    ...cache.metrics(),
  ]);
}
