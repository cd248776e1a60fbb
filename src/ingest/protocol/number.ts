/**
 * Numbers as StatsD reads them, which is JavaScript's `Number(text)` of UTF-8 bytes, to the last
 * bit and without making a string: blanks around, `0x10`, `0b1`, `0o7`, `1e3`, `.5`, `Infinity`.
 * Up to 15 digits the result is one exact multiplication or division (Clinger's fast path); others are
 * rounded in quick-decimal.ts, and those in doubt exactly in decimal.ts.
 */
import { trimEnd, trimStart } from './blank.ts';
import { roundDecimal } from './decimal.ts';
import { roundQuickly } from './quick-decimal.ts';

/** Where `readNumber` puts its result: returning a double would allocate. */
export const NUMBER = new Float64Array(1);

/** 10^0 … 10^22, the powers of ten that a double holds exactly. */
export const POWERS_OF_TEN = new Float64Array(23).map((_, power) => Number(`1e${power}`));

const DOT = 0x2e;
const EXACT_DIGITS = 15;
/** So many digits are a small integer, with a point or without, as nearly every value is. */
const PLAIN_DIGITS_MAX = 9;
/** Past this an exponent is infinity or nothing, whatever the digits (a line is < 2^16 bytes). */
const EXPONENT_LIMIT = 100_000;

/** Digits before the point of what is infinite for sure, or nothing. */
const MAGNITUDE_MAX = 310;
const MAGNITUDE_MIN = -330;

/** Reads all of [from, to) into `NUMBER[0]`; false when `Number()` would say NaN. */
export function readNumber(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from <= PLAIN_DIGITS_MAX + 1 && readPlain(bytes, from, to)) return true;
  const start = trimStart(bytes, from, to);
  const end = trimEnd(bytes, start, to);
  if (start === end) {
    NUMBER[0] = 0;
    return true;
  }
  if (bytes[start]! === 0x30 && end - start > 2) {
    const radix = bytes[start + 1]! | 0x20;
    if (radix === 0x78) return readBits(bytes, start + 2, end, 4);
    if (radix === 0x6f) return readBits(bytes, start + 2, end, 3);
    if (radix === 0x62) return readBits(bytes, start + 2, end, 1);
  }
  return readDecimal(bytes, start, end);
}

/** Digits with at most one point among them. */
function readPlain(bytes: Uint8Array, from: number, to: number): boolean {
  let value = 0;
  let point = to;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit >= 0 && digit <= 9) value = (Math.imul(value, 10) + digit) | 0;
    else if (digit === DOT - 0x30 && point === to) point = at;
    else return false;
  }
  const decimals = to - point - 1;
  if (to - from - (decimals < 0 ? 0 : 1) > PLAIN_DIGITS_MAX || (decimals === 0 && from === point)) {
    return false;
  }
  NUMBER[0] = decimals <= 0 ? value : value / POWERS_OF_TEN[decimals]!;
  return true;
}

function readDecimal(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  const sign = bytes[at]!;
  if (sign === 0x2b || sign === 0x2d) at += 1;
  const negative = sign === 0x2d;
  const digitsFrom = at;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let any = false;
  let exact = true;
  let seenDot = false;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e && !seenDot) {
      seenDot = true;
      continue;
    }
    const digit = byte - 0x30;
    if (digit < 0 || digit > 9) break;
    any = true;
    if (digits < EXACT_DIGITS) {
      mantissa = mantissa * 10 + digit;
      if (mantissa !== 0) digits += 1;
      if (seenDot) exponent -= 1;
    } else {
      if (digit !== 0) exact = false;
      if (!seenDot) exponent += 1;
    }
  }
  if (!any) return readInfinity(bytes, digitsFrom, to, negative);
  const digitsTo = at;
  let written = 0;
  if (at < to) {
    if ((bytes[at]! | 0x20) !== 0x65) return false;
    at += 1;
    const minus = at < to && bytes[at]! === 0x2d;
    if (at < to && (minus || bytes[at]! === 0x2b)) at += 1;
    if (at === to) return false;
    for (; at < to; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) return false;
      if (written < EXPONENT_LIMIT) written = written * 10 + digit;
    }
    if (minus) written = -written;
  }
  const power = exponent + written;
  if (mantissa === 0) NUMBER[0] = 0;
  else if (exact && power >= -22 && power <= 22) {
    NUMBER[0] = power < 0 ? mantissa / POWERS_OF_TEN[-power]! : mantissa * POWERS_OF_TEN[power]!;
  } else if (digits + power > MAGNITUDE_MAX) NUMBER[0] = Infinity;
  else if (digits + power < MAGNITUDE_MIN) NUMBER[0] = 0;
  else if (!roundQuickly(bytes, digitsFrom, digitsTo, written, NUMBER)) {
    roundDecimal(bytes, digitsFrom, digitsTo, written, NUMBER);
  }
  if (negative) NUMBER[0] = -NUMBER[0]!;
  return true;
}

const INFINITY_TEXT = new Uint8Array([0x49, 0x6e, 0x66, 0x69, 0x6e, 0x69, 0x74, 0x79]);

function readInfinity(bytes: Uint8Array, from: number, to: number, negative: boolean): boolean {
  if (to - from !== INFINITY_TEXT.length) return false;
  for (let i = 0; i < INFINITY_TEXT.length; i++) {
    if (bytes[from + i]! !== INFINITY_TEXT[i]!) return false;
  }
  NUMBER[0] = negative ? -Infinity : Infinity;
  return true;
}

/** Hexadecimal, octal and binary: 53 bits, then half to even, as for decimals. */
function readBits(bytes: Uint8Array, from: number, to: number, bitsPerDigit: number): boolean {
  let mantissa = 0;
  let extraBits = 0;
  let half = false;
  let rest = false;
  for (let at = from; at < to; at++) {
    const digit = digitOf(bytes[at]!);
    if (digit < 0 || digit >= 1 << bitsPerDigit) return false;
    for (let bit = bitsPerDigit - 1; bit >= 0; bit--) {
      const one = (digit >> bit) & 1;
      if (mantissa < 2 ** 52) mantissa = mantissa * 2 + one;
      else {
        extraBits += 1;
        if (extraBits === 1) half = one === 1;
        else if (one === 1) rest = true;
      }
    }
  }
  if (half && (rest || mantissa % 2 === 1)) mantissa += 1;
  if (extraBits > 1024) mantissa = Infinity;
  else for (let bit = 0; bit < extraBits; bit++) mantissa *= 2;
  NUMBER[0] = mantissa;
  return true;
}

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
