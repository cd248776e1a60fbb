/**
 * Decimals as whole numbers: finds a scale at which every value of a column is a whole number, so
 * that the codec can write small integers. Only scales that give every double back bit for bit
 * count: `whole / scale === value`. Besides powers of ten there are six times those, for averages
 * of six values (10 s to 1 min).
 */

/** Positions are stored in records: the list may only grow, to at most 256 entries. */
export const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 6, 60, 600, 6e3, 6e4, 6e5, 6e6] as const;
/** The first entry of the second family. */
const SIXES = 7;
/** Keeps differences of two numbers, doubled by the zigzag, below 2 ** 53. */
const WHOLE_MAX = 2 ** 50;

/**
 * Writes `count` values times the scale into `whole`; the index of the scale in SCALES, or -1 when
 * there is none (then `whole` holds nothing of use).
 */
export function scaleColumn(values: Float64Array, count: number, whole: Float64Array): number {
  const decimal = scaleWithin(values, count, whole, 0, SIXES);
  return decimal >= 0 ? decimal : scaleWithin(values, count, whole, SIXES, SCALES.length);
}

function scaleWithin(
  values: Float64Array,
  count: number,
  whole: Float64Array,
  firstScale: number,
  endScale: number,
): number {
  let scaleIndex = firstScale;
  for (let i = 0; i < count; i++) {
    if (i > 0 && values[i] === values[i - 1]) continue;
    while (!fits(values[i]!, SCALES[scaleIndex]!)) {
      scaleIndex += 1;
      if (scaleIndex === endScale) return -1;
    }
  }
  // A value that fits at a smaller scale of the family fits at a larger one, unless it grew out of
  // the whole numbers: both quotients are the same real number, rounded once.
  const scale = SCALES[scaleIndex]!;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (!fits(value, scale)) return -1;
    whole[i] = Math.round(value * scale);
  }
  return scaleIndex;
}

function fits(value: number, scale: number): boolean {
  const whole = Math.round(value * scale);
  if (!(whole <= WHOLE_MAX && whole >= -WHOLE_MAX) || whole / scale !== value) return false;
  // -0 would come back as 0.
  return value !== 0 || 1 / value > 0;
}
