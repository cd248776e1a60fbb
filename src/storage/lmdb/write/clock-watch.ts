/**
 * Notices from the times of flushes when the clock was set, to say so: a store goes on either way
 * (RingSet.rewind), but whoever reads its answers should know. Time is an argument.
 */

/** Less than this is what flushes that are late or skipped amount to. */
const LEAP_SECONDS_MIN = 60;

export class ClockWatch {
  /** Times the clock went back or leapt ahead. */
  steps = 0;
  private last = 0;

  /** One sentence when a flush does not follow the one before it; undefined when it does. */
  note(time: number, intervalMs: number): string | undefined {
    const { last } = this;
    this.last = time;
    if (last === 0) return undefined;
    const seconds = time - last;
    const interval = intervalMs / 1000;
    if (seconds < 0) {
      this.steps += 1;
      return `the clock was set back by ${-seconds} s: flushes that meet older ones are joined to them`;
    }
    if (seconds < LEAP_SECONDS_MIN + 3 * interval) return undefined;
    this.steps += 1;
    return `the clock leapt ahead by ${seconds} s, or tallyd was suspended`;
  }
}
