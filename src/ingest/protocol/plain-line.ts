/**
 * The line that nearly every client sends, in one pass: the hash of the name grows while the colon
 * is searched four bytes at a time, the value is an integer mantissa with a decimal exponent.
 *
 *     name:-12.5|ms|@0.1|#tags\n
 *     ^---^^---^ ^^  ^-^  ^--^
 *
 * Whatever is different in any way (other numbers, other types, several samples, fields in another
 * order, carriage returns) is left to the dialect's full parser: `readPlainLine` says NOT_PLAIN.
 * The name is not looked at beyond its hash: it may hold a newline or a bar. Such a name is never
 * in the table, so the aggregator asks `isPlainName` when a name is new, and only then.
 */
import {
  type Cursor,
  KIND_COUNTER,
  KIND_GAUGE,
  KIND_TIMER,
  VALUE,
  WEIGHT,
} from './cursor.ts';
import { DIALECT_DOGSTATSD, DIALECT_STATSD } from './dialect.ts';
import { POWERS_OF_TEN } from './number.ts';
import { finishHash, mixWord, TAIL_MASKS } from './words.ts';

export const NOT_PLAIN = -1;

const COLONS = 0x3a3a3a3a;
const LOW_BITS = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const NEWLINE = 0x0a;
const BAR = 0x7c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const AT = 0x40;
const NUMBER_SIGN = 0x23;
const UNDERSCORE = 0x5f;

/** Reads one line of [from, to); returns where the next line starts, or NOT_PLAIN. */
export function readPlainLine(cursor: Cursor, from: number, to: number, secret: number): number {
  const view = cursor.view;
  let hash = secret;
  let at = from;
  let word = 0;
  let colon = 0;
  for (;;) {
    if (at >= to) return NOT_PLAIN;
    word = view.getInt32(at, true);
    const differing = word ^ COLONS;
    colon = (differing - LOW_BITS) & ~differing & HIGH_BITS;
    if (colon !== 0) break;
    hash = mixWord(hash, word, secret);
    at += 4;
  }
  const tail = (31 - Math.clz32(colon & -colon)) >> 3;
  if (tail > 0) hash = mixWord(hash, word & TAIL_MASKS[tail]!, secret);
  at += tail;
  if (at >= to) return NOT_PLAIN;
  cursor.lineFrom = from;
  cursor.nameFrom = from;
  cursor.nameTo = at;
  cursor.hash = finishHash(hash, at - from);
  return readSample(cursor, at + 1, to);
}

function readSample(cursor: Cursor, from: number, to: number): number {
  const bytes = cursor.bytes;
  let at = from;
  const sign = bytes[at]!;
  if (sign === MINUS || sign === PLUS) at += 1;
  const digitsFrom = at;
  let mantissa = 0;
  let digit = bytes[at]! - 0x30;
  while (digit >= 0 && digit <= 9) {
    mantissa = (mantissa * 10 + digit) | 0;
    digit = bytes[++at]! - 0x30;
  }
  let digits = at - digitsFrom;
  let decimals = 0;
  if (bytes[at]! === DOT) {
    const pointAt = at;
    digit = bytes[++at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      mantissa = (mantissa * 10 + digit) | 0;
      digit = bytes[++at]! - 0x30;
    }
    decimals = at - pointAt - 1;
    digits += decimals;
  }
  if (digits === 0 || digits > 9 || bytes[at]! !== BAR) return NOT_PLAIN;
  let value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
  if (sign === MINUS) value = -value;
  cursor.numbers[VALUE] = value;
  cursor.numbers[WEIGHT] = 1;
  return readType(cursor, at + 1, to, sign);
}

function readType(cursor: Cursor, from: number, to: number, sign: number): number {
  const bytes = cursor.bytes;
  const signed = sign === MINUS || sign === PLUS;
  let at = from + 1;
  cursor.weighted = false;
  cursor.relative = false;
  switch (bytes[from]!) {
    case 0x63: // c
      cursor.kind = KIND_COUNTER;
      break;
    case 0x67: // g
      cursor.kind = KIND_GAUGE;
      cursor.relative = signed && cursor.dialect !== DIALECT_DOGSTATSD;
      break;
    case 0x6d: // ms
      if (bytes[at]! !== 0x73 || sign === MINUS) return NOT_PLAIN;
      at += 1;
      cursor.kind = KIND_TIMER;
      break;
    case 0x68: // h
    case 0x64: // d
      if (cursor.dialect === DIALECT_STATSD) cursor.kind = KIND_COUNTER;
      else {
        cursor.kind = KIND_TIMER;
        cursor.weighted = true;
      }
      break;
    default:
      return NOT_PLAIN;
  }
  cursor.tagsFrom = 0;
  cursor.tagsTo = 0;
  if (at < to && bytes[at]! === BAR) at = readFields(cursor, at + 1, to);
  if (at >= to) return at === to ? to : NOT_PLAIN;
  if (at < 0 || bytes[at]! !== NEWLINE) return NOT_PLAIN;
  return at + 1;
}

/** `@rate`, `#tags` or both in this order; returns the line's end. */
function readFields(cursor: Cursor, from: number, to: number): number {
  const bytes = cursor.bytes;
  let at = from;
  if (bytes[at]! === AT) {
    at = readRate(cursor, at + 1);
    if (at < 0 || at > to) return NOT_PLAIN;
    if (at === to || bytes[at]! !== BAR) return at;
    at += 1;
  }
  if (at >= to || bytes[at]! !== NUMBER_SIGN) return NOT_PLAIN;
  cursor.tagsFrom = ++at;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === NEWLINE) break;
    if (byte === BAR || byte === 0x0d) return NOT_PLAIN;
  }
  cursor.tagsTo = at;
  return at;
}

/** A rate above 0 of at most 9 digits, `0.25`; the weight is its reciprocal, as in StatsD. */
function readRate(cursor: Cursor, from: number): number {
  const bytes = cursor.bytes;
  let at = from;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  let seenDot = false;
  for (; digits <= 9; at++) {
    const byte = bytes[at]!;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = (mantissa * 10 + digit) | 0;
      digits += 1;
      if (seenDot) decimals += 1;
    } else if (byte === DOT && !seenDot) seenDot = true;
    else break;
  }
  if (mantissa <= 0 || digits > 9) return NOT_PLAIN;
  const rate = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
  cursor.numbers[WEIGHT] = 1 / rate;
  return at;
}

/**
 * Whether a name that readPlainLine found is one: no newline, no bar; and where events and checks
 * exist, not the start of one.
 */
export function isPlainName(cursor: Cursor): boolean {
  const { bytes, nameFrom, nameTo, dialect } = cursor;
  for (let at = nameFrom; at < nameTo; at++) {
    const byte = bytes[at]!;
    if (byte === NEWLINE || byte === BAR) return false;
  }
  if (dialect === DIALECT_STATSD) return true;
  if (nameFrom === nameTo) return dialect !== DIALECT_DOGSTATSD;
  return !(bytes[nameFrom]! === UNDERSCORE && bytes[nameFrom + 1]! === 0x65);
}
