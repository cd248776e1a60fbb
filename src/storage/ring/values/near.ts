/**
 * Sums and averages of decimals, which are no decimals themselves: ten times 0.1 added up is one
 * unit in the last place beside 1. Finds whole numbers and a scale which every value of a column is
 * within a few such units (ulps) of, so that the codec can write small integers and the ulps, and
 * every double still comes back bit for bit. Scales are those of averages of 6 and 6 * 6 values and
 * of tens of them: 10 s to 1 min, 10 min, 1 h.
 */
import { HIGH, LOW, TWO_32 } from './bits.ts';
import { SCALES } from './scaled.ts';

/** Tried in this order, each from its smallest scale: from … up to … in SCALES. */
const FAMILIES: readonly (readonly [number, number])[] = [
  [0, 7],
  [7, 14],
  [14, 20],
];
/** Larger numbers are near some whole number by chance. */
const WHOLE_MAX = 2 ** 40;
/** Four bits of ulps. */
export const ULPS_MIN = -8;
const ULPS_MAX = 7;

const pair = new Float64Array(2);
const words = new Int32Array(pair.buffer);

/**
 * Writes `count` values times the scale, rounded, into `whole` and what is missing into `ulps`; the
 * index of the scale in SCALES, or -1 when there is none.
 */
export function scaleNear(
  values: Float64Array,
  count: number,
  whole: Float64Array,
  ulps: Float64Array,
): number {
  for (const [first, end] of FAMILIES) {
    for (let index = first; index < end; index++) {
      if (isNear(values, count, SCALES[index]!, whole, ulps)) return index;
    }
  }
  return -1;
}

function isNear(
  values: Float64Array,
  count: number,
  scale: number,
  whole: Float64Array,
  ulps: Float64Array,
): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    // + 0 makes 0 of -0, as it is read back.
    const rounded = Math.round(value * scale) + 0;
    if (!(rounded <= WHOLE_MAX && rounded >= -WHOLE_MAX)) return false;
    pair[0] = value;
    pair[1] = rounded / scale;
    const high = words[HIGH]! - words[2 + HIGH]!;
    const off = high * TWO_32 + (words[LOW]! >>> 0) - (words[2 + LOW]! >>> 0);
    if (off < ULPS_MIN || off > ULPS_MAX) return false;
    whole[i] = rounded;
    ulps[i] = off;
  }
  return true;
}

/** Moves `count` values by their ulps. */
export function addUlps(values: Float64Array, count: number, ulps: Float64Array): void {
  for (let i = 0; i < count; i++) {
    if (ulps[i] === 0) continue;
    pair[0] = values[i]!;
    const low = (words[LOW]! >>> 0) + ulps[i]!;
    words[LOW] = low | 0;
    if (low < 0) words[HIGH]! -= 1;
    else if (low >= TWO_32) words[HIGH]! += 1;
    values[i] = pair[0];
  }
}
