/**
 * Decimals as whole numbers: finds a scale at which every value of a column is a whole number, so
 * that the codec can write small integers. Only scales that give every double back bit for bit
 * count: `whole / scale === value`. Besides powers of ten there are six times those, for averages
 * of six values (10 s to 1 min).
 */

/** Positions are stored in records: the list may only grow, to at most 256 entries. */
// prettier-ignore
export const SCALES = [
  1, 10, 100, 1e3, 1e4, 1e5, 1e6,
  6, 60, 600, 6e3, 6e4, 6e5, 6e6,
  36, 360, 3600, 36e3, 36e4, 36e5,
] as const;
/** The first entry of the second family. */
const SIXES = 7;
const SIXES_END = 14;
/** Keeps differences of two numbers, doubled by the zigzag, below 2 ** 53. */
const WHOLE_MAX = 2 ** 50;

/**
 * Writes `count` values times the scale into `whole`; the index of the scale in SCALES, or -1 when
 * there is none (then `whole` holds nothing of use).
 */
export function scaleColumn(values: Float64Array, count: number, whole: Float64Array): number {
  const decimal = scaleWithin(values, count, whole, 0, SIXES);
  return decimal >= 0 ? decimal : scaleWithin(values, count, whole, SIXES, SIXES_END);
}

function scaleWithin(
  values: Float64Array,
  count: number,
  whole: Float64Array,
  firstScale: number,
  endScale: number,
): number {
  let scaleIndex = firstScale;
  let scale: number = SCALES[scaleIndex]!;
  /** Values before this one are in `whole` at an earlier scale. */
  let rescaled = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    let found = wholeOf(value, scale);
    while (found !== found) {
      scaleIndex += 1;
      if (scaleIndex === endScale) return -1;
      scale = SCALES[scaleIndex]!;
      rescaled = i;
      found = wholeOf(value, scale);
    }
    whole[i] = found;
  }
  // A value that fits at a smaller scale of the family fits at a larger one, unless it grew out of
  // the whole numbers: both quotients are the same real number, rounded once.
  for (let i = 0; i < rescaled; i++) {
    const found = wholeOf(values[i]!, scale);
    if (found !== found) return -1;
    whole[i] = found;
  }
  return scaleIndex;
}

/** The value times the scale, NaN where it would not come back bit for bit. */
function wholeOf(value: number, scale: number): number {
  const whole = Math.round(value * scale);
  if (!(whole <= WHOLE_MAX && whole >= -WHOLE_MAX) || whole / scale !== value) return NaN;
  // -0 would come back as 0.
  return value !== 0 || 1 / value > 0 ? whole : NaN;
}
