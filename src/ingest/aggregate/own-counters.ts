/**
 * What StatsD counts about itself, as ordinary metrics under `prefixStats`: three counters and, from
 * the second flush on, the gauge `timestamp_lag`. They are never deleted for being idle.
 */
import { KIND_COUNTER, KIND_GAUGE } from '../protocol/cursor.ts';
import { setGauge } from './gauge.ts';
import { FLAG_PINNED, type Metrics } from './metrics.ts';
import { NONE } from './name-table.ts';

/** In StatsD's order of birth. */
const NAMES = ['bad_lines_seen', 'packets_received', 'metrics_received'];

export class OwnCounters {
  private readonly metrics: Metrics;
  /** NONE once the console deleted one, until it counts again. */
  private readonly ids = new Int32Array(NAMES.length).fill(NONE);
  private lastFlushTime = NaN;

  constructor(metrics: Metrics) {
    this.metrics = metrics;
    for (let i = 0; i < NAMES.length; i++) this.pinCounter(i);
  }

  /** Adds the first three amounts: bad lines, packets, lines. */
  add(amounts: Float64Array): void {
    const { metrics, ids } = this;
    for (let i = 0; i < NAMES.length; i++) {
      if (amounts[i] === 0) continue;
      if (ids[i] === NONE) this.pinCounter(i);
      metrics.names.doubles[metrics.valueIndex(ids[i]!, metrics.epoch)]! += amounts[i]!;
    }
  }

  /** A reload zeroes them, under the prefix of the new configuration. */
  reset(): void {
    const { metrics, ids } = this;
    for (let i = 0; i < NAMES.length; i++) {
      this.pinCounter(i);
      metrics.names.doubles[metrics.valueIndex(ids[i]!, metrics.epoch)] = 0;
    }
  }

  forget(deleted: Set<number>): void {
    for (let i = 0; i < NAMES.length; i++) if (deleted.has(this.ids[i]!)) this.ids[i] = NONE;
  }

  /** How late a flush is (seconds), as a gauge; the first flush has nothing to compare with. */
  noteFlush(time: number): void {
    const { config } = this.metrics;
    const lag = time - this.lastFlushTime - config.flushIntervalMs / 1000;
    this.lastFlushTime = time;
    if (Number.isNaN(lag)) return;
    const id = this.pin(`${config.namespace.prefixStats}.timestamp_lag`, KIND_GAUGE);
    setGauge(this.metrics, id, lag);
  }

  private pinCounter(index: number): void {
    const prefix = this.metrics.config.namespace.prefixStats;
    this.ids[index] = this.pin(`${prefix}.${NAMES[index]!}`, KIND_COUNTER);
  }

  private pin(name: string, kind: number): number {
    const id = this.metrics.ensure(name, kind);
    this.metrics.flags[id]! |= FLAG_PINNED;
    return id;
  }
}
