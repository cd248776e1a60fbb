/**
 * The percentile of a handful of values by rank, as Graphite takes it (NIST handbook 7.2.6.2:
 * rank = n/100 * (count + 1)). For timers there are sketches; this one is for values that were
 * already reduced: one datapoint of many series, or the datapoints of one series.
 */

/**
 * The n-th percentile of the values that are not NaN; NaN when there are none. Without
 * interpolation the rank is rounded up, and the answer is one of the values.
 */
export function percentileOf(values: Iterable<number>, n: number, interpolate = false): number {
  return percentileOfSorted(sortedKnown(values), n, interpolate);
}

/** Percentile of sorted values without NaN; see percentileOf. */
function percentileOfSorted(sorted: ArrayLike<number>, n: number, interpolate = false): number {
  const count = sorted.length;
  if (count === 0) return NaN;
  const exactRank = (n / 100) * (count + 1);
  const wholeRank = Math.trunc(exactRank);
  const fraction = exactRank - wholeRank;
  const rank = interpolate ? wholeRank : wholeRank + Math.ceil(fraction);
  const index = Math.min(Math.max(rank - 1, 0), count - 1);
  const value = sorted[index]!; // 0 <= index < count
  if (!interpolate || rank < 0 || rank >= count) return value;
  return value + fraction * (sorted[rank]! - value); // rank < count
}

/** The values that are not NaN, ascending. */
export function sortedKnown(values: Iterable<number>): Float64Array {
  const column = values instanceof Float64Array ? values : Float64Array.from(values);
  const known = new Float64Array(column.length);
  let count = 0;
  for (let i = 0; i < column.length; i++)
    if (!Number.isNaN(column[i]!)) known[count++] = column[i]!;
  return known.subarray(0, count).sort();
}
