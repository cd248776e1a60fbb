/**
 * What one request may cost: series and datapoints, calls, time. The event loop is let go between
 * calls, so that other requests are answered while a long one runs.
 */
import { overLimit, UserError } from '../../lib/errors.ts';
import { yieldInOrder } from '../../lib/yield-in-order.ts';
import { TARGET_DEPTH_MAX } from '../target/parse.ts';

export interface EvaluateLimits {
  /** Series that all paths of the request may match. */
  seriesMax: number;
  /** Datapoints that the request may read, and that one call may answer. */
  pointsMax: number;
  /** Calls inside each other in one target, pipes counted. */
  depthMax: number;
  /** Calls of functions, those for a wider window counted too. */
  callsMax: number;
  timeMs: number;
  /** Datapoints that a function gets at a time, where it may have its series in parts. */
  partPoints: number;
}

const DEFAULT_EVALUATE_LIMITS: EvaluateLimits = {
  seriesMax: 20_000,
  pointsMax: 50_000_000,
  depthMax: TARGET_DEPTH_MAX,
  callsMax: 20_000,
  timeMs: 30_000,
  partPoints: 20_000,
};

/** Longest time before the event loop runs again. */
const SLICE_MS = 5;

export class RequestLimit {
  readonly limits: EvaluateLimits;
  private calls = 0;
  private readonly started = performance.now();
  private readonly isWanted: () => boolean;
  private sliceStart = this.started;

  constructor(limits: Partial<EvaluateLimits> | undefined, isWanted: () => boolean = () => true) {
    this.limits = { ...DEFAULT_EVALUATE_LIMITS, ...limits };
    this.isWanted = isWanted;
  }

  /** Before every call. */
  async startCall(): Promise<void> {
    const { callsMax } = this.limits;
    this.calls += 1;
    if (this.calls > callsMax) throw overLimit(`over ${callsMax} function calls in one request`);
    await this.pause();
  }

  /**
   * Lets the event loop go when it was held for long; throws `overLimit` when the time is up and
   * `abandoned` when the sender has closed the connection.
   */
  async pause(): Promise<void> {
    const { timeMs } = this.limits;
    const now = performance.now();
    if (now - this.started > timeMs) throw overLimit(`over ${timeMs} ms spent on one request`);
    if (now - this.sliceStart < SLICE_MS) return;
    await yieldInOrder();
    // A closed connection is known only after a round of the event loop.
    if (!this.isWanted())
      throw new UserError('abandoned', 'the request was given up by its sender');
    this.sliceStart = performance.now();
  }

  /** Throws when a call would answer more datapoints than a request may hold. */
  reserve(pointCount: number): void {
    const { pointsMax } = this.limits;
    if (pointCount <= pointsMax) return;
    throw overLimit(`${pointCount} datapoints: at most ${pointsMax} are computed for one request`);
  }
}
