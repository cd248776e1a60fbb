/**
 * Bad samples counted by reason, and the last few of them kept as they came. Nothing is allocated
 * per bad line: a flood of them costs what good ones cost.
 */
import { BAD_REASONS, type Cursor } from '../protocol/cursor.ts';

const KEPT = 8;
const KEPT_BYTES = 200;

export interface BadLine {
  reason: string;
  /** The line, printable: other bytes as \xNN. */
  text: string;
}

export class BadLines {
  readonly counts = new Float64Array(BAD_REASONS.length);
  private readonly bytes = new Uint8Array(KEPT * KEPT_BYTES);
  private readonly lengths = new Int32Array(KEPT);
  private readonly reasons = new Int32Array(KEPT);
  private total = 0;

  add(cursor: Cursor, reason: number): void {
    this.counts[reason]! += 1;
    const slot = this.total % KEPT;
    const from = cursor.lineFrom;
    const length = Math.min(cursor.lineTo - from, KEPT_BYTES);
    for (let i = 0; i < length; i++) this.bytes[slot * KEPT_BYTES + i] = cursor.bytes[from + i]!;
    this.lengths[slot] = length;
    this.reasons[slot] = reason;
    this.total += 1;
  }

  byReason(): Record<string, number> {
    return Object.fromEntries(BAD_REASONS.map((reason, i) => [reason, this.counts[i]!]));
  }

  /** The last bad lines, the newest last. */
  last(): BadLine[] {
    const lines: BadLine[] = [];
    for (let i = Math.max(0, this.total - KEPT); i < this.total; i++) {
      const slot = i % KEPT;
      const start = slot * KEPT_BYTES;
      const text = printable(this.bytes.subarray(start, start + this.lengths[slot]!));
      lines.push({ reason: BAD_REASONS[this.reasons[slot]!]!, text: text.slice(0, KEPT_BYTES) });
    }
    return lines;
  }
}

function printable(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
