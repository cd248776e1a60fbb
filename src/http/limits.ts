/**
 * Bounds on what one request, and all of them together, may cost. Each has an answer of its own: a
 * 4xx with one sentence that names the limit. `startHttp` takes changes to the defaults.
 */
import { UserError } from '../lib/errors.ts';

export interface HttpLimits {
  /** Bytes of a request's body. */
  bodyBytes: number;
  /** Targets in one render. */
  targets: number;
  /** Series that one render may fetch or answer. */
  series: number;
  /** Datapoints that one render may read or compute at a time (8 bytes each). */
  points: number;
  /** Datapoints of one answer, after maxDataPoints: their text costs ten times their value. */
  answerPoints: number;
  /** Milliseconds that a render may take, waiting included. */
  requestMs: number;
  /** Renders evaluated at the same time; others wait. */
  concurrentRenders: number;
  /** Renders that may wait; more are refused. */
  waitingRenders: number;
  /** Nodes that one find may match. */
  findHits: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytes: 4 * 1024 * 1024,
  targets: 1000,
  series: 20_000,
  points: 20_000_000,
  answerPoints: 2_000_000,
  requestMs: 30_000,
  concurrentRenders: 4,
  waitingRenders: 400,
  findHits: 100_000,
};

/** Lets a bounded number of renders run, in the order they came. */
export class RenderGate {
  running = 0;
  refused = 0;
  private readonly limits: HttpLimits;
  private readonly waiting: (() => void)[] = [];

  constructor(limits: HttpLimits) {
    this.limits = limits;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.concurrentRenders) await this.turn();
    else this.running += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next !== undefined) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.limits.waitingRenders) {
      this.refused += 1;
      throw new UserError(
        'tooManyRequests',
        `${this.waiting.length} renders are waiting already: try again later`,
      );
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
