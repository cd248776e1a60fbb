/**
 * Payloads that the kernel has taken and the peer may not have read: TCP does not say. They settle,
 * oldest first, once enough speaks for it that they were read. How much that is depends on what a
 * repetition costs.
 *
 * - Where it is harmless (Graphite keeps the last value of a slot), only bytes count. The kernels of
 *   both sides hold no more than their buffers, so what has so much behind it was read, however
 *   long a peer may hang. An end without a reset says that the peer's kernel held nothing more; what
 *   its program had read and not looked at is one buffer, which is written once more. A proxy that
 *   soon gives up on its own server ends so as well: what it took has no second witness.
 * - Where it is counted twice (packets of the repeater), the connection has held for a while.
 */
import type { Payload } from './send-queue.ts';

/** Linux lets both sides have 4 MiB to send and 6 MiB to read of a connection. */
const IN_KERNELS_BYTES = 16 * 1024 * 1024;
/** What a program reads at once, and lets lie when it ends. */
const IN_PROGRAM_BYTES = 64 * 1024;
/** A connection that holds for so long after a write has delivered it. */
export const SETTLE_MS = 5000;
/** What was written so shortly before a clean end may have crossed it on the way. */
const CROSSED_MS = 250;

interface ConnectionEnd {
  /** Without a reset. */
  isClean: boolean;
  /** For a while after its first write. */
  hasHeld: boolean;
}

interface WrittenPayload {
  payload: Payload;
  writtenMs: number;
}

export class Written {
  private readonly isHarmlessTwice: boolean;
  private readonly payloads: WrittenPayload[] = [];
  private bytes = 0;
  /** Written on a connection before, which held and ended without a reset. */
  private readonly endedOnce = new WeakSet<Payload>();

  constructor(isHarmlessTwice: boolean) {
    this.isHarmlessTwice = isHarmlessTwice;
  }

  get count(): number {
    return this.payloads.length;
  }

  add(payload: Payload): void {
    this.payloads.push({ payload, writtenMs: performance.now() });
    this.bytes += payload.length;
  }

  /** While the connection holds: the newest that has settled, with all before it. */
  settled(): Payload | undefined {
    return this.isHarmlessTwice ? this.behind(IN_KERNELS_BYTES) : this.before(SETTLE_MS);
  }

  /** The same when the connection has ended, and how; the rest is forgotten. */
  ended({ isClean, hasHeld }: ConnectionEnd): Payload | undefined {
    const settled = this.isHarmlessTwice
      ? this.endedSettled(isClean, isClean && hasHeld)
      : this.before(isClean ? CROSSED_MS : SETTLE_MS);
    this.payloads.length = 0;
    this.bytes = 0;
    return settled;
  }

  private endedSettled(isClean: boolean, isWitness: boolean): Payload | undefined {
    const bytes = isClean ? IN_PROGRAM_BYTES : IN_KERNELS_BYTES;
    const { endedOnce } = this;
    const settled = this.take(
      ({ payload }) =>
        this.bytes - payload.length >= bytes || (isWitness && endedOnce.has(payload)),
    );
    if (isWitness) for (const { payload } of this.payloads) endedOnce.add(payload);
    return settled;
  }

  /** The peer has answered our end with its own: it has read everything. */
  all(): Payload | undefined {
    return this.before(-Infinity);
  }

  /** Takes those that have at least so many bytes behind them; the last of them. */
  private behind(bytes: number): Payload | undefined {
    return this.take(({ payload }) => this.bytes - payload.length >= bytes);
  }

  /** Takes those written at least so many milliseconds ago; the last of them. */
  private before(ms: number): Payload | undefined {
    const before = performance.now() - ms;
    return this.take(({ writtenMs }) => writtenMs <= before);
  }

  private take(isSettled: (one: WrittenPayload) => boolean): Payload | undefined {
    let last: Payload | undefined;
    while (this.payloads.length > 0 && isSettled(this.payloads[0]!)) {
      last = this.payloads.shift()!.payload; // there is one
      this.bytes -= last.length;
    }
    return last;
  }
}
