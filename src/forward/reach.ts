/**
 * Whether a peer can be reached. A change is told once, however often it is tried meanwhile: one
 * line when the peer goes away, one when it is back. For the senders of this folder.
 */

/** A line for the log. */
export type Tell = (level: 'info' | 'warn', message: string) => void;

export class Reach {
  /** Why the peer is away; undefined while it is not. */
  reason: string | undefined;
  private readonly peer: string;
  private readonly tell: Tell;
  private sinceMs = 0;

  /** `peer` begins a sentence: `Graphite at 10.0.0.1:2003`. */
  constructor(peer: string, tell: Tell) {
    this.peer = peer;
    this.tell = tell;
  }

  get awaySeconds(): number {
    return this.reason === undefined ? 0 : Math.round((performance.now() - this.sinceMs) / 1000);
  }

  /** `consequence`: `flushes wait on disk`. */
  away(reason: string, consequence: string): void {
    if (this.reason === undefined) {
      this.sinceMs = performance.now();
      this.tell('warn', `${this.peer} is away (${reason}): ${consequence}`);
    }
    this.reason = reason;
  }

  /** `rest`: `3 flushes wait`. */
  back(rest: string): void {
    if (this.reason === undefined) return;
    const { awaySeconds } = this;
    this.reason = undefined;
    this.tell('info', `${this.peer} is back after ${awaySeconds} s: ${rest}`);
  }

  /** One sentence while it is away. */
  get sentence(): string | undefined {
    if (this.reason === undefined) return undefined;
    return `${this.peer} is away for ${this.awaySeconds} s (${this.reason})`;
  }
}
