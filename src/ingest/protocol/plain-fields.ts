/**
 * Parts of the plain line (aggregate/statsd-fast-path.ts): its fields behind the type, and which
 * names it may have.
 *
 *     name:12.5|ms|@0.1|#env:prod,az:a
 *                  ^---^ ^-----------^
 */
import { EVENTS, NEEDS_NAME } from '../../config/dialects.ts';
import { blankLength } from './blank.ts';
import type { Cursor } from './cursor.ts';
import { WEIGHT } from './cursor.ts';
import { POWERS_OF_TEN } from './number.ts';

const NOT_PLAIN = -1;

const NEWLINE = 0x0a;
const BLANK = 0x20;
const BAR = 0x7c;
const COLON = 0x3a;
const DOT = 0x2e;
const AT = 0x40;
const NUMBER_SIGN = 0x23;
const UNDERSCORE = 0x5f;

/** `@rate`, `#tags` or both in this order; returns the line's end, or a negative number. */
export function readPlainFields(cursor: Cursor, from: number, to: number): number {
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
  // Whether a blank at the end is part of the line is the dialect's to say.
  if (bytes[at - 1]! <= BLANK) return NOT_PLAIN;
  cursor.tagsTo = at;
  return at;
}

/** Whether a value that starts so (byte - 0x30) is no number for sure: with a small letter. */
export function isWord(digit: number): boolean {
  return digit >= 0x61 - 0x30 && digit <= 0x7a - 0x30;
}

/**
 * Whether the value at `from` and what follows it is text where a number belongs, and nothing else
 * is wrong with the line, as in `name:nan|c`: what is refused costs no second reading.
 */
export function isPlainWord(cursor: Cursor, from: number, to: number): boolean {
  const { bytes } = cursor;
  let at = from;
  while (at < to && bytes[at]! !== BAR) {
    if (bytes[at]! === COLON || bytes[at]! === NEWLINE) return false;
    at += 1;
  }
  cursor.valueFrom = from;
  cursor.valueTo = at;
  const letter = bytes[at + 1]!;
  if (letter === 0x6d && bytes[at + 2]! === 0x73) at += 3;
  else if (letter === 0x63 || letter === 0x67) at += 2;
  else return false;
  cursor.lineTo = at;
  return at === to || (at < to && bytes[at]! === NEWLINE);
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
 * Whether the bytes before the colon are a name: they hold no newline and no bar, and in dialects
 * that have events and service checks they do not start one, nor what may go before one.
 */
export function isPlainName(cursor: Cursor): boolean {
  const { bytes, nameFrom, nameTo, traits } = cursor;
  for (let at = nameFrom; at < nameTo; at++) {
    const byte = bytes[at]!;
    if (byte === NEWLINE || byte === BAR) return false;
  }
  if (nameFrom === nameTo) return (traits & NEEDS_NAME) === 0;
  if ((traits & EVENTS) === 0) return true;
  const first = bytes[nameFrom]!;
  if (first <= BLANK || first >= 0x80) return blankLength(bytes, nameFrom, nameTo) === 0;
  return first !== UNDERSCORE || bytes[nameFrom + 1]! !== 0x65;
}
