/**
 * Which numbers from outside are taken: the one place that says so, for lines, points, pickles, HTTP,
 * configuration and imports. What reads a number (however it is spelled there) asks here whether it
 * is one to count with. The limits are such that sums of what was admitted stay numbers; where a sum
 * cannot be bounded beforehand, whoever adds asks `isFiniteNumber` of the result. Pure; small enough
 * to be inlined. Where V8 does not do so, as with calls that are rare, a double as an argument is an
 * object of its own: paths that allocate nothing ask about a place (`…At`).
 */

/** Up to here a double holds every whole number: sums of weights stay below. */
export const EXACT_MAX = 2 ** 53;

/** A weight is kept in whole multiples of this: of a smaller one nothing would be left. */
export const WEIGHT_UNIT = 2 ** -20;

/** The square of such a value can be added up EXACT_MAX times: 1.4e146. */
const SQUARABLE_MAX = Math.sqrt(Number.MAX_VALUE / EXACT_MAX);

/** The last second that stored times have: in 2106. */
export const SECONDS_MAX = 0xffffffff;

/** A value, and a sum of values: neither NaN nor Infinity, which is also what 1e400 is read as. */
export function isFiniteNumber(value: number): boolean {
  return value - value === 0;
}

export function isFiniteAt(values: Float64Array, at: number): boolean {
  return isFiniteNumber(values[at]!);
}

/** A value of a timer: its square is added up too. */
export function isSquarable(value: number): boolean {
  return value <= SQUARABLE_MAX && value >= -SQUARABLE_MAX;
}

export function isSquarableAt(values: Float64Array, at: number): boolean {
  return isSquarable(values[at]!);
}

/** A weight, 1 / sample rate: what a count can hold. */
export function isWeight(weight: number): boolean {
  return weight >= WEIGHT_UNIT && weight < EXACT_MAX;
}

/** A sum of weights, or a count that misses nothing of what is added to it. */
export function isExactSum(sum: number): boolean {
  return sum < EXACT_MAX && sum > -EXACT_MAX;
}

/** A time that can be stored: seconds since 1970, fractions are cut. */
export function isStoredTime(seconds: number): boolean {
  return seconds >= 0 && seconds < SECONDS_MAX + 1;
}
