/**
 * What finds no room in the aggregator's tables: new names, and values of names that are there. By
 * reason, with the last name; time and sender are those of the packet that is being read.
 */
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import type { SourceLimit } from './source-limit.ts';

/** Reasons, in the order of `REASONS`. */
export const NO_ROOM_SERIES = 0;
export const NO_ROOM_PREFIX = 1;
export const NO_ROOM_SOURCE = 2;
export const NO_ROOM_TIMED = 3;
export const NO_ROOM_MEMBER = 4;
export const NO_ROOM_VALUE = 5;
export const NO_ROOM_BIN = 6;
export const NO_ROOM_SKETCH = 7;
export const NO_ROOM_PREFIX_BYTES = 8;
const REASONS = [
  'series',
  'prefix',
  'source',
  'timedValues',
  'setMembers',
  'timerValues',
  'timerBins',
  'timerSketches',
  'prefixBytes',
];

export class RejectedSeries {
  /** Epoch seconds. */
  nowSeconds = 0;
  private readonly rejected = new Rejections('series.refused', REASONS);
  private readonly sources: SourceLimit;

  constructor(sources: SourceLimit) {
    this.sources = sources;
  }

  /** The name is the `length` bytes from `from` on. */
  note(reason: number, bytes: Uint8Array, from: number, length: number, count = 1): void {
    this.rejected.note(reason, bytes, from, from + length, this.nowSeconds, this.sources.sender);
    if (count !== 1) this.rejected.count(reason, count - 1);
  }

  /** Lines whose new names were rejected. */
  get ofNames(): number {
    const { rejected } = this;
    return (
      rejected.countOf(NO_ROOM_SERIES) +
      rejected.countOf(NO_ROOM_PREFIX) +
      rejected.countOf(NO_ROOM_PREFIX_BYTES) +
      rejected.countOf(NO_ROOM_SOURCE)
    );
  }

  list(): Rejection[] {
    return this.rejected.list();
  }
}
