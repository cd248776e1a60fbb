/**
 * What the rings of one class know of their series, as columns by sid: how to roll them up, and
 * since when the sid is theirs.
 */
import { NO_TIMER } from '../../../wire/statistics.ts';
import type { RingSeries } from './columns.ts';
import type { SeriesTimers } from '../rollup/timer-rollup.ts';

const INITIAL_CAPACITY = 256;

export class RingMembers {
  /** Sids in use or used before: 0 up to `count`. */
  count = 0;
  private methods = new Uint8Array(INITIAL_CAPACITY);
  private xFilesFactors = new Float64Array(INITIAL_CAPACITY);
  private borns = new Uint32Array(INITIAL_CAPACITY);
  private hasTimers = false;
  private timers = new Uint32Array(INITIAL_CAPACITY).fill(NO_TIMER);
  private stats = new Uint8Array(INITIAL_CAPACITY);
  private arguments = new Float64Array(INITIAL_CAPACITY);

  set(sid: number, method: number, xFilesFactor: number, born: number): void {
    if (sid >= this.methods.length) this.grow(sid + 1);
    if (sid >= this.count) this.count = sid + 1;
    this.methods[sid] = method;
    this.xFilesFactors[sid] = xFilesFactor;
    this.borns[sid] = born;
    this.timers[sid] = NO_TIMER;
  }

  /** The sid's series, set before, is a statistic of a timer. */
  setTimer(sid: number, one: { timer: number; stat: number; argument: number }): void {
    this.hasTimers = true;
    this.timers[sid] = one.timer;
    this.stats[sid] = one.stat;
    this.arguments[sid] = one.argument;
  }

  /** Whatever the sid holds up to `time` is no longer to be seen. */
  hideUntil(sid: number, time: number): void {
    this.borns[sid] = time;
  }

  born(sid: number): number {
    return this.borns[sid]!;
  }

  /** Sids from `first` up to `end`, as far as there are any. */
  range(first: number, end: number): Uint32Array {
    const last = Math.max(first, Math.min(end, this.count));
    const sids = new Uint32Array(last - first);
    for (let i = 0; i < sids.length; i++) sids[i] = first + i;
    return sids;
  }

  /** Whether a series from `first` up to `end` has slots after `time` that are not its own. */
  hasBornAfter(first: number, end: number, time: number): boolean {
    for (let sid = first; sid < end; sid++) if (this.borns[sid]! > time) return true;
    return false;
  }

  /** How series from `first` up to `end` are rolled up: views. */
  columns(first: number, end: number): { methods: Uint8Array; xFilesFactors: Float64Array } {
    return {
      methods: this.methods.subarray(first, end),
      xFilesFactors: this.xFilesFactors.subarray(first, end),
    };
  }

  series(sids: Uint32Array): RingSeries {
    return {
      sids,
      methods: Uint8Array.from(sids, (sid) => this.methods[sid]!),
      xFilesFactors: Float64Array.from(sids, (sid) => this.xFilesFactors[sid]!),
      borns: Uint32Array.from(sids, (sid) => this.borns[sid]!),
      ...(this.hasTimers ? { timers: this.timersOf(sids) } : {}),
    };
  }

  /** Of which timers series from `first` up to `end` are statistics: views; undefined: of none. */
  timerColumns(first: number, end: number): SeriesTimers | undefined {
    const timers = this.timers.subarray(first, end);
    if (!this.hasTimers || timers.every((timer) => timer === NO_TIMER)) return undefined;
    const stats = this.stats.subarray(first, end);
    return { timers, stats, arguments: this.arguments.subarray(first, end) };
  }

  private timersOf(sids: Uint32Array): SeriesTimers {
    return {
      timers: Uint32Array.from(sids, (sid) => this.timers[sid]!),
      stats: Uint8Array.from(sids, (sid) => this.stats[sid]!),
      arguments: Float64Array.from(sids, (sid) => this.arguments[sid]!),
    };
  }

  private grow(needed: number): void {
    const capacity = Math.max(needed, this.methods.length * 2);
    const { methods, xFilesFactors, borns } = this;
    this.methods = new Uint8Array(capacity);
    this.xFilesFactors = new Float64Array(capacity);
    this.borns = new Uint32Array(capacity);
    this.methods.set(methods);
    this.xFilesFactors.set(xFilesFactors);
    this.borns.set(borns);
    const { timers, stats, arguments: args } = this;
    this.timers = new Uint32Array(capacity).fill(NO_TIMER);
    this.stats = new Uint8Array(capacity);
    this.arguments = new Float64Array(capacity);
    this.timers.set(timers);
    this.stats.set(stats);
    this.arguments.set(args);
  }
}
