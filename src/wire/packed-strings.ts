/**
 * Many short strings as they cross threads: UTF-8 back to back, and where each ends. String i is
 * the bytes from `ends[i - 1]` (0 for the first) up to `ends[i]`. Names, packets and encoded
 * sketches come this way. Everything that packs or unpacks them is here.
 */
import { grown } from '../lib/grown.ts';

export interface PackedStrings {
  bytes: Uint8Array;
  ends: Uint32Array;
}

export const NO_STRINGS: PackedStrings = { bytes: new Uint8Array(0), ends: new Uint32Array(0) };

export function packTexts(texts: readonly string[]): PackedStrings {
  return packBytes(texts.map((text) => Buffer.from(text)));
}

export function packBytes(parts: readonly Uint8Array[]): PackedStrings {
  let end = 0;
  const ends = Uint32Array.from(parts, (part) => (end += part.length));
  const bytes = new Uint8Array(end);
  parts.forEach((part, i) => bytes.set(part, ends[i]! - part.length));
  return { bytes, ends };
}

/** A view of string i. */
export function bytesAt({ bytes, ends }: PackedStrings, i: number): Uint8Array {
  return bytes.subarray(i === 0 ? 0 : ends[i - 1]!, ends[i]);
}

/** Calls with a view of each, in order. */
export function eachBytes(
  { bytes, ends }: PackedStrings,
  take: (bytes: Uint8Array, i: number) => void,
): void {
  let from = 0;
  for (let i = 0; i < ends.length; i++) {
    take(bytes.subarray(from, ends[i]), i);
    from = ends[i]!;
  }
}

/** Calls with the text of each, in order. */
export function eachText(
  { bytes, ends }: PackedStrings,
  take: (text: string, i: number) => void,
): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (let i = 0; i < ends.length; i++) {
    take(buffer.toString('utf8', from, ends[i]), i);
    from = ends[i]!;
  }
}

export function textsOf(strings: PackedStrings): string[] {
  const texts: string[] = [];
  eachText(strings, (text) => texts.push(text));
  return texts;
}

/** Up to here a loop is done before a call of `set` has begun. */
const LOOP_BYTES_MAX = 128;

/** Packs strings as they come; its memory is kept and used again. */
export class StringPacker {
  bytes: Uint8Array;
  ends: Uint32Array;
  count = 0;
  byteCount = 0;

  constructor(count = 64, byteCount = 1024) {
    this.bytes = new Uint8Array(byteCount);
    this.ends = new Uint32Array(count);
  }

  /** Appends the first `length` bytes. */
  add(bytes: Uint8Array, length = bytes.length): void {
    const from = this.byteCount;
    this.makeRoom(length);
    const own = this.bytes;
    if (length > LOOP_BYTES_MAX) own.set(bytes.subarray(0, length), from);
    else for (let i = 0; i < length; i++) own[from + i] = bytes[i]!;
    this.close(from + length);
  }

  addText(text: string): void {
    this.makeRoom(text.length * 3);
    const { buffer, byteOffset, byteLength } = this.bytes;
    const free = Buffer.from(buffer, byteOffset + this.byteCount, byteLength - this.byteCount);
    this.close(this.byteCount + free.write(text));
  }

  /** What came together, copied. */
  finish(): PackedStrings {
    const { bytes, ends } = this.take();
    return { bytes: bytes.slice(), ends: ends.slice() };
  }

  /** The same where it stands, until more is added. */
  take(): PackedStrings {
    const { count, byteCount } = this;
    this.count = 0;
    this.byteCount = 0;
    return { bytes: this.bytes.subarray(0, byteCount), ends: this.ends.subarray(0, count) };
  }

  private makeRoom(more: number): void {
    const needed = this.byteCount + more;
    if (needed <= this.bytes.length) return;
    this.bytes = grown(this.bytes, new Uint8Array(Math.max(needed, this.bytes.length * 2)));
  }

  private close(end: number): void {
    if (this.count === this.ends.length) {
      this.ends = grown(this.ends, new Uint32Array(Math.max(64, this.count * 2)));
    }
    this.ends[this.count++] = end;
    this.byteCount = end;
  }
}
