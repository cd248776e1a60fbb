/**
 * Aggregates of sliding windows over one column, in one pass where there is a way that gives the
 * same answer as aggregating each window on its own. NaN is a null: it is left out of its windows.
 */
import { type Aggregator, aggregatorOf, count } from './aggregate.ts';

/** Up to here each window is summed on its own, so that sums agree with Graphite's to the bit. */
const PLAIN_SUM_MAX = 256;

/** Aggregates values[end - points .. end) for every end from `points + 1` to the column's. */
export type Sliding = (values: Float64Array, points: number) => Float64Array;

/** The sliding form of an aggregation; throws `badTarget` for a name that is none. */
export function slidingOf(func: string): Sliding {
  const aggregate = aggregatorOf(func);
  switch (func) {
    case 'sum':
    case 'total':
      return slidingSum;
    case 'average':
    case 'avg':
    case 'avg_zero': // nulls are left out, so there are no zeros to count
      return (values, points) => {
        const sums = slidingSum(values, points);
        const counts = slidingCount(values, points);
        return sums.map((sum, i) => sum / counts[i]!); // as long
      };
    case 'max':
      return (values, points) => slidingBest(values, points, (a, b) => a > b);
    case 'min':
      return (values, points) => slidingBest(values, points, (a, b) => a < b);
    case 'median':
      return slidingMedian;
    default:
      return (values, points) => slidingPlain(values, points, aggregate);
  }
}

/** Known values in each window. */
export function slidingCount(values: Float64Array, points: number): Float64Array {
  const counts = new Float64Array(windowCount(values, points));
  let known = count(values, 0, Math.min(points, values.length));
  for (let i = 0; i < counts.length; i++) {
    if (!Number.isNaN(values[i + points]!)) known += 1;
    if (!Number.isNaN(values[i]!)) known -= 1;
    counts[i] = known;
  }
  return counts;
}

function windowCount(values: Float64Array, points: number): number {
  return Math.max(values.length - points, 0);
}

function slidingPlain(values: Float64Array, points: number, aggregate: Aggregator): Float64Array {
  const answers = new Float64Array(windowCount(values, points));
  const known = new Float64Array(points);
  for (let i = 0; i < answers.length; i++) {
    let length = 0;
    for (let at = i + 1; at <= i + points; at++) {
      const value = values[at]!; // at < length
      if (!Number.isNaN(value)) known[length++] = value;
    }
    answers[i] = length === 0 ? NaN : aggregate(known, 0, length);
  }
  return answers;
}

function slidingSum(values: Float64Array, points: number): Float64Array {
  const sums = new Float64Array(windowCount(values, points));
  if (points <= PLAIN_SUM_MAX || values.some(isInfinite)) {
    for (let i = 0; i < sums.length; i++) {
      let sum = 0;
      for (let at = i + 1; at <= i + points; at++) {
        const value = values[at]!; // at < length
        if (value === value) sum += value; // not NaN; twice as fast as Number.isNaN here
      }
      sums[i] = sum;
    }
    return sums;
  }
  // Neumaier's compensated sum: what leaves takes its rounding error with it.
  let sum = 0;
  let lost = 0;
  const add = (value: number): void => {
    if (Number.isNaN(value)) return;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  };
  for (let at = 0; at < Math.min(points, values.length); at++) add(values[at]!);
  for (let i = 0; i < sums.length; i++) {
    add(values[i + points]!);
    add(-values[i]!);
    sums[i] = sum + lost;
  }
  return sums;
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Infinity;
}

/** The best of each window from a queue of those that can still become it. */
function slidingBest(
  values: Float64Array,
  points: number,
  better: (a: number, b: number) => boolean,
): Float64Array {
  const answers = new Float64Array(windowCount(values, points));
  const queue = new Uint32Array(values.length);
  let head = 0;
  let tail = 0;
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!; // at < length
    if (!Number.isNaN(value)) {
      while (tail > head && !better(values[queue[tail - 1]!]!, value)) tail -= 1;
      queue[tail++] = at;
    }
    while (tail > head && queue[head]! + points <= at) head += 1;
    if (at >= points) answers[at - points] = tail > head ? values[queue[head]!]! : NaN;
  }
  return answers;
}

/** Medians from a window that is kept sorted. */
function slidingMedian(values: Float64Array, points: number): Float64Array {
  const answers = new Float64Array(windowCount(values, points));
  const sorted = new Float64Array(points + 1);
  let length = 0;
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!; // at < length
    if (!Number.isNaN(value)) {
      const place = lowerBound(sorted, length, value);
      sorted.copyWithin(place + 1, place, length);
      sorted[place] = value;
      length += 1;
    }
    const gone = at > points ? values[at - points]! : NaN;
    if (!Number.isNaN(gone)) {
      sorted.copyWithin(
        lowerBound(sorted, length, gone),
        lowerBound(sorted, length, gone) + 1,
        length,
      );
      length -= 1;
    }
    if (at < points) continue;
    const middle = length >> 1;
    const isOdd = length % 2 === 1;
    answers[at - points] =
      length === 0 ? NaN : isOdd ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }
  return answers;
}

/** The first place whose value is not below. */
function lowerBound(sorted: Float64Array, length: number, value: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
