/**
 * Correct rounding of a decimal that the fast path of number.ts cannot do exactly: more than 15
 * digits or a large exponent. A guess of a few units in the last place is moved until the decimal
 * lies between the midpoints to its neighbours; the comparison is exact, in whole numbers:
 *
 *     digits * 10^e   <=>   (2m + 1) * 2^(b - 1)        where the guess is m * 2^b
 *
 * (the idea of David Gay's "bigcomp"). Limbs of 24 bits live in typed arrays made once, so a
 * malicious stream of such numbers allocates nothing. Called by number.ts only.
 */

/** No midpoint between two doubles has more digits than this; what follows only breaks ties. */
const MAX_DIGITS = 800;
const LIMB = 0x1000000;

class Big {
  /** 800 digits times 2^1074 or 10^1200: 6,700 bits, 280 limbs. */
  readonly limbs = new Float64Array(400);
  length = 0;

  setDouble(value: number): void {
    this.length = 0;
    for (let rest = value; rest > 0; rest = Math.floor(rest / LIMB)) {
      this.limbs[this.length++] = rest % LIMB;
    }
  }

  copy(other: Big): void {
    for (let i = 0; i < other.length; i++) this.limbs[i] = other.limbs[i]!;
    this.length = other.length;
  }

  /** this = this * factor + term; both below 2^25. */
  multiplyAdd(factor: number, term: number): void {
    let carry = term;
    const limbs = this.limbs;
    for (let i = 0; i < this.length; i++) {
      const product = limbs[i]! * factor + carry;
      carry = Math.floor(product / LIMB);
      limbs[i] = product - carry * LIMB;
    }
    if (carry > 0) limbs[this.length++] = carry;
  }

  multiplyPowerOfTen(power: number): void {
    for (let rest = power; rest > 0; rest -= 7) {
      this.multiplyAdd(rest >= 7 ? 10_000_000 : 10 ** rest, 0);
    }
  }

  shiftLeft(bits: number): void {
    const whole = Math.floor(bits / 24);
    if (whole > 0 && this.length > 0) {
      this.limbs.copyWithin(whole, 0, this.length);
      this.limbs.fill(0, 0, whole);
      this.length += whole;
    }
    if (bits % 24 > 0) this.multiplyAdd(1 << (bits % 24), 0);
  }

  compare(other: Big): number {
    if (this.length !== other.length) return this.length - other.length;
    for (let i = this.length - 1; i >= 0; i--) {
      const difference = this.limbs[i]! - other.limbs[i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

const digitsBig = new Big();
const left = new Big();
const right = new Big();
const guess = new Float64Array(1);
const guessWords = new Int32Array(guess.buffer);
/** 10^-170 … 10^160: halves of the magnitudes that are tried. */
const POWER_MIN = -170;
const POWERS = new Float64Array(331).map((_, i) => Number(`1e${i + POWER_MIN}`));

/**
 * Rounds the digits in [from, to) (one dot at most) times 10^exponent into `out[0]`.
 * The digits must not all be zero.
 */
export function roundDecimal(
  bytes: Uint8Array,
  from: number,
  to: number,
  exponent: number,
  out: Float64Array,
): void {
  const power = readDigits(bytes, from, to) + exponent;
  const magnitude = power + digitCount;
  if (magnitude > 310 || magnitude < -330) {
    out[0] = magnitude > 0 ? Infinity : 0;
    return;
  }
  makeGuess(magnitude);
  while (guess[0]! < Infinity && liesAbove(power)) step(1);
  while (guess[0]! > 0) {
    step(-1);
    if (!liesAbove(power)) continue;
    step(1);
    break;
  }
  out[0] = guess[0]!;
}

let digitCount = 0;
/** The first 17 digits as 0.ddd…, for the guess. */
const lead = new Float64Array(1);

/** Fills `digitsBig`; returns the power of ten that the digits stand at. */
function readDigits(bytes: Uint8Array, from: number, to: number): number {
  let power = 0;
  let seenDot = false;
  let sticky = false;
  digitCount = 0;
  digitsBig.length = 0;
  let leading = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === 0x2e) {
      seenDot = true;
      continue;
    }
    const digit = byte - 0x30;
    if (digitCount < MAX_DIGITS) {
      if (digitCount > 0 || digit > 0) {
        digitsBig.multiplyAdd(10, digit);
        digitCount += 1;
        if (digitCount <= 17) leading = leading * 10 + digit;
      }
      if (seenDot) power -= 1;
    } else {
      if (digit > 0) sticky = true;
      if (!seenDot) power += 1;
    }
  }
  lead[0] = leading / 10 ** Math.min(digitCount, 17);
  if (sticky) {
    digitsBig.multiplyAdd(10, 1);
    digitCount += 1;
    power -= 1;
  }
  return power;
}

/**
 * 0.ddd… times 10^magnitude in floating point, a few units off at most. In two steps, because the
 * power alone may be infinite or nothing where the product is neither.
 */
function makeGuess(magnitude: number): void {
  const half = magnitude >> 1;
  const scaled = lead[0]! * POWERS[half - POWER_MIN]! * POWERS[magnitude - half - POWER_MIN]!;
  guess[0] = Math.min(scaled, Number.MAX_VALUE);
}

/** To the next double up or down; the guess is never negative. */
function step(direction: 1 | -1): void {
  const low = guessWords[0]!;
  guessWords[0] = low + direction;
  if (direction === 1 ? low === -1 : low === 0) guessWords[1]! += direction;
}

/** Whether the decimal rounds up from the guess: past the midpoint, or on it from an odd guess. */
function liesAbove(power: number): boolean {
  const biased = guessWords[1]! >>> 20;
  const fraction = (guessWords[1]! & 0xfffff) * 2 ** 32 + (guessWords[0]! >>> 0);
  const mantissa = biased === 0 ? fraction : fraction + 2 ** 52;
  const binary = (biased === 0 ? 1 : biased) - 1075 - 1;
  left.copy(digitsBig);
  right.setDouble(mantissa);
  right.multiplyAdd(2, 1);
  if (power >= 0) left.multiplyPowerOfTen(power);
  else right.multiplyPowerOfTen(-power);
  if (binary >= 0) right.shiftLeft(binary);
  else left.shiftLeft(-binary);
  const order = left.compare(right);
  return order > 0 || (order === 0 && mantissa % 2 === 1);
}
