/**
 * Names as they are kept: StatsD's sanitising (stats.js `sanitizeKeyName`) on UTF-8 bytes, and what
 * decoding does to broken UTF-8. Runs when a name is seen for the first time only.
 *
 *     \s+ -> _      / -> -      everything but a-z A-Z 0-9 _ - . ; = is dropped
 */
import { blankLength } from '../blank.ts';

const UNDERSCORE = 0x5f;
const DASH = 0x2d;
const SLASH = 0x2f;

/** 1 for the bytes that sanitising keeps. */
const KEPT = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.;=') {
  KEPT[character.charCodeAt(0)] = 1;
}

/** Bytes written one after the other; past the limit only `tooLong` is set. */
export class NameWriter {
  bytes = new Uint8Array(4096);
  length = 0;
  limit = 0;
  tooLong = false;

  /** `limit` is in bytes; the buffer grows here, outside the per-byte loops. */
  start(limit: number): void {
    if (this.bytes.length < limit + 8) this.bytes = new Uint8Array(limit + 8);
    this.limit = limit;
    this.length = 0;
    this.tooLong = false;
  }

  put(byte: number): void {
    if (this.length < this.limit) this.bytes[this.length++] = byte;
    else this.tooLong = true;
  }

  putAll(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.put(bytes[at]!);
  }
}

/** Appends [from, to) sanitised. */
export function putSanitized(out: NameWriter, bytes: Uint8Array, from: number, to: number): void {
  let inBlank = false;
  for (let at = from; at < to;) {
    const byte = bytes[at]!;
    if (KEPT[byte] === 1) {
      out.put(byte);
      inBlank = false;
      at += 1;
      continue;
    }
    const blank = blankLength(bytes, at, to);
    if (blank > 0) {
      if (!inBlank) out.put(UNDERSCORE);
      inBlank = true;
      at += blank;
      continue;
    }
    if (byte === SLASH) out.put(DASH);
    inBlank = false;
    at += 1;
  }
}

/** Appends [from, to) as decoded and encoded again: broken sequences become U+FFFD. */
export function putDecoded(out: NameWriter, bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to;) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      out.put(byte);
      at += 1;
      continue;
    }
    const length = sequenceLength(bytes, at, to);
    if (length > 0) {
      for (let i = 0; i < length; i++) out.put(bytes[at + i]!);
      at += length;
    } else {
      out.put(0xef);
      out.put(0xbf);
      out.put(0xbd);
      at -= length;
    }
  }
}

export function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}

/**
 * Bytes of the sequence at `at` when it is valid UTF-8; else minus the bytes that one U+FFFD
 * stands for (the maximal subpart, as the WHATWG decoder and Node count it).
 */
function sequenceLength(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const needed = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let lowest = 0x80;
  let highest = 0xbf;
  if (lead === 0xe0) lowest = 0xa0;
  else if (lead === 0xed) highest = 0x9f;
  else if (lead === 0xf0) lowest = 0x90;
  else if (lead === 0xf4) highest = 0x8f;
  for (let i = 1; i < needed; i++) {
    if (at + i >= to) return -i;
    const next = bytes[at + i]!;
    if (next < lowest || next > highest) return -i;
    lowest = 0x80;
    highest = 0xbf;
  }
  return needed;
}
