/**
 * Requests on their way to the store worker, on the caller's side. A worker whose disk hangs takes
 * nothing off its port, so no more than a few requests are handed over unanswered; the others wait
 * here, in order and in bounded memory. Beyond the bound the oldest flush or batch of points is
 * given up; what a flush declared goes on (wire/dictionary.ts), later ones rely on it.
 */
import type { DictionaryRequest, Request } from './messages.ts';
import { joinDictionaries } from '../../../wire/dictionary.ts';

/** Unanswered requests at the worker: enough for one transaction to take many small ones. */
const HANDED_OVER_MAX = 16;

export interface WriteQueueOptions {
  /** Flushes that wait at most, here and at the worker; and batches of points. */
  maxPendingFlushes: number;
  post(request: Request): void;
  /** A request whose data was given up. */
  onDropped(request: Request): void;
}

export class WriteQueue {
  /** Flushes given up here. */
  droppedFlushes = 0;
  private readonly options: WriteQueueOptions;
  private readonly handedOverMax: number;
  private handedOver = 0;
  private waiting: Request[] = [];

  constructor(options: WriteQueueOptions) {
    this.options = options;
    const half = Math.floor(options.maxPendingFlushes / 2);
    this.handedOverMax = Math.min(HANDED_OVER_MAX, Math.max(1, half));
  }

  push(request: Request): void {
    this.waiting.push(request);
    if (request.kind === 'close') this.handOver(Infinity);
    else this.handOver(this.handedOverMax);
    if (request.kind === 'batch' || request.kind === 'points') this.bound(request.kind);
  }

  /** The worker answered so many requests. */
  answered(count: number): void {
    this.handedOver -= count;
    this.handOver(this.handedOverMax);
  }

  private handOver(limit: number): void {
    const count = Math.min(this.waiting.length, limit - this.handedOver);
    if (count <= 0) return;
    this.handedOver += count;
    for (const request of this.waiting.splice(0, count)) this.options.post(request);
  }

  private bound(kind: 'batch' | 'points'): void {
    let count = 0;
    for (const request of this.waiting) if (request.kind === kind) count += 1;
    // Those handed over wait as well.
    const limit = Math.max(1, this.options.maxPendingFlushes - this.handedOver);
    if (count <= limit) return;
    const index = this.waiting.findIndex((request) => request.kind === kind);
    const oldest = this.waiting[index]!; // there were more than none
    if (oldest.kind === 'batch') {
      this.droppedFlushes += 1;
      const { producer, series } = oldest.batch;
      this.keepDictionary(index, { kind: 'dictionary', job: 0, producer, series });
    } else {
      this.waiting.splice(index, 1);
    }
    this.options.onDropped(oldest);
  }

  /** Puts a dictionary in the place of its batch, joined to that of the batch before it. */
  private keepDictionary(index: number, dictionary: DictionaryRequest): void {
    const before = this.waiting[index - 1];
    if (before?.kind === 'dictionary') {
      before.series = joinDictionaries(before.series, dictionary.series);
      this.waiting.splice(index, 1);
    } else {
      this.waiting[index] = dictionary;
    }
  }
}
