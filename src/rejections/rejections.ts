/**
 * What is rejected, by reason: how often, and the last example with its time and sender. Every part
 * of tallyd that turns something away keeps one of these; `/health`, `/metrics`, the series under
 * `tallyd.` and the log are made of their lists. Noting bytes allocates nothing, so that a flood of
 * what is rejected costs no more than what is taken.
 */
import type { RejectedKind } from './catalogue.ts';
import { printable } from './printable.ts';

/** Bytes of an example that are kept; escaped it may be four times as long. */
const EXAMPLE_BYTES = 200;

const NO_EXAMPLE = -1;

export interface Rejection {
  /** What was rejected, such as `lines.bad`: its counter is `tallyd_lines_bad_total`. */
  what: string;
  reason: string;
  /** Since the start. */
  count: number;
  /** The last one that is known. */
  last?: {
    /** Escaped (printable.ts), cut after 200 bytes. */
    example: string;
    /** Epoch seconds, to about a second. */
    time: number;
    /** Its address, where it is known. */
    sender?: string;
  };
  /** What could be done. */
  hint?: string;
}

export class Rejections<Reason extends string = string> {
  readonly what: RejectedKind;
  readonly reasons: readonly Reason[];
  private readonly counts: Float64Array;
  private readonly times: Float64Array;
  private readonly lengths: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly senders: (string | undefined)[];

  constructor(what: RejectedKind, reasons: readonly Reason[]) {
    this.what = what;
    this.reasons = reasons;
    this.counts = new Float64Array(reasons.length);
    this.times = new Float64Array(reasons.length);
    this.lengths = new Int32Array(reasons.length).fill(NO_EXAMPLE);
    this.bytes = new Uint8Array(reasons.length * EXAMPLE_BYTES);
    this.senders = reasons.map(() => undefined);
  }

  /** `reason` is its index; the example is bytes[from, to), `seconds` whole epoch seconds. */
  note(
    reason: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    seconds: number,
    sender: string | undefined,
  ): void {
    const at = reason * EXAMPLE_BYTES;
    const length = Math.min(to - from, EXAMPLE_BYTES);
    for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[from + i]!;
    this.lengths[reason] = length;
    this.times[reason] = seconds;
    this.senders[reason] = sender;
    this.counts[reason]! += 1;
  }

  noteText(reason: number, text: string, seconds: number, sender?: string): void {
    const bytes = Buffer.from(text.slice(0, EXAMPLE_BYTES));
    this.note(reason, bytes, 0, bytes.length, seconds, sender);
  }

  /** Counts without an example. */
  count(reason: number, by = 1): void {
    this.counts[reason]! += by;
  }

  countOf(reason: number): number {
    return this.counts[reason]!;
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  byReason(): Record<Reason, number> {
    const counts = this.reasons.map((reason, i) => [reason, this.counts[i]!]);
    return Object.fromEntries(counts) as Record<Reason, number>;
  }

  /** All reasons, those that never occurred too: a counter exists before it counts. */
  list(): Rejection[] {
    return this.reasons.map((reason, i) => {
      const rejection: Rejection = { what: this.what, reason, count: this.counts[i]! };
      if (this.lengths[i] === NO_EXAMPLE) return rejection;
      const start = i * EXAMPLE_BYTES;
      const example = printable(this.bytes.subarray(start, start + this.lengths[i]!));
      const sender = this.senders[i];
      rejection.last = {
        example,
        time: this.times[i]!,
        ...(sender === undefined ? {} : { sender }),
      };
      return rejection;
    });
  }
}

/** One entry for each what and reason: counts added up, the newest example kept. */
export function joinRejections(all: readonly Rejection[]): Rejection[] {
  const joined = new Map<string, Rejection>();
  for (const one of all) {
    const key = `${one.what} ${one.reason}`;
    const known = joined.get(key);
    if (known === undefined) {
      joined.set(key, { ...one });
      continue;
    }
    known.count += one.count;
    if (one.last === undefined || (known.last?.time ?? -1) > one.last.time) continue;
    known.last = one.last;
    if (one.hint === undefined) delete known.hint;
    else known.hint = one.hint;
  }
  return [...joined.values()];
}
