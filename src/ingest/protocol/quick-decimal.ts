/**
 * Rounds most decimals that number.ts cannot do in one exact operation, in two doubles (Dekker's
 * arithmetic) instead of long whole numbers: a tenth of the work of decimal.ts, which takes what
 * remains in doubt. The digits times a power of ten of 106 bits; the error is known, and where it
 * could change the last bit the answer is left to decimal.ts.
 *
 *     17976931348623157  * 10^292      10^292 = (high + low) * 2^exponent
 *     ^-------------^ ^^
 *     first 15 digits rest
 */

const POWER_MIN = -350;
const POWERS = 700;
/** By power: 53 bits, the 53 bits behind them (as a fraction), and the power of two; 0: not made. */
const highs = new Float64Array(POWERS);
const lows = new Float64Array(POWERS);
const exponents = new Int32Array(POWERS);

/** Digits that two doubles hold. */
const DIGITS_MAX = 30;
const HALF_DIGITS = 15;
const SHIFTS = new Float64Array(HALF_DIGITS + 1).map((_, power) => 10 ** power);
/** Far above what is lost: 2^-103 of the product. */
const DOUBT = 2 ** -100;
const NORMAL_MIN = 2 ** -1022;
const SPLITTER = 2 ** 27 + 1;

const scale = new Float64Array(1);
const scaleWords = new Int32Array(scale.buffer);

/**
 * The digits in [from, to) (one dot at most) times 10^exponent into `out[0]`; false where it takes
 * decimal.ts to be sure.
 */
export function roundQuickly(
  bytes: Uint8Array,
  from: number,
  to: number,
  exponent: number,
  out: Float64Array,
): boolean {
  let first = 0;
  let rest = 0;
  let digits = 0;
  let power = exponent;
  let seenDot = false;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0) {
      seenDot = true;
      continue;
    }
    if (seenDot) power -= 1;
    if (digits === 0 && digit === 0) continue;
    if (digits === DIGITS_MAX) return false;
    if (digits < HALF_DIGITS) first = first * 10 + digit;
    else rest = rest * 10 + digit;
    digits += 1;
  }
  const index = power - POWER_MIN;
  if (index < 0 || index >= POWERS) return false;
  if (highs[index] === 0) makePower(power);
  // The digits as high + low.
  const shift = SHIFTS[Math.max(digits - HALF_DIGITS, 0)]!;
  const product = first * shift;
  const high = product + rest;
  const low = productError(first, shift, product) + (rest - (high - product));
  // Times the power of ten.
  const large = high * highs[index]!;
  const small =
    productError(high, highs[index]!, large) + (high * lows[index]! + low * highs[index]!);
  const rounded = large + small;
  const left = small - (rounded - large);
  const doubt = rounded * DOUBT;
  if (rounded + (left + doubt) !== rounded || rounded + (left - doubt) !== rounded) return false;
  const value = scaled(rounded, exponents[index]!);
  if (value <= NORMAL_MIN) return false; // rounded twice
  out[0] = value;
  return true;
}

/** value * 2^exponent, exact unless it is below NORMAL_MIN; value is from 2^52 to 2^160. */
function scaled(value: number, exponent: number): number {
  if (exponent >= -1022) return value * powerOfTwo(exponent);
  return value * powerOfTwo(-1022) * powerOfTwo(Math.max(exponent + 1022, -1022));
}

function powerOfTwo(exponent: number): number {
  scaleWords[0] = 0;
  scaleWords[1] = (Math.min(exponent, 1023) + 1023) << 20;
  return scale[0]!;
}

/** What a * b lost when it was rounded to `product`. */
function productError(a: number, b: number, product: number): number {
  const aSplit = SPLITTER * a;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = SPLITTER * b;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** 106 bits of a power of ten, when it is first asked for. */
function makePower(power: number): void {
  const index = power - POWER_MIN;
  const whole = 10n ** BigInt(Math.abs(power));
  const length = whole.toString(2).length;
  let exponent = length - 106;
  let bits: bigint;
  if (power >= 0) bits = exponent >= 0 ? whole >> BigInt(exponent) : whole << BigInt(-exponent);
  else {
    exponent = -(length + 105);
    bits = (1n << BigInt(length + 105)) / whole;
    if (bits >> 106n > 0n) {
      bits >>= 1n;
      exponent += 1;
    }
  }
  highs[index] = Number(bits >> 53n);
  lows[index] = Number(bits & (2n ** 53n - 1n)) / 2 ** 53;
  exponents[index] = exponent + 53;
}
