/**
 * Deletes series that got no value for long (`expireIdleSeries`). Time in which nothing could come,
 * because tallyd did not run or the disk refused writes, does not count: such pauses are noted in
 * the store. A series of which it is not known when a value last came stays.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Log } from '../lib/log.ts';
import type { RecordStore, SeriesAdmin, SeriesReader, StoreLifecycle } from '../storage/roles.ts';
import type { Job } from './job-runner.ts';

/** As often as the times of last writes are stored. */
const EVERY_MS = 600_000;

/** The time of a last write is known to within so many seconds. */
const SEEN_SECONDS = 600;
/** Series looked at between two turns of the event loop, and deleted in one call. */
const SLICE = 1000;
/** Pauses that are remembered; older ones count as time in which values could come. */
const PAUSES_MAX = 1000;
const PAUSES_KEY = 'idle-series/pauses';

/** What is needed of the store. */
type ExpiringStore = Pick<SeriesReader, 'seriesFrom' | 'lastWrite'> &
  Pick<SeriesAdmin, 'delete'> &
  Pick<StoreLifecycle, 'health'> &
  RecordStore;

/** From and until, epoch seconds. */
type Pause = [from: number, until: number];

export class IdleSeries implements Job {
  readonly name = 'idle series';
  readonly everyMs = EVERY_MS;
  readonly firstMs = EVERY_MS;
  readonly failure = 'idle series and old events not deleted';
  /** Seconds without a value after which a series goes; 0: never. */
  expireSeconds: number;
  /** Series deleted since the start. */
  deleted = 0;
  /** Epoch seconds of the last complete look at all series; 0: none yet. */
  lastRun = 0;
  private readonly store: ExpiringStore;
  private readonly gapSeconds: number;
  private readonly log: Log;
  private pauses: Pause[] = [];
  /** Newest flush before the pause that is under way. */
  private pausedSince: number | undefined;

  constructor(store: ExpiringStore, expireSeconds: number, flushIntervalMs: number, log: Log) {
    this.store = store;
    this.expireSeconds = expireSeconds;
    this.gapSeconds = Math.max(SEEN_SECONDS, (2 * flushIntervalMs) / 1000);
    this.log = log;
  }

  /** Before the first flush: notes for how long tallyd did not run. */
  async begin(now: number): Promise<void> {
    const [record] = this.store.listRecords(PAUSES_KEY);
    if (record !== undefined) this.pauses = JSON.parse(record.text) as Pause[];
    const { lastDurableFlush } = this.store.health();
    if (lastDurableFlush > 0 && now - lastDurableFlush > this.gapSeconds) {
      await this.addPause([lastDurableFlush, now]);
    }
  }

  /** Looks at all series once; resolves to the number deleted. */
  async run(now: number, signal?: AbortSignal): Promise<number> {
    if (this.expireSeconds === 0 || (await this.isPaused(now))) return 0;
    let deleted = 0;
    const examples: string[] = [];
    for (let id: number | undefined = 0; id !== undefined && !signal?.aborted;) {
      const { series, next } = this.store.seriesFrom(id, SLICE);
      const idle = series.filter((one) => this.isIdle(one.id, now)).map(({ name }) => name);
      if (idle.length > 0) {
        examples.push(...idle.slice(0, 3 - examples.length));
        const count = await this.store.delete(idle);
        deleted += count;
        this.deleted += count;
      } else await turn();
      id = next;
    }
    if (!signal?.aborted) this.lastRun = now;
    if (deleted > 0) {
      const days = Math.round(this.expireSeconds / 8640) / 10;
      this.log(
        'info',
        `${deleted} series deleted that got no value for ${days} days: ` +
          examples.join(', ') +
          (deleted > examples.length ? ', …' : ''),
      );
    }
    return deleted;
  }

  private isIdle(id: number, now: number): boolean {
    const seen = this.store.lastWrite(id);
    if (seen === 0) return false;
    const idleSeconds = now - seen - SEEN_SECONDS;
    return (
      idleSeconds >= this.expireSeconds && idleSeconds - this.paused(seen) >= this.expireSeconds
    );
  }

  /** Seconds since a moment in which no value could come. */
  private paused(since: number): number {
    let seconds = 0;
    for (const [from, until] of this.pauses) {
      if (until > since) seconds += until - Math.max(from, since);
    }
    return seconds;
  }

  /** Whether flushes are not stored now; when they are again, the pause is noted. */
  private async isPaused(now: number): Promise<boolean> {
    const { lastDurableFlush } = this.store.health();
    if (now - lastDurableFlush > this.gapSeconds) {
      this.pausedSince ??= lastDurableFlush;
      return true;
    }
    if (this.pausedSince !== undefined) {
      await this.addPause([this.pausedSince, now]);
      this.pausedSince = undefined;
    }
    return false;
  }

  private async addPause(pause: Pause): Promise<void> {
    this.pauses = [...this.pauses, pause].slice(-PAUSES_MAX);
    await this.store.putRecord(PAUSES_KEY, JSON.stringify(this.pauses));
  }
}
