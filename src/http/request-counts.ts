/** Answers of the HTTP server by status, as a metric of tallyd's own. */
import type { FastifyInstance } from 'fastify';
import type { SelfMetric } from '../health/prometheus.ts';

/** Counts answers by status, for `tallyd_http_requests_total`. */
export class RequestCounts {
  private readonly byStatus = new Map<number, number>();

  install(app: FastifyInstance): void {
    app.addHook('onResponse', async (_request, reply) => {
      this.byStatus.set(reply.statusCode, (this.byStatus.get(reply.statusCode) ?? 0) + 1);
    });
  }

  metrics(): SelfMetric[] {
    return [...this.byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, value]) => ({
        name: 'tallyd_http_requests_total',
        help: 'HTTP requests answered, by status.',
        type: 'counter',
        value,
        labels: { code: String(status) },
      }));
  }
}
