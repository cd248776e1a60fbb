/**
 * Turns the aggregates into batches on schedule. A flush is computed in slices of 1.5 ms between
 * which sockets are drained, since a kernel buffer lasts some 10 ms at full speed. Batches in flight
 * are bounded: when main is late, aggregation goes on, the boundary passes without a flush, and that
 * is counted and said. Used by the ingest engine.
 */
import assert from 'node:assert/strict';
import type { FlushBatch } from '../../wire/sample-batch.ts';
import { FlushSchedule } from './schedule.ts';

const SLICE_MS = 1.5;
const BATCHES_IN_FLIGHT_MAX = 2;

/** What is flushed: the two calls of an aggregator that a flush needs. */
export interface FlushSource {
  beginFlush(timeSeconds: number): void;
  continueFlush(budgetMs: number, nowMs: () => number): FlushBatch | undefined;
}

export interface FlushClock {
  /** Wall clock, milliseconds. */
  nowMs(): number;
  /** Calls once after `ms`; returns how to cancel. */
  after(ms: number, callback: () => void): () => void;
  /** Calls after the sockets had their turn. */
  nextTurn(callback: () => void): void;
}

export interface FlushHealth {
  flushes: number;
  framesInFlight: number;
  /** Boundaries that passed without a flush of their own because batches were unacknowledged. */
  flushesHeld: number;
  /** Boundaries that passed while the thread was busy or the clock jumped. */
  flushesSkipped: number;
}

interface FlusherEvents {
  onFlush(batch: FlushBatch): void;
  onHeld(heldInARow: number): void;
}

export class Flusher {
  readonly health: FlushHealth = {
    flushes: 0,
    framesInFlight: 0,
    flushesHeld: 0,
    flushesSkipped: 0,
  };
  private readonly source: FlushSource;
  private readonly schedule: FlushSchedule;
  private readonly clock: FlushClock;
  private readonly events: FlusherEvents;
  private readonly unacknowledged = new Set<number>();
  private state: 'idle' | 'flushing' | 'stopped' = 'idle';
  private heldInARow = 0;
  private cancelTimer: () => void = () => undefined;

  constructor(
    source: FlushSource,
    timing: { intervalMs: number; aligned: boolean },
    clock: FlushClock,
    events: FlusherEvents,
  ) {
    this.source = source;
    this.clock = clock;
    this.events = events;
    this.schedule = new FlushSchedule(clock.nowMs(), timing.intervalMs, timing.aligned);
  }

  start(): void {
    const wait = this.schedule.waitMs(this.clock.nowMs());
    this.cancelTimer = this.clock.after(wait, () => {
      this.tick();
      if (this.state !== 'stopped') this.start();
    });
  }

  acknowledge(sequence: number): void {
    this.unacknowledged.delete(sequence);
    this.health.framesInFlight = this.unacknowledged.size;
  }

  /** The last flush, at once and whatever is in flight; nothing comes after it. */
  finish(): void {
    if (this.state === 'stopped') return;
    this.cancelTimer();
    if (this.state === 'flushing') this.complete();
    this.state = 'stopped';
    this.source.beginFlush(Math.round(this.schedule.lastMs(this.clock.nowMs()) / 1000));
    this.complete();
  }

  private tick(): void {
    const due = this.schedule.due(this.clock.nowMs());
    if (due === undefined) return;
    this.health.flushesSkipped += due.skipped;
    if (this.state === 'flushing') {
      this.health.flushesSkipped += 1;
      return;
    }
    if (this.unacknowledged.size >= BATCHES_IN_FLIGHT_MAX) {
      this.health.flushesHeld += 1;
      this.heldInARow += 1;
      this.events.onHeld(this.heldInARow);
      return;
    }
    this.heldInARow = 0;
    this.state = 'flushing';
    this.source.beginFlush(Math.round(due.timeMs / 1000));
    this.slice();
  }

  private slice(): void {
    if (this.state !== 'flushing') return;
    const batch = this.source.continueFlush(SLICE_MS, monotonicMs);
    if (batch === undefined) {
      this.clock.nextTurn(() => this.slice());
      return;
    }
    this.state = 'idle';
    this.send(batch);
  }

  private complete(): void {
    const batch = this.source.continueFlush(Infinity, monotonicMs);
    assert(batch !== undefined, 'a flush without a time limit is complete');
    this.send(batch);
  }

  private send(batch: FlushBatch): void {
    this.health.flushes += 1;
    this.unacknowledged.add(batch.sequence);
    this.health.framesInFlight = this.unacknowledged.size;
    this.events.onFlush(batch);
  }
}

function monotonicMs(): number {
  return performance.now();
}
