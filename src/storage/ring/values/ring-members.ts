/**
 * What the rings of one class know of their series, as columns by column: how to roll them up, and
 * since when the column is theirs.
 */
import { grown } from '../../../lib/grown.ts';
import { NO_TIMER } from '../../../wire/statistics.ts';
import type { RingSeries } from './columns.ts';
import type { SeriesTimers } from '../rollup/timer-rollup.ts';

const INITIAL_CAPACITY = 256;

export class RingMembers {
  /** Columns in use or used before: 0 up to `count`. */
  count = 0;
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  private sinceTimes = new Uint32Array(INITIAL_CAPACITY);
  private hasTimers = false;
  private timers = new Uint32Array(INITIAL_CAPACITY).fill(NO_TIMER);
  private stats = new Uint8Array(INITIAL_CAPACITY);
  private arguments = new Float64Array(INITIAL_CAPACITY);

  set(column: number, method: number, xFilesFactor: number, since: number): void {
    if (column >= this.methods.length) this.grow(column + 1);
    if (column >= this.count) this.count = column + 1;
    this.methods[column] = method;
    this.xFilesFactors[column] = xFilesFactor;
    this.sinceTimes[column] = since;
    this.timers[column] = NO_TIMER;
  }

  /** The column's series, set before, is a statistic of a timer. */
  setTimer(column: number, one: { timer: number; stat: number; argument: number }): void {
    this.hasTimers = true;
    this.timers[column] = one.timer;
    this.stats[column] = one.stat;
    this.arguments[column] = one.argument;
  }

  /** Whatever the column holds up to `time` is no longer to be seen. */
  hideUntil(column: number, time: number): void {
    this.sinceTimes[column] = time;
  }

  since(column: number): number {
    return this.sinceTimes[column]!;
  }

  /** Columns from `first` up to `end`, as far as there are any. */
  range(first: number, end: number): Uint32Array {
    const last = Math.max(first, Math.min(end, this.count));
    const columns = new Uint32Array(last - first);
    for (let i = 0; i < columns.length; i++) columns[i] = first + i;
    return columns;
  }

  /** Whether a series from `first` up to `end` has slots after `time` that are not its own. */
  isAnySinceAfter(first: number, end: number, time: number): boolean {
    for (let column = first; column < end; column++)
      if (this.sinceTimes[column]! > time) return true;
    return false;
  }

  /** How series from `first` up to `end` are rolled up: views. */
  columns(first: number, end: number): { methods: Uint8Array; xFilesFactors: Float64Array } {
    return {
      methods: this.methods.subarray(first, end),
      xFilesFactors: this.xFilesFactors.subarray(first, end),
    };
  }

  series(columns: Uint32Array): RingSeries {
    return {
      columns,
      methods: Uint8Array.from(columns, (column) => this.methods[column]!),
      xFilesFactors: Float64Array.from(columns, (column) => this.xFilesFactors[column]!),
      since: Uint32Array.from(columns, (column) => this.sinceTimes[column]!),
      ...(this.hasTimers ? { timers: this.timersOf(columns) } : {}),
    };
  }

  /** Of which timers series from `first` up to `end` are statistics: views; undefined: of none. */
  timerColumns(first: number, end: number): SeriesTimers | undefined {
    const timers = this.timers.subarray(first, end);
    if (!this.hasTimers || timers.every((timer) => timer === NO_TIMER)) return undefined;
    const stats = this.stats.subarray(first, end);
    return { timers, stats, arguments: this.arguments.subarray(first, end) };
  }

  private timersOf(columns: Uint32Array): SeriesTimers {
    return {
      timers: Uint32Array.from(columns, (column) => this.timers[column]!),
      stats: Uint8Array.from(columns, (column) => this.stats[column]!),
      arguments: Float64Array.from(columns, (column) => this.arguments[column]!),
    };
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.methods.length * 2);
    this.methods = grown(this.methods, new Uint8Array(capacity));
    this.xFilesFactors = grown(this.xFilesFactors, new Float64Array(capacity));
    this.sinceTimes = grown(this.sinceTimes, new Uint32Array(capacity));
    this.timers = grown(this.timers, new Uint32Array(capacity).fill(NO_TIMER));
    this.stats = grown(this.stats, new Uint8Array(capacity));
    this.arguments = grown(this.arguments, new Float64Array(capacity));
  }
}
