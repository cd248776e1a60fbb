/**
 * Collects carbon points into batches for the main thread. Batches in flight are bounded: with all
 * of them unacknowledged and the next one full, `onFull` asks the listeners to hold their senders
 * back (TCP); points that still come (UDP) are dropped and counted.
 */
import type { PointBatch } from '../../wire.ts';

export interface PointQueueLimits {
  batchPoints: number;
  batchesInFlight: number;
  /** How long a point may wait for company. */
  delayMs: number;
}

export const POINT_QUEUE_LIMITS: PointQueueLimits = {
  batchPoints: 10_000,
  batchesInFlight: 4,
  delayMs: 20,
};

export interface PointQueueEvents {
  onBatch(batch: PointBatch): void;
  onFull(): void;
  onRoom(): void;
}

export class PointQueue {
  /** Points taken in, and points dropped because main was late. */
  taken = 0;
  dropped = 0;
  private readonly limits: PointQueueLimits;
  private readonly events: PointQueueEvents;
  private names: string[] = [];
  private times: number[] = [];
  private values: number[] = [];
  private inFlight = 0;
  private full = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(limits: PointQueueLimits, events: PointQueueEvents) {
    this.limits = limits;
    this.events = events;
  }

  /** `mayDrop`: the sender cannot be held back, so past the bound the point is dropped. */
  add(name: string, time: number, value: number, mayDrop: boolean): void {
    if (this.full && mayDrop) {
      this.dropped += 1;
      return;
    }
    this.names.push(name);
    this.times.push(time);
    this.values.push(value);
    this.taken += 1;
    if (this.names.length >= this.limits.batchPoints) this.send();
    else this.timer ??= setTimeout(() => this.send(), this.limits.delayMs);
  }

  acknowledge(): void {
    if (this.inFlight > 0) this.inFlight -= 1;
    // No timer runs when the last one found no room.
    if (this.full || this.timer === undefined) this.send();
    if (this.full && this.names.length < this.limits.batchPoints) {
      this.full = false;
      this.events.onRoom();
    }
  }

  /** Sends what is left whatever is in flight; for the end. */
  finish(): void {
    this.sendNow();
  }

  private send(): void {
    if (this.inFlight < this.limits.batchesInFlight) {
      this.sendNow();
    } else if (!this.full && this.names.length >= this.limits.batchPoints) {
      this.full = true;
      this.events.onFull();
    } else {
      this.timer = undefined;
    }
  }

  private sendNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.names.length === 0) return;
    this.inFlight += 1;
    const { names, times, values } = this;
    this.names = [];
    this.times = [];
    this.values = [];
    this.events.onBatch({
      kind: 'points',
      names,
      times: Float64Array.from(times),
      values: Float64Array.from(values),
    });
  }
}
