/**
 * Aggregates of sliding windows over one column, in one pass where there is a way that gives the
 * same answer as aggregating each window on its own. NaN is a null: it is left out of its windows.
 */
import type { InSteps } from '../../lib/in-steps.ts';
import { type Reducer, reducerOf, count } from './aggregate.ts';

/** Up to here each window is summed on its own, so that sums agree with Graphite's to the bit. */
const PLAIN_SUM_MAX = 256;

/** Windows summed side by side, so that no addition waits for the previous one. */
const LANES = 8;

/** Steps between two yields: about a millisecond. */
const STEPS = 100_000;
/** Values of a window that are read in the time of one step; places by which a sorted one moves them. */
const READ_AT_ONCE = 4;
const MOVED_AT_ONCE = 32;

/**
 * Aggregates values[end - points .. end) for every end from `points + 1` to the column's; `known`
 * is the answer of slidingCount, for callers that have it already.
 */
type Sliding = (
  values: Float64Array,
  points: number,
  known?: Float64Array,
) => InSteps<Float64Array>;

/** The sliding form of an aggregation; throws `badTarget` for a name that is none. */
export function slidingOf(func: string): Sliding {
  const aggregate = reducerOf(func);
  switch (func) {
    case 'sum':
    case 'total':
      return slidingSum;
    case 'average':
    case 'avg':
    case 'avg_zero': // nulls are left out, so there are no zeros to count
      return function* (values, points, known = slidingCount(values, points)) {
        const sums = yield* slidingSum(values, points);
        for (let i = 0; i < sums.length; i++) sums[i]! /= known[i]!; // as long
        return sums;
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
    const comes = values[i + points]!; // below length
    const goes = values[i]!;
    if (comes === comes) known += 1;
    if (goes === goes) known -= 1;
    counts[i] = known;
  }
  return counts;
}

function windowCount(values: Float64Array, points: number): number {
  return Math.max(values.length - points, 0);
}

/** Does `each` over the places `first` to `end`, some at a time; one takes `cost` steps. */
function* inRuns(
  first: number,
  end: number,
  cost: number,
  each: (from: number, to: number) => void,
): InSteps<void> {
  const run = Math.max(1, Math.floor(STEPS / cost));
  for (let from = first; from < end; from += run) {
    const to = Math.min(from + run, end);
    each(from, to);
    yield (to - from) * cost;
  }
}

function* slidingPlain(
  values: Float64Array,
  points: number,
  aggregate: Reducer,
): InSteps<Float64Array> {
  const answers = new Float64Array(windowCount(values, points));
  const known = new Float64Array(points);
  yield* inRuns(0, answers.length, 1 + points / READ_AT_ONCE, (from, to) => {
    for (let i = from; i < to; i++) {
      let length = 0;
      for (let at = i + 1; at <= i + points; at++) {
        const value = values[at]!; // at < length
        if (!Number.isNaN(value)) known[length++] = value;
      }
      answers[i] = length === 0 ? NaN : aggregate(known, 0, length);
    }
  });
  return answers;
}

function* slidingSum(values: Float64Array, points: number): InSteps<Float64Array> {
  const sums = new Float64Array(windowCount(values, points));
  if (points <= PLAIN_SUM_MAX || values.some(isInfinite)) {
    yield* sumPlain(values, points, sums);
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
  yield* inRuns(0, sums.length, 1, (from, to) => {
    for (let i = from; i < to; i++) {
      add(values[i + points]!);
      add(-values[i]!);
      sums[i] = sum + lost;
    }
  });
  return sums;
}

/** Each window on its own, from its first value to its last. */
function* sumPlain(values: Float64Array, points: number, sums: Float64Array): InSteps<void> {
  // A sum that starts from 0 is the same with 0 for null.
  const filled = values.map((value) => (value === value ? value : 0));
  const lanes = points >= LANES ? Math.floor(sums.length / LANES) : 0;
  yield* inRuns(0, lanes, points + LANES, (from, to) => {
    for (let lane = from; lane < to; lane++) sumLanes(filled, points, sums, lane * LANES);
  });
  yield* inRuns(lanes * LANES, sums.length, points, (from, to) => {
    for (let i = from; i < to; i++) sums[i] = sumOf(filled, i + 1, i + points + 1, 0);
  });
}

/** The windows `first` … `first + 7`: what all of them hold is read once. */
function sumLanes(values: Float64Array, points: number, sums: Float64Array, first: number): void {
  const from = first + LANES;
  const to = first + points + 1;
  let s0 = sumOf(values, first + 1, from, 0);
  let s1 = sumOf(values, first + 2, from, 0);
  let s2 = sumOf(values, first + 3, from, 0);
  let s3 = sumOf(values, first + 4, from, 0);
  let s4 = sumOf(values, first + 5, from, 0);
  let s5 = sumOf(values, first + 6, from, 0);
  let s6 = sumOf(values, first + 7, from, 0);
  let s7 = 0;
  for (let at = from; at < to; at++) {
    const value = values[at]!; // at < length
    s0 += value;
    s1 += value;
    s2 += value;
    s3 += value;
    s4 += value;
    s5 += value;
    s6 += value;
    s7 += value;
  }
  sums[first] = s0;
  sums[first + 1] = sumOf(values, to, to + 1, s1);
  sums[first + 2] = sumOf(values, to, to + 2, s2);
  sums[first + 3] = sumOf(values, to, to + 3, s3);
  sums[first + 4] = sumOf(values, to, to + 4, s4);
  sums[first + 5] = sumOf(values, to, to + 5, s5);
  sums[first + 6] = sumOf(values, to, to + 6, s6);
  sums[first + 7] = sumOf(values, to, to + 7, s7);
}

function sumOf(values: Float64Array, from: number, to: number, start: number): number {
  let sum = start;
  for (let at = from; at < to; at++) sum += values[at]!; // at < length
  return sum;
}

function isInfinite(value: number): boolean {
  return Math.abs(value) === Infinity;
}

/** The best of each window from a queue of those that can still become it. */
function* slidingBest(
  values: Float64Array,
  points: number,
  better: (a: number, b: number) => boolean,
): InSteps<Float64Array> {
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
    if (at % STEPS === 0) yield STEPS;
  }
  return answers;
}

/** Medians from a window whose values stay sorted. */
function* slidingMedian(values: Float64Array, points: number): InSteps<Float64Array> {
  const answers = new Float64Array(windowCount(values, points));
  const sorted = new Float64Array(points + 1);
  let length = 0;
  const slide = (at: number): void => {
    const value = values[at]!; // at < length
    if (!Number.isNaN(value)) {
      const place = lowerBound(sorted, length, value);
      sorted.copyWithin(place + 1, place, length);
      sorted[place] = value;
      length += 1;
    }
    const gone = at > points ? values[at - points]! : NaN;
    if (!Number.isNaN(gone)) {
      const place = lowerBound(sorted, length, gone);
      sorted.copyWithin(place, place + 1, length);
      length -= 1;
    }
    if (at < points) return;
    const middle = length >> 1;
    const isOdd = length % 2 === 1;
    answers[at - points] =
      length === 0 ? NaN : isOdd ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  };
  const cost = 10 + points / MOVED_AT_ONCE;
  yield* inRuns(1, values.length, cost, (from, to) => {
    for (let at = from; at < to; at++) slide(at);
  });
  return answers;
}

/** Index of the first value that is not below. */
function lowerBound(sorted: Float64Array, length: number, value: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
