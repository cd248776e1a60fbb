/**
 * Bounds on what one request, and all of them together, may cost. Each has an answer of its own: a
 * 4xx with one sentence that names the limit. `config/options.ts` has the defaults, `startHttp`
 * takes changes to them.
 */
import type { HttpLimits } from '../config/config.ts';
import { DEFAULT_CONFIG } from '../config/load.ts';
import { UserError } from '../lib/errors.ts';
import { yieldInOrder } from '../lib/yield-in-order.ts';

export type { HttpLimits } from '../config/config.ts';

export const DEFAULT_LIMITS: HttpLimits = DEFAULT_CONFIG.httpLimits;

/** Lets a bounded number of renders run, in the order they came. */
export class RenderGate {
  running = 0;
  rejected = 0;
  /** Renders ended because their senders had closed the connection. */
  abandoned = 0;
  private readonly limits: HttpLimits;
  private readonly waiting: (() => void)[] = [];

  constructor(limits: HttpLimits) {
    this.limits = limits;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.concurrentRenders) await this.slot();
    else this.running += 1;
    // Those that came together would otherwise run one after the other in one go.
    await yieldInOrder();
    try {
      return await work();
    } catch (error) {
      if (error instanceof UserError && error.code === 'abandoned') this.abandoned += 1;
      throw error;
    } finally {
      const next = this.waiting.shift();
      // The place is handed on, so `running` stays as it is.
      if (next !== undefined) next();
      else this.running -= 1;
    }
  }

  private slot(): Promise<void> {
    if (this.waiting.length >= this.limits.waitingRenders) {
      this.rejected += 1;
      throw new UserError(
        'tooManyRequests',
        `${this.waiting.length} renders are waiting already: try again later`,
      );
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
