/**
 * What one request may cost: series and datapoints, calls, steps, names, time. All of it is charged
 * before the work is done, or as it goes. The event loop is let go between calls and inside long
 * ones, so that other requests are answered while a long one runs.
 */
import { overLimit, UserError } from '../../lib/errors.ts';
import type { InSteps } from '../../lib/in-steps.ts';
import { SLICE_MS, yieldInOrder } from '../../lib/yield-in-order.ts';
import { TARGET_DEPTH_MAX } from '../target/parse.ts';

export interface EvaluateLimits {
  /** Series that all paths of the request may match, and that it may answer. */
  seriesMax: number;
  /** Datapoints that the request may read, and that one call may answer. */
  pointsMax: number;
  /** Calls inside each other in one target, pipes counted. */
  depthMax: number;
  /** Calls of functions, those for a wider window counted too. */
  callsMax: number;
  /** Datapoints, characters and such that all functions together go through. */
  stepsMax: number;
  /** Characters of the names that functions make, all together. */
  nameBytesMax: number;
  timeMs: number;
  /** Datapoints that a function gets at a time, where it may have its series in parts. */
  partPoints: number;
}

const DEFAULT_EVALUATE_LIMITS: EvaluateLimits = {
  seriesMax: 20_000,
  pointsMax: 50_000_000,
  depthMax: TARGET_DEPTH_MAX,
  callsMax: 20_000,
  stepsMax: 5_000_000_000,
  nameBytesMax: 32 * 1024 ** 2,
  timeMs: 30_000,
  partPoints: 20_000,
};

/** All limits, with defaults for those that are not given. */
export function evaluateLimits(changes: Partial<EvaluateLimits> = {}): EvaluateLimits {
  return { ...DEFAULT_EVALUATE_LIMITS, ...changes };
}

const AT_ONCE = Promise.resolve();
/** Steps between two looks at the clock: far less than a millisecond. */
const CLOCK_STEPS = 20_000;
/** Steps that a series costs beside its datapoints: a name, tags, an object. */
export const SERIES_STEPS = 100;
/**
 * The lists that wait as arguments of calls, and the answer so far, may be so many times as large
 * as the largest list that one call may make.
 */
const WAITING_LISTS = 2;

/** Whatever series stand in: the answer of a call, an argument. */
export interface Amount {
  series: number;
  points: number;
}

export class RequestLimit {
  readonly limits: EvaluateLimits;
  private calls = 0;
  private steps = 0;
  private nameBytes = 0;
  private readonly waiting: Amount = { series: 0, points: 0 };
  private readonly started = performance.now();
  private readonly isWanted: () => boolean;
  private sliceStart = this.started;
  private clockAt = CLOCK_STEPS;

  constructor(limits: EvaluateLimits, isWanted: () => boolean = () => true) {
    this.limits = limits;
    this.isWanted = isWanted;
  }

  /** Before every call. */
  async startCall(): Promise<void> {
    const { callsMax } = this.limits;
    this.calls += 1;
    if (this.calls > callsMax) {
      throw overLimit(`over ${callsMax} function calls in one request (httpLimits.calls)`);
    }
    await this.pause();
  }

  /**
   * Lets the event loop go when it was held for long; throws `overLimit` when the time is up and
   * `abandoned` when the sender has closed the connection.
   */
  pause(): Promise<void> {
    const now = performance.now();
    this.checkTime(now);
    // Asked for between any two series: no promise is made for it.
    return now - this.sliceStart < SLICE_MS ? AT_ONCE : this.letGo();
  }

  private async letGo(): Promise<void> {
    await yieldInOrder();
    // A closed connection is known only after a round of the event loop.
    if (!this.isWanted())
      throw new UserError('abandoned', 'the request was given up by its sender');
    this.sliceStart = performance.now();
  }

  /** Whether `pause` would let the event loop go: for loops too fine to await each time. */
  get isDue(): boolean {
    return performance.now() - this.sliceStart >= SLICE_MS;
  }

  /** Does a work in turns with others, and charges what it takes. */
  async run<T>(work: InSteps<T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      this.spend(value);
      if (this.isDue) await this.pause();
    }
  }

  /** Charges work of so many steps; throws when it is too much, or the time is up. */
  spend(steps: number): void {
    this.steps += steps;
    const { stepsMax } = this.limits;
    if (this.steps > stepsMax) {
      throw overLimit(`over ${stepsMax} steps of work in one request (httpLimits.steps)`);
    }
    if (this.steps < this.clockAt) return;
    this.clockAt = this.steps + CLOCK_STEPS;
    this.checkTime(performance.now());
  }

  /** Charges names of so many characters, before or as they are made. */
  admitNames(length: number): void {
    this.nameBytes += length;
    const { nameBytesMax } = this.limits;
    if (this.nameBytes <= nameBytesMax) return;
    throw overLimit(
      `names of over ${nameBytesMax} characters computed by one request (httpLimits.nameBytes)`,
    );
  }

  /** Throws when a call would answer more datapoints than a request may hold. */
  reserve(pointCount: number): void {
    const { pointsMax } = this.limits;
    if (pointCount <= pointsMax) return;
    throw overLimit(
      `${pointCount} datapoints: at most ${pointsMax} are computed for one request ` +
        '(httpLimits.points)',
    );
  }

  /** Series that wait for other arguments, or for the end of the request. */
  hold({ series, points }: Amount): void {
    this.waiting.series += series;
    this.waiting.points += points;
    const { seriesMax, pointsMax } = this.limits;
    if (this.waiting.series > WAITING_LISTS * seriesMax) {
      throw overLimit(
        `${this.waiting.series} series held at once by one request: at most ` +
          `${WAITING_LISTS * seriesMax}, twice httpLimits.series`,
      );
    }
    if (this.waiting.points <= WAITING_LISTS * pointsMax) return;
    throw overLimit(
      `${this.waiting.points} datapoints held at once by one request: at most ` +
        `${WAITING_LISTS * pointsMax}, twice httpLimits.points`,
    );
  }

  release({ series, points }: Amount): void {
    this.waiting.series -= series;
    this.waiting.points -= points;
  }

  private checkTime(now: number): void {
    const { timeMs } = this.limits;
    if (now - this.started <= timeMs) return;
    throw overLimit(`over ${Math.round(timeMs)} ms spent on one request (httpLimits.requestMs)`);
  }
}
