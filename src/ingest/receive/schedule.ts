/**
 * When to flush. Aligned: at multiples of the interval on the wall clock. Not aligned: at StatsD's
 * start, rounded to a second, plus multiples of the interval. Time is an argument.
 *
 * Each boundary is taken once: a late turn skips those it slept through (one flush covers them), a
 * clock set back by less than an interval waits until it has passed the last boundary again, and
 * one set back further starts over from the boundaries of the new time.
 *
 *     start        next        next
 *       |---?------|-----------|---->    the first interval is 0.5 to 1.5 long, as StatsD's
 */
/** How far ahead of its time the last flush may be stamped. */
const AHEAD_MS_MAX = 60_000;

export class FlushSchedule {
  readonly intervalMs: number;
  private readonly aligned: boolean;
  private readonly phaseMs: number;
  private takenMs: number;

  constructor(startMs: number, intervalMs: number, aligned: boolean) {
    this.intervalMs = intervalMs;
    this.aligned = aligned;
    const startRoundedMs = Math.round(startMs / 1000) * 1000;
    this.phaseMs = aligned ? 0 : startRoundedMs % intervalMs;
    this.takenMs = aligned ? Math.round(startMs / intervalMs) * intervalMs : startRoundedMs;
  }

  /** How long to sleep before asking `due` again, at least 1 ms. */
  waitMs(nowMs: number): number {
    const wait = this.takenMs + this.intervalMs - nowMs;
    // Never longer than two intervals, however the clock was set.
    return Math.max(1, Math.min(wait, 2 * this.intervalMs));
  }

  /**
   * Takes the boundary that has been reached, if any: the milliseconds to stamp the flush with (the
   * boundary when aligned, else now as StatsD does) and how many boundaries were slept through.
   */
  due(nowMs: number): { timeMs: number; skipped: number } | undefined {
    if (nowMs < this.takenMs - this.intervalMs) {
      this.takenMs = this.boundaryBefore(nowMs);
      return undefined;
    }
    if (nowMs < this.takenMs + this.intervalMs) return undefined;
    const boundaryMs = this.boundaryBefore(nowMs);
    const skipped = Math.round((boundaryMs - this.takenMs) / this.intervalMs) - 1;
    this.takenMs = boundaryMs;
    return { timeMs: this.aligned ? boundaryMs : nowMs, skipped };
  }

  /**
   * What a flush before its time is stamped with, milliseconds: aligned, with the end of the interval
   * that it cuts short. Stamped with now it would take the slot of the interval before, which a
   * Graphite behind us would overwrite. An end that is far ahead is not waited for.
   */
  lastMs(nowMs: number): number {
    const due = this.due(nowMs);
    if (due !== undefined) return due.timeMs;
    const endMs = this.boundaryBefore(nowMs) + this.intervalMs;
    return this.aligned && endMs - nowMs <= AHEAD_MS_MAX ? endMs : nowMs;
  }

  private boundaryBefore(nowMs: number): number {
    const { phaseMs, intervalMs } = this;
    return Math.floor((nowMs - phaseMs) / intervalMs) * intervalMs + phaseMs;
  }
}
