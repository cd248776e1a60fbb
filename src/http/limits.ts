/**
 * Bounds on what one request, and all of them together, may cost. Each has an answer of its own: a
 * 4xx with one sentence that names the limit. `config/options.ts` has the defaults, `startHttp`
 * takes changes to them.
 */
import type { HttpLimits } from '../config/config.ts';
import { DEFAULT_CONFIG } from '../config/load.ts';
import { UserError } from '../lib/errors.ts';
import { yieldInOrder } from '../lib/yield-in-order.ts';
import { counted } from '../lib/counted.ts';

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
  /** Characters of the requests that wait. */
  private waitingBytes = 0;

  constructor(limits: HttpLimits) {
    this.limits = limits;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** `bytes`: how long the request is, which is kept while it waits. */
  async run<T>(work: () => Promise<T>, bytes = 0): Promise<T> {
    if (this.running >= this.limits.concurrentRenders) await this.slot(bytes);
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

  private async slot(bytes: number): Promise<void> {
    const { waitingRenders, waitingBytes } = this.limits;
    const { length } = this.waiting;
    if (length >= waitingRenders) {
      throw this.reject(
        `${counted(length, 'render is', 'renders are')} waiting already (httpLimits.waitingRenders)`,
      );
    }
    if (length > 0 && this.waitingBytes + bytes > waitingBytes) {
      throw this.reject(
        `${counted(length, 'render')} of ${this.waitingBytes} characters waiting already, this one has ` +
          `${bytes}: at most ${waitingBytes} may wait (httpLimits.waitingBytes)`,
      );
    }
    this.waitingBytes += bytes;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.waitingBytes -= bytes;
  }

  private reject(sentence: string): UserError {
    this.rejected += 1;
    return new UserError('tooManyRequests', `${sentence}: try again later`);
  }
}
