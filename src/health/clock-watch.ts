/**
 * Sees when the wall clock was set: it then moves otherwise than the monotonic clock does. Looked at
 * with every flush and every question about health.
 */
import { counter, labelled, type OwnMetric } from './own-metric.ts';
import { RECENT_MS } from './reasons.ts';

/** NTP steers a clock by up to 0.05 %; what is more than this was set. */
const STEERED = 0.001;
const STEP_MS_MIN = 1000;

export class ClockWatch {
  private readonly wallMs: () => number;
  private readonly monotonicMs: () => number;
  private last: { wall: number; monotonic: number };
  private steps = { back: 0, forward: 0 };
  private back: { ms: number; at: number } | undefined;

  constructor(wallMs: () => number, monotonicMs: () => number) {
    this.wallMs = wallMs;
    this.monotonicMs = monotonicMs;
    this.last = { wall: wallMs(), monotonic: monotonicMs() };
  }

  look(): void {
    const now = { wall: this.wallMs(), monotonic: this.monotonicMs() };
    const passed = now.monotonic - this.last.monotonic;
    const step = now.wall - this.last.wall - passed;
    this.last = now;
    if (Math.abs(step) <= Math.max(STEP_MS_MIN, passed * STEERED)) return;
    this.steps[step < 0 ? 'back' : 'forward'] += 1;
    if (step < 0) this.back = { ms: -step, at: now.monotonic };
  }

  /** Seconds by which the clock was last set back, and how long ago; undefined once that is long ago. */
  setBack(): { seconds: number; agoSeconds: number } | undefined {
    if (this.back === undefined) return undefined;
    const ago = this.monotonicMs() - this.back.at;
    if (ago > RECENT_MS) return undefined;
    return { seconds: Math.round(this.back.ms / 1000), agoSeconds: Math.round(ago / 1000) };
  }

  metrics(): OwnMetric[] {
    const help = 'Times that the clock of this machine was set, or that it slept, by direction.';
    return Object.entries(this.steps).map(([direction, count]) =>
      labelled(counter('clock.steps', help, count), 'direction', direction),
    );
  }
}
