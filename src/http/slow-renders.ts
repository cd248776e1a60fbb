/**
 * The renders that took longest in the last day, those that were refused for what they cost among them:
 * for the overview. What is noted is short, and there are few.
 */
import { Histogram } from '../health/histogram.ts';
import { UserError } from '../lib/errors.ts';

interface SlowRender {
  targets: string[];
  /** Of its targets, those that are not named. */
  moreTargets: number;
  /** Epoch seconds. */
  from: number;
  until: number;
  /** When it was answered. */
  time: number;
  ms: number;
  /** Why it was refused, where it was. */
  refused?: string;
}

interface Asked {
  targets: readonly string[];
  from: number;
  until: number;
}

const RENDERS_MAX = 20;
const DAY_SECONDS = 86_400;
/** Nobody calls less slow. */
const SLOW_MS = 50;
const TARGETS_MAX = 5;
const TARGET_LENGTH_MAX = 500;

export class SlowRenders {
  readonly durations = new Histogram(
    'tallyd_http_render_duration_seconds',
    'Time that renders took to evaluate, those that were refused for what they cost too.',
  );
  private slowest: SlowRender[] = [];

  /** Does a render and notes it where it was slow. */
  async measure<T>(asked: Asked, now: () => number, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      const answer = await work();
      this.note(asked, performance.now() - started, now());
      return answer;
    } catch (error) {
      if (error instanceof UserError && error.code === 'overLimit') {
        this.note(asked, performance.now() - started, now(), error.message);
      }
      throw error;
    }
  }

  note(asked: Asked, ms: number, now: number, refused?: string): void {
    this.durations.observe(ms);
    if (ms < SLOW_MS) return;
    const targets = asked.targets
      .slice(0, TARGETS_MAX)
      .map((target) => target.slice(0, TARGET_LENGTH_MAX));
    const render: SlowRender = {
      targets,
      moreTargets: asked.targets.length - targets.length,
      from: asked.from,
      until: asked.until,
      time: now,
      ms: Math.round(ms),
      ...(refused === undefined ? {} : { refused }),
    };
    const known = this.list(now);
    // One that is asked again and again is one.
    const key = keyOf(render);
    const same = known.find((one) => keyOf(one) === key);
    if (same !== undefined) render.ms = Math.max(render.ms, same.ms);
    const others = known.filter((one) => one !== same);
    this.slowest = [...others, render].sort((x, y) => y.ms - x.ms).slice(0, RENDERS_MAX);
  }

  /** The slowest first. */
  list(now: number): SlowRender[] {
    return this.slowest.filter(({ time }) => now - time < DAY_SECONDS);
  }
}

function keyOf({ targets, from, until }: SlowRender): string {
  return JSON.stringify([targets, until - from]);
}
