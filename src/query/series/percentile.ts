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
  const known = knownOf(values);
  const count = known.length;
  if (count === 0) return NaN;
  const exactRank = (n / 100) * (count + 1);
  const wholeRank = Math.trunc(exactRank);
  const fraction = exactRank - wholeRank;
  const rank = interpolate ? wholeRank : wholeRank + Math.ceil(fraction);
  const index = Math.min(Math.max(rank - 1, 0), count - 1);
  const value = inPlace(known, index);
  if (!interpolate || rank < 0 || rank >= count) return value;
  return value + fraction * (inPlace(known, rank) - value);
}

/** The values that are not NaN, ascending. */
export function sortedKnown(values: Iterable<number>): Float64Array {
  return knownOf(values).sort();
}

/** Of fewer values all are sorted: that is as fast. */
const SORTED_MAX = 1000;

/**
 * The value that sorting would put at a place, 0 <= place < values.length; values change places. Hoare's
 * selection ("Algorithm 65: find", 1961): of a million values it takes a tenth of sorting them.
 */
export function inPlace(values: Float64Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (high - low >= SORTED_MAX) {
    const pivot = values[low + Math.floor(Math.random() * (high - low + 1))]!; // low to high
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! < pivot) i += 1; // the pivot, or what took its place, stops both
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      const lower = values[j]!;
      values[j--] = values[i]!;
      values[i++] = lower;
    }
    // Between j and i all values are the pivot's.
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return pivot;
  }
  values.subarray(low, high + 1).sort();
  return values[place]!;
}

function knownOf(values: Iterable<number>): Float64Array {
  const column = values instanceof Float64Array ? values : Float64Array.from(values);
  const known = new Float64Array(column.length);
  let count = 0;
  for (let i = 0; i < column.length; i++)
    if (!Number.isNaN(column[i]!)) known[count++] = column[i]!;
  return known.subarray(0, count);
}
