/**
 * The renders that took longest in the last day, those that were refused for what they cost among them:
 * for the overview. What is noted is short, and there are few.
 */
interface Targets {
  targets: string[];
  /** Of its targets, those that are not named. */
  moreTargets: number;
}

interface SlowRender extends Targets {
  /** Epoch seconds. */
  from: number;
  until: number;
  /** When it was answered. */
  time: number;
  ms: number;
  /** Why it was refused, where it was. */
  refused?: string;
}

/** Whose it was (RenderRequest.reader), beside what is shown. */
interface Noted extends SlowRender {
  reader: string;
}

export interface Asked {
  targets: readonly string[];
  from: number;
  until: number;
  reader: string;
}

const RENDERS_MAX = 20;
const DAY_SECONDS = 86_400;
/** Nobody calls less slow. */
const SLOW_MS = 50;
const TARGETS_MAX = 5;
const TARGET_LENGTH_MAX = 500;

export class SlowRenders {
  private slowest: Noted[] = [];

  note(asked: Asked, ms: number, now: number, refused?: string): void {
    if (ms < SLOW_MS) return;
    const render: Noted = {
      reader: asked.reader,
      ...shortened(asked),
      from: asked.from,
      until: asked.until,
      time: now,
      ms: Math.round(ms),
      ...(refused === undefined ? {} : { refused }),
    };
    const known = this.lately(now);
    // One that is asked again and again is one.
    const key = keyOf(render);
    const same = known.find((one) => keyOf(one) === key);
    if (same !== undefined) render.ms = Math.max(render.ms, same.ms);
    const others = known.filter((one) => one !== same);
    this.slowest = [...others, render].sort((x, y) => y.ms - x.ms).slice(0, RENDERS_MAX);
  }

  /** The slowest first: those of whoever may read the same, or all for whoever may read everything. */
  list(now: number, reader: string): SlowRender[] {
    const visible = this.lately(now).filter((one) => reader === '' || one.reader === reader);
    return visible.map(({ reader: _reader, ...render }) => render);
  }

  private lately(now: number): Noted[] {
    return this.slowest.filter(({ time }) => now - time < DAY_SECONDS);
  }
}

/** The first targets, the beginning of each. */
export function shortened({ targets }: Asked): Targets {
  const shown = targets.slice(0, TARGETS_MAX).map((target) => target.slice(0, TARGET_LENGTH_MAX));
  return { targets: shown, moreTargets: targets.length - shown.length };
}

function keyOf({ targets, from, until, reader }: Noted): string {
  return JSON.stringify([reader, targets, until - from]);
}
