/** Of flushes: what the last one held, when it was, and how long they take until they are safe. */
import type { FlushBatch } from '../wire/sample-batch.ts';
import { Histogram } from './histogram.ts';
import { duration, gauge, moment, type OwnMetric } from './own-metric.ts';
import type { SelfMetric } from './prometheus.ts';

export class FlushFigures {
  /** Epoch seconds; 0 before the first. */
  last = 0;
  private durableAt: number;
  private series = 0;
  private processingMs = 0;
  private readonly monotonicMs: () => number;
  private readonly computed = new Histogram(
    'tallyd_flush_duration_seconds',
    'Time that flushes took to compute.',
  );
  private readonly durable = new Histogram(
    'tallyd_flush_durable_duration_seconds',
    'Time from a computed flush to one that survives a power cut.',
  );

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
    this.durableAt = monotonicMs();
  }

  /** Flushes come from now on. */
  begin(): void {
    this.durableAt = this.monotonicMs();
  }

  /** Since the last one that became durable, or they began. */
  sinceDurableMs(): number {
    return this.monotonicMs() - this.durableAt;
  }

  /** `stored` resolves when it is durable. */
  take({ times, refs, flush }: FlushBatch, stored: Promise<unknown>): void {
    this.last = times;
    this.series = refs.length;
    this.processingMs = flush.processingMs;
    this.computed.observe(flush.processingMs);
    const began = this.monotonicMs();
    stored.then(
      () => {
        this.durableAt = this.monotonicMs();
        this.durable.observe(this.durableAt - began);
      },
      () => {}, // counted and told by whoever waits for it
    );
  }

  metrics(): OwnMetric[] {
    return [
      gauge('flush.series', 'Values of the last flush.', this.series),
      duration('flush.processing', 'Time the last flush took to compute.', this.processingMs),
      moment('flush.last', 'When the last flush was.', this.last),
    ];
  }

  histograms(): SelfMetric[] {
    return [...this.computed.metrics(), ...this.durable.metrics()];
  }
}
