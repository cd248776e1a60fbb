/**
 * Requests on their way to the store worker, on the caller's side. A worker whose disk hangs takes
 * nothing off its port, so no more than a few requests are handed over unanswered; the others wait
 * here, in order and in bounded memory. Beyond the bound the oldest flush, or batch of other samples, is
 * given up; what it declared goes on (wire/dictionary.ts), later ones of its producer rely on it.
 */
import type { BatchRequest, Request } from './messages.ts';
import { copied } from '../../../wire/batch-memory.ts';
import { isEmptyDictionary, joinDictionaries } from '../../../wire/dictionary.ts';
import { isFlush, type SampleBatch } from '../../../wire/sample-batch.ts';

/** Unanswered requests at the worker: enough for one transaction to take many small ones. */
const HANDED_OVER_MAX = 16;

interface WriteQueueOptions {
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
    if (request.kind === 'batch') this.bound(isFlush(request.batch));
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

  /** Keeps the number of waiting flushes, or of other batches, within the limit. */
  private bound(ofFlush: boolean): void {
    const isOfKind = (request: Request): request is BatchRequest =>
      request.kind === 'batch' && isFlush(request.batch) === ofFlush;
    let count = 0;
    for (const request of this.waiting) if (isOfKind(request)) count += 1;
    // Those handed over wait as well.
    const limit = Math.max(1, this.options.maxPendingFlushes - this.handedOver);
    if (count <= limit) return;
    const index = this.waiting.findIndex(isOfKind);
    const oldest = this.waiting[index] as BatchRequest; // there were more than none
    if (ofFlush) this.droppedFlushes += 1;
    this.waiting.splice(index, 1);
    this.keepDictionary(index, oldest.batch);
    this.options.onDropped(oldest);
  }

  /** Puts what a batch declared in its place, or joins it to what its producer declared before. */
  private keepDictionary(index: number, batch: SampleBatch): void {
    const { producer } = batch;
    if (isEmptyDictionary(batch.series)) return;
    // The batch's memory is its producer's again.
    const series = copied(batch.series);
    for (let i = index - 1; i >= 0; i--) {
      const before = this.waiting[i]!;
      // What else happens to names stays in its order.
      if (before.kind !== 'batch' && before.kind !== 'dictionary') break;
      if (before.kind === 'batch' || before.producer !== producer) continue;
      before.series = joinDictionaries(before.series, series);
      return;
    }
    const request = {
      kind: 'dictionary' as const,
      job: 0,
      producer,
      isFlush: isFlush(batch),
      series,
    };
    this.waiting.splice(index, 0, request);
  }
}
