/**
 * StatsD values with times of their own (DogStatsD's `|T`) on their way to the store, one part after
 * the other: a flush may bring more parts than the store's queue has places. For `daemon.ts`.
 */
import type { SampleWriter } from '../storage/roles.ts';
import {
  addReport,
  emptyReport,
  type SampleBatch,
  type SampleCounts,
} from '../wire/sample-batch.ts';
import { SeriesNames } from '../wire/series-names.ts';
import { LastMistimed } from './last-mistimed.ts';

/** Parts that wait for the store: those of four full flushes. */
const WAITING_MAX = 256;

/** What became of their points; `late`: given up, the store was behind or refused. */
export type TimestampedReport = SampleCounts & { late: number };

export class TimestampedIntake {
  readonly report: TimestampedReport = { ...emptyReport(), late: 0 };
  readonly lastMistimed = new LastMistimed();
  private readonly store: SampleWriter;
  private readonly nowSeconds: () => number;
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(store: SampleWriter, nowSeconds: () => number) {
    this.store = store;
    this.nowSeconds = nowSeconds;
  }

  /** Resolves when the points are durable, or given up; rejects when the store refused them. */
  take(batch: SampleBatch): Promise<void> {
    if (this.waiting >= WAITING_MAX) {
      this.report.late += batch.refs.length;
      return Promise.resolve();
    }
    this.waiting += 1;
    const stored = this.last.then(() => this.append(batch));
    this.last = stored.catch(() => {});
    return stored;
  }

  private async append(batch: SampleBatch): Promise<void> {
    try {
      const names = new SeriesNames();
      names.learn(batch.series);
      const now = this.nowSeconds();
      const report = await this.store.append(batch, now);
      addReport(this.report, report);
      this.lastMistimed.note(report, batch, names.finder(), now);
    } catch (error) {
      this.report.late += batch.refs.length;
      throw error;
    } finally {
      this.waiting -= 1;
    }
  }
}
