/** Answers of the HTTP server by status, as a metric of tallyd's own. */
import type { Server } from 'node:http';
import { counter } from '../health/own-metric.ts';
import type { SelfMetric } from '../health/prometheus.ts';
import { answerBroken } from './answers.ts';
import { endWith } from './front.ts';

/**
 * Counts answers by status, for `tallyd_http_requests_total`: on the server, so that those count
 * too that no route gave (during a start, to broken requests).
 */
export class RequestCounts {
  private readonly byStatus = new Map<number, number>();

  install(server: Server): void {
    server.on('clientError', (error, socket) => {
      const status = answerBroken(error, socket);
      if (status !== undefined) this.count(status);
    });
    server.on('connect', (_request, socket) => {
      endWith(socket, 405, 'CONNECT: this is no proxy');
      this.count(405);
    });
  }

  metrics(): SelfMetric[] {
    return [...this.byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, value]) => ({
        ...counter('http.requests', 'HTTP requests answered, by status.', value),
        labels: { code: String(status) },
      }));
  }

  count(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}
