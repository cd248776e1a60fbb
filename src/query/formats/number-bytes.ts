/**
 * Numbers as text, written as bytes: what `finiteText` spells, without a string for each. Most of
 * an answer is numbers, and V8's own spelling of doubles is most of what such an answer costs.
 *
 * The shortest digits that read back as the same double, by exact arithmetic on pairs of doubles:
 *
 *     size * 10^k = product + error      both exact (Dekker's product), 10^15 < product < 10^16
 *     reach       = half an ulp of size, times 10^k: what is nearer reads back as size
 *
 * If the nearest multiple of ten is within reach, its 15 digits are the answer (no other 15 digits
 * are as near); else the nearest whole number, 16 digits; else 17 digits always are. Ties, powers
 * of two (their reach below is shorter) and sizes at the ends go the long way, which gives the
 * same.
 */
import { finiteText } from './format.ts';

/** The longest spelling of a number takes fewer bytes. */
export const NUMBER_BYTES_MAX = 32;

const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;

/** `00` to `99`, two bytes each. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => {
  return ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10);
});

/** Half an ulp of a double, by its eleven bits of exponent; 0 where that is below the least. */
const HALF_ULPS = Float64Array.from({ length: 2048 }, (_, exponent) => 2 ** (exponent - 1076));

/** Powers of ten that are doubles exactly. */
const TENS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** 2^27 + 1 splits a double into two of 26 bits, whose products are exact. */
const SPLITTER = 2 ** 27 + 1;
const TENS_HIGH = TENS.map(highHalf);
const TENS_LOW = TENS.map((ten) => ten - highHalf(ten));

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Position of the high word of a double on this machine. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Writes a finite number as `finiteText` spells it; the position after. */
export function writeFinite(
  bytes: Uint8Array,
  at: number,
  value: number,
  integers: boolean,
): number {
  const size = Math.abs(value);
  if (Math.floor(size) === size) {
    if (size === 0 || size >= 1e15) return writeSlowly(bytes, at, value, integers);
    let end = at;
    if (value < 0) bytes[end++] = MINUS;
    end = writeWhole(bytes, end, size);
    if (integers) return end;
    bytes[end] = POINT;
    bytes[end + 1] = ZERO;
    return end + 2;
  }
  if (!(size > 1e-4 && size < 1e15)) return writeSlowly(bytes, at, value, integers);
  bytes[at] = MINUS;
  const start = value < 0 ? at + 1 : at;
  const thousandths = Math.floor(size * 1000 + 0.5);
  // 15 digits or fewer that read back as the number are the shortest.
  if (thousandths < 1e15 && thousandths / 1000 === size) {
    return writeThousandths(bytes, start, size, thousandths);
  }
  const end = writeShortest(bytes, start, size);
  return end > 0 ? end : writeSlowly(bytes, at, value, integers);
}

/** Writes a whole number from 0 up to 10^15; the position after. */
export function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 1e8) {
    const high = Math.floor(value / 1e8);
    return writeEight(bytes, writeSmall(bytes, at, high), value - high * 1e8);
  }
  return writeSmall(bytes, at, value);
}

/** A whole number below 10^8. */
function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  let rest = value | 0;
  let end = at + 1;
  for (let ten = 10; ten <= rest; ten *= 10) end += 1;
  let next = end;
  while (rest >= 100) {
    const left = (rest / 100) | 0;
    const pair = (rest - left * 100) * 2;
    bytes[--next] = PAIRS[pair + 1]!;
    bytes[--next] = PAIRS[pair]!;
    rest = left;
  }
  if (rest >= 10) {
    bytes[--next] = PAIRS[rest * 2 + 1]!;
    bytes[--next] = PAIRS[rest * 2]!;
  } else bytes[--next] = ZERO + rest;
  return end;
}

/** A whole number below 10^8 as eight digits. */
function writeEight(bytes: Uint8Array, at: number, value: number): number {
  const high = ((value | 0) / 10_000) | 0;
  const low = (value | 0) - high * 10_000;
  const a = (high / 100) | 0;
  const b = high - a * 100;
  const c = (low / 100) | 0;
  const d = low - c * 100;
  bytes[at] = PAIRS[a * 2]!;
  bytes[at + 1] = PAIRS[a * 2 + 1]!;
  bytes[at + 2] = PAIRS[b * 2]!;
  bytes[at + 3] = PAIRS[b * 2 + 1]!;
  bytes[at + 4] = PAIRS[c * 2]!;
  bytes[at + 5] = PAIRS[c * 2 + 1]!;
  bytes[at + 6] = PAIRS[d * 2]!;
  bytes[at + 7] = PAIRS[d * 2 + 1]!;
  return at + 8;
}

/** A number with at most three decimals. */
function writeThousandths(
  bytes: Uint8Array,
  at: number,
  size: number,
  thousandths: number,
): number {
  const whole = Math.floor(size);
  let end = writeWhole(bytes, at, whole);
  const rest = (thousandths - whole * 1000) | 0;
  const tenths = (rest / 100) | 0;
  const hundredths = (rest - tenths * 100) * 2;
  bytes[end++] = POINT;
  bytes[end++] = ZERO + tenths;
  bytes[end] = PAIRS[hundredths]!;
  bytes[end + 1] = PAIRS[hundredths + 1]!;
  if (hundredths === 0) return end;
  return bytes[end + 1] === ZERO ? end + 1 : end + 2;
}

/** The shortest digits of a number that is not whole; 0 where it has to go the long way. */
function writeShortest(bytes: Uint8Array, at: number, size: number): number {
  let k = 15;
  while (size >= TENS[16 - k]!) k -= 1; // size < 1e15
  while (size * TENS[k]! < 1e15) k += 1; // size > 1e-4
  const ten = TENS[k]!;
  const product = size * ten;
  if (!(product > 1e15 && product < 1e16 - 8)) return 0;
  const sizeHigh = highHalf(size);
  const sizeLow = size - sizeHigh;
  const tenHigh = TENS_HIGH[k]!;
  const tenLow = TENS_LOW[k]!;
  const error =
    sizeHigh * tenHigh - product + sizeHigh * tenLow + sizeLow * tenHigh + sizeLow * tenLow;
  double[0] = size;
  const highWord = words[HIGH]!;
  if (words[1 - HIGH] === 0 && (highWord & 0xfffff) === 0) return 0;
  const reach = HALF_ULPS[highWord >>> 20]! * ten; // positive, so no bit of sign

  // Where 0.1 rounds this to the wrong neighbour, neither is within reach.
  const fifteen = Math.floor(product * 0.1 + 0.5) * 10;
  const off = Math.abs(fifteen - product - error);
  if (off === reach) return 0;
  if (off < reach) {
    let end = writeDigits(bytes, at, k, fifteen, 0);
    while (bytes[end - 1] === ZERO) end -= 1;
    return end;
  }
  // The nearest whole number is `floor + up`; above 2^53 a double cannot hold their sum.
  const floor = Math.floor(product);
  const part = product - floor + error;
  const up = Math.floor(part + 0.5);
  const missing = part - up; // -0.5 … 0.5
  const distance = Math.abs(missing);
  if (distance === 0.5 || distance === reach) return 0;
  if (distance < reach) return writeDigits(bytes, at, k, floor, up);
  const tenths = missing * 10;
  const last = Math.floor(tenths + 0.5);
  if (Math.abs(tenths - last) === 0.5) return 0;
  const end = writeDigits(bytes, at, k, floor, last < 0 ? up - 1 : up);
  bytes[end] = ZERO + (last < 0 ? last + 10 : last);
  return end + 1;
}

/** The 16 digits of `whole + add` over 10^k, with their point. */
function writeDigits(bytes: Uint8Array, at: number, k: number, whole: number, add: number): number {
  let high = Math.floor(whole / 1e8);
  let low = whole - high * 1e8 + add;
  if (low < 0) {
    low += 1e8;
    high -= 1;
  } else if (low >= 1e8) {
    low -= 1e8;
    high += 1;
  }
  if (k > 15) {
    bytes[at] = ZERO;
    bytes[at + 1] = POINT;
    let next = at + 2;
    for (let zeros = k - 16; zeros > 0; zeros--) bytes[next++] = ZERO;
    return writeEight(bytes, writeEight(bytes, next, high), low);
  }
  const end = writeEight(bytes, writeEight(bytes, at + 1, high), low);
  const point = at + 16 - k;
  for (let i = at; i < point; i++) bytes[i] = bytes[i + 1]!;
  bytes[point] = POINT;
  return end;
}

function writeSlowly(bytes: Uint8Array, at: number, value: number, integers: boolean): number {
  const text = finiteText(value, integers);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function highHalf(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}
