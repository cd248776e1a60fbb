/**
 * Names as they are kept: StatsD's sanitising (stats.js `sanitizeKeyName`) on UTF-8 bytes, and what
 * decoding does to broken UTF-8. Runs when a name is seen for the first time only.
 *
 *     \s+ -> _      / -> -      everything but a-z A-Z 0-9 _ - . ; = is dropped
 *
 * What is changed so that two names may become one is noted, for changed-names.ts to count.
 */
import { blankLength } from '../blank.ts';

const UNDERSCORE = 0x5f;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;

/** 1 for the bytes that sanitising keeps. */
export const KEPT = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.;=') {
  KEPT[character.charCodeAt(0)] = 1;
}

/** What a name as kept has not of the name as sent: bits of `NameWriter.changes`. */
const DROPPED = 1;
export const REPLACED = 2;
export const REPEATED_TAG = 4;
export const TAG_OF_NAME = 8;

/** Bytes written one after the other; past the limit only `tooLong` is set. */
export class NameWriter {
  bytes = new Uint8Array(4096);
  length = 0;
  limit = 0;
  tooLong = false;
  changes = 0;

  /** `limit` is in bytes; the buffer grows here, outside the per-byte loops. */
  start(limit: number): void {
    if (this.bytes.length < limit + 8) this.bytes = new Uint8Array(limit + 8);
    this.limit = limit;
    this.length = 0;
    this.tooLong = false;
    this.changes = 0;
  }

  put(byte: number): void {
    if (this.length < this.limit) this.bytes[this.length++] = byte;
    else this.tooLong = true;
  }

  putAll(bytes: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + this.limit - this.length);
    if (end < to) this.tooLong = true;
    const { bytes: own } = this;
    let { length } = this;
    for (let at = from; at < end; at++) own[length++] = bytes[at]!;
    this.length = length;
  }
}

/** Appends [from, to) sanitised. */
export function putSanitized(out: NameWriter, bytes: Uint8Array, from: number, to: number): void {
  let inBlank = false;
  for (let at = from; at < to;) {
    const byte = bytes[at]!;
    if (KEPT[byte] === 1) {
      let keptTo = at + 1;
      while (keptTo < to && KEPT[bytes[keptTo]!] === 1) keptTo += 1;
      out.putAll(bytes, at, keptTo);
      inBlank = false;
      at = keptTo;
      continue;
    }
    const blank = blankLength(bytes, at, to);
    if (blank > 0) {
      if (!inBlank) out.put(UNDERSCORE);
      out.changes |= REPLACED;
      inBlank = true;
      at += blank;
      continue;
    }
    if (byte === SLASH) {
      out.put(DASH);
      out.changes |= REPLACED;
    } else out.changes |= DROPPED;
    inBlank = false;
    at += 1;
  }
}

/** Appends [from, to) as decoded and encoded again: broken sequences become U+FFFD. */
export function putDecoded(out: NameWriter, bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to;) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      let asciiTo = at + 1;
      while (asciiTo < to && bytes[asciiTo]! < 0x80) asciiTo += 1;
      out.putAll(bytes, at, asciiTo);
      at = asciiTo;
      continue;
    }
    const length = sequenceLength(bytes, at, to);
    if (length > 0) {
      for (let i = 0; i < length; i++) out.put(bytes[at + i]!);
      at += length;
    } else {
      out.changes |= REPLACED;
      out.put(0xef);
      out.put(0xbf);
      out.put(0xbd);
      at -= length;
    }
  }
}

/** What `putKept` does with a byte: keeps it, replaces it, or looks at what follows it. */
const PLAIN = 0;
const UNWANTED = 1;
const MAY_BE_BLANK = 2;

/** The classes of all bytes where those of a text are not wanted. */
export function byteClasses(unwanted: string): Uint8Array {
  const classes = new Uint8Array(256).fill(MAY_BE_BLANK);
  classes.fill(PLAIN, 0x21, 0x7f);
  for (const character of unwanted) classes[character.charCodeAt(0)] = UNWANTED;
  return classes;
}

/**
 * Appends [from, to) as sent, but for _ in place of control characters, of the bytes that are not
 * wanted, and with `unblanked` of each run of blanks, which break the line format of backends.
 */
export function putKept(
  out: NameWriter,
  bytes: Uint8Array,
  from: number,
  to: number,
  classes: Uint8Array,
  unblanked: boolean,
): void {
  let keptFrom = from;
  for (let at = from; at < to;) {
    const byteClass = classes[bytes[at]!]!;
    if (byteClass === PLAIN) {
      at += 1;
      continue;
    }
    let length = unblanked ? blankLength(bytes, at, to) : 0;
    const isBlank = length > 0;
    if (!isBlank) length = byteClass === UNWANTED ? 1 : controlLength(bytes, at, to);
    if (length === 0) {
      at += 1;
      continue;
    }
    putDecoded(out, bytes, keptFrom, at);
    out.put(UNDERSCORE);
    out.changes |= REPLACED;
    at += length;
    while (isBlank && at < to && blankLength(bytes, at, to) > 0) at += blankLength(bytes, at, to);
    keptFrom = at;
  }
  putDecoded(out, bytes, keptFrom, to);
}

/**
 * Bytes of the control character or line separator at `at`, 0 when there is none.
 *
 *     00..1F 7F | C2 80..9F | E2 80 A8 A9
 */
function controlLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first < 0x20 || first === 0x7f ? 1 : 0;
  const second = at + 1 < to ? bytes[at + 1]! : 0;
  if (first === 0xc2) return second >= 0x80 && second < 0xa0 ? 2 : 0;
  if (first !== 0xe2 || second !== 0x80 || at + 2 >= to) return 0;
  return bytes[at + 2]! === 0xa8 || bytes[at + 2]! === 0xa9 ? 3 : 0;
}

/** Empty nodes join away, as folders do in Graphite: `.a..b.` is `a.b`. */
export function joinNodes(out: NameWriter): void {
  const { bytes, length } = out;
  let to = 0;
  let wasDot = true;
  for (; to < length; to++) {
    const isDot = bytes[to]! === DOT;
    if (isDot && wasDot) break;
    wasDot = isDot;
  }
  for (let at = to; at < length; at++) {
    if (bytes[at]! === DOT && (to === 0 || bytes[to - 1]! === DOT)) continue;
    bytes[to++] = bytes[at]!;
  }
  out.length = to > 0 && bytes[to - 1]! === DOT ? to - 1 : to;
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
