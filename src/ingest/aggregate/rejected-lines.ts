/**
 * Bad samples counted by reason, the last one of each reason kept as it came, and the usual mistakes
 * among them (rejections/mistakes.ts). Nothing is allocated per bad line. An example costs about a
 * microsecond, more than reading a line does: the first few of a packet are looked at, the others are
 * counted, so that what is refused costs no more than what is taken.
 */
import { printable } from '../../rejections/printable.ts';
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import { LINE_REASONS, type Cursor } from '../protocol/cursor.ts';
import { HINT_CODES, hintOf, WRONG_PROTOCOL, NO_HINT } from '../../rejections/mistakes.ts';

/** Indexes of ODD_REASONS: beside what is misread, sums that are not what they should be. */
export const ODD_NEWLINE = 0;
export const ODD_INEXACT = 1;
export const ODD_INFINITE = 2;
const ODD_REASONS = ['literalNewline', 'inexactSum', 'infinite'];

/** Examples that are taken of a packet, and lines of it that are looked at for mistakes. */
const LOOKED_AT = 4;
const NO_LINE = -1;

const KEPT = 8;
const KEPT_BYTES = 200;

export interface RejectedLine {
  reason: string;
  /** The line, printable: other bytes as \xNN. */
  text: string;
}

export class RejectedLines {
  private readonly reasons = new Rejections('lines.bad', LINE_REASONS);
  private readonly mistakes = new Rejections(WRONG_PROTOCOL.statsd, HINT_CODES);
  /** Lines that were counted, as StatsD does, and are hardly what was meant. */
  private readonly odd = new Rejections('lines.odd', ODD_REASONS);
  private readonly bytes = new Uint8Array(KEPT * KEPT_BYTES);
  private readonly lengths = new Int32Array(KEPT);
  private readonly lastReasons = new Int32Array(KEPT);
  private total = 0;
  private left = LOOKED_AT;
  private lastLine = NO_LINE;
  private lastReason = NO_LINE;

  beginPacket(): void {
    this.left = LOOKED_AT;
    this.lastLine = NO_LINE;
  }

  /** `seconds`: whole epoch seconds; `sender` where it is known. */
  add(cursor: Cursor, reason: number, seconds: number, sender: string | undefined): void {
    const { bytes, lineFrom, lineTo } = cursor;
    if (this.left === 0 || (lineFrom === this.lastLine && reason === this.lastReason)) {
      this.reasons.count(reason);
      return;
    }
    this.left -= 1;
    this.lastLine = lineFrom;
    this.lastReason = reason;
    this.reasons.note(reason, bytes, lineFrom, lineTo, seconds, sender);
    const mistake = hintOf(bytes, lineFrom, lineTo, 'statsd');
    if (mistake !== NO_HINT) {
      this.mistakes.note(mistake, bytes, lineFrom, lineTo, seconds, sender);
    }
    const slot = this.total % KEPT;
    const length = Math.min(lineTo - lineFrom, KEPT_BYTES);
    for (let i = 0; i < length; i++) this.bytes[slot * KEPT_BYTES + i] = bytes[lineFrom + i]!;
    this.lengths[slot] = length;
    this.lastReasons[slot] = reason;
    this.total += 1;
  }

  /** Notes a line that is counted, for one of ODD_. */
  addOdd(cursor: Cursor, reason: number, seconds: number, sender: string | undefined): void {
    const { bytes, lineFrom, lineTo } = cursor;
    if (this.left === 0) {
      this.odd.count(reason);
      return;
    }
    this.left -= 1;
    this.odd.note(reason, bytes, lineFrom, lineTo, seconds, sender);
  }

  byReason(): Record<string, number> {
    return this.reasons.byReason();
  }

  rejections(): Rejection[] {
    return [...this.reasons.list(), ...this.mistakes.list(), ...this.odd.list()];
  }

  /** The last bad lines, the newest last. */
  last(): RejectedLine[] {
    const lines: RejectedLine[] = [];
    for (let i = Math.max(0, this.total - KEPT); i < this.total; i++) {
      const slot = i % KEPT;
      const start = slot * KEPT_BYTES;
      const text = printable(this.bytes.subarray(start, start + this.lengths[slot]!));
      const reason = LINE_REASONS[this.lastReasons[slot]!]!;
      lines.push({ reason, text: text.slice(0, KEPT_BYTES) });
    }
    return lines;
  }
}
