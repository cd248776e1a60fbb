/**
 * Whether one more series is admitted: by the limit on all, that of its prefix, and the disk. What is
 * rejected is counted, with the last name. Used by writer.ts.
 */
import {
  FULL_ALL_BYTES,
  FULL_BYTES,
  FULL_NAMES,
  PrefixLimit,
  type PrefixOptions,
} from '../../../rejections/prefix-limit.ts';
import { type Rejection, Rejections } from '../../../rejections/rejections.ts';
import { NAME_FAULTS, nameFault } from '../../../wire/series-name.ts';

/** Reasons, in the order of `REASONS`. */
const LIMIT = 0;
const PREFIX = 1;
const DISK = 2;
const BYTES = 3;
const PREFIX_BYTES = 4;
const REASONS = ['limit', 'prefix', 'disk', 'bytes', 'prefixBytes', ...NAME_FAULTS] as const;

export interface SeriesLimits {
  maxSeries: number;
  /** undefined: prefixes may have as many as there are. */
  prefixes?: PrefixOptions | undefined;
}

export class SeriesLimit {
  /** Counts by prefix; whoever makes and forgets series tells it. */
  readonly prefixes: PrefixLimit | undefined;
  /** Whether the disk is too full for more, whatever their number. */
  isLow: () => boolean = () => false;
  private readonly maxSeries: number;
  private readonly counted = new Rejections('store.refused', REASONS);

  constructor({ maxSeries, prefixes }: SeriesLimits) {
    this.maxSeries = maxSeries;
    this.prefixes = prefixes === undefined ? undefined : new PrefixLimit(prefixes);
  }

  /** Whether a series of this name may be made beside `count` others. */
  admits(name: string, count: number): boolean {
    return this.obstacle(name, count) === undefined;
  }

  /** As `admits`; a no is counted. `now` in epoch seconds. */
  admit(name: string, count: number, now: number): boolean {
    const reason = this.obstacle(name, count);
    if (reason === undefined) return true;
    this.counted.noteText(reason, name, Math.trunc(now));
    return false;
  }

  /** Series of a whisper import, which an operator wants: past the budget of their prefix. */
  admitImport(name: string, count: number, now: number): boolean {
    const reason = this.obstacle(name, count);
    const isOfPrefix = reason === PREFIX || reason === PREFIX_BYTES;
    return reason === undefined || isOfPrefix || this.admit(name, count, now);
  }

  /** Whether it is a name at all, and there may be one more with its prefix. */
  admitsName(name: string): boolean {
    return nameFault(name) === undefined && this.prefixObstacle(name) === undefined;
  }

  private prefixObstacle(name: string): number | undefined {
    if (this.prefixes === undefined) return undefined;
    const bytes = Buffer.from(name);
    const obstacle = this.prefixes.obstacle(bytes, 0, bytes.length);
    if (obstacle === FULL_NAMES) return PREFIX;
    if (obstacle === FULL_ALL_BYTES) return BYTES;
    return obstacle === FULL_BYTES ? PREFIX_BYTES : undefined;
  }

  get rejectedCount(): number {
    return this.counted.total;
  }

  rejections(): Rejection[] {
    return this.counted.list();
  }

  private obstacle(name: string, count: number): number | undefined {
    const fault = nameFault(name);
    if (fault !== undefined) return REASONS.indexOf(fault);
    if (count >= this.maxSeries) return LIMIT;
    if (this.isLow()) return DISK;
    return this.prefixObstacle(name);
  }
}
