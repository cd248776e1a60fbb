/**
 * One number made of many datapoints, under the sixteen names that Graphite's functions accept
 * (graphite-web's functions/aggfuncs.py and safe.py). NaN is a null: it is skipped, and the answer
 * is NaN when nothing is left. Sums run from the left in plain doubles, as Python's do up to 3.11,
 * so that answers agree to the last digit.
 */
import { badTarget } from '../../lib/errors.ts';
import { inPlace } from './percentile.ts';

/** Aggregates values[from] up to, not including, values[to]; defaults to all of them. */
export type Reducer = (values: ArrayLike<number>, from?: number, to?: number) => number;

const REDUCERS: Readonly<Record<string, Reducer>> = {
  average,
  avg_zero: averageWithZeros,
  count,
  diff: difference,
  last,
  max: maximum,
  median,
  min: minimum,
  multiply: product,
  range,
  stddev: deviation,
  sum,
};

const ALIASES: Readonly<Record<string, string>> = {
  avg: 'average',
  current: 'last',
  rangeOf: 'range',
  total: 'sum',
};

/** All names, sorted. */
export const AGGREGATOR_NAMES: readonly string[] = [
  ...Object.keys(REDUCERS),
  ...Object.keys(ALIASES),
].sort();

export function isReducer(name: string): boolean {
  return Object.hasOwn(REDUCERS, name) || Object.hasOwn(ALIASES, name);
}

/** The reducer of a name; throws `badTarget` for a name that is not one. */
export function reducerOf(name: string): Reducer {
  if (isReducer(name)) return REDUCERS[ALIASES[name] ?? name]!; // one of the two has it
  throw badTarget(
    `aggregation function "${name}" read, expected one of ${AGGREGATOR_NAMES.join(' ')}`,
  );
}

const WHOLE_OF_WHOLE = new Set(['diff', 'last', 'max', 'min', 'multiply', 'range', 'sum']);

/** Whether an aggregate is a whole number by nature: any count, and sums and the like of counts. */
export function isWhole(name: string, ofWhole: boolean): boolean {
  return name === 'count' || (ofWhole && WHOLE_OF_WHOLE.has(ALIASES[name] ?? name));
}

function sum(values: ArrayLike<number>, from = 0, to = values.length): number {
  let total = 0;
  let known = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (Number.isNaN(value)) continue;
    total += value;
    known += 1;
  }
  return known === 0 ? NaN : total;
}

export function count(values: ArrayLike<number>, from = 0, to = values.length): number {
  let known = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) known += 1;
  return known;
}

export function average(values: ArrayLike<number>, from = 0, to = values.length): number {
  return sum(values, from, to) / count(values, from, to);
}

export function last(values: ArrayLike<number>, from = 0, to = values.length): number {
  for (let i = to - 1; i >= from; i--) if (!Number.isNaN(values[i]!)) return values[i]!;
  return NaN;
}

export function maximum(values: ArrayLike<number>, from = 0, to = values.length): number {
  let highest = NaN;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (value > highest || Number.isNaN(highest)) highest = value;
  }
  return highest;
}

export function minimum(values: ArrayLike<number>, from = 0, to = values.length): number {
  let lowest = NaN;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (value < lowest || Number.isNaN(lowest)) lowest = value;
  }
  return lowest;
}

export function median(values: ArrayLike<number>, from = 0, to = values.length): number {
  const known = new Float64Array(to - from);
  let length = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) known[length++] = values[i]!;
  if (length === 0) return NaN;
  const all = known.subarray(0, length);
  const upper = inPlace(all, length >> 1);
  return length % 2 === 1 ? upper : (inPlace(all, (length >> 1) - 1) + upper) / 2;
}

/** Nulls count as zeros, here only. */
function averageWithZeros(values: ArrayLike<number>, from = 0, to = values.length): number {
  if (to === from) return NaN;
  const total = sum(values, from, to);
  return (Number.isNaN(total) ? 0 : total) / (to - from);
}

/** The first known value less all later ones. */
function difference(values: ArrayLike<number>, from = 0, to = values.length): number {
  let rest = NaN;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (!Number.isNaN(value)) rest = Number.isNaN(rest) ? value : rest - value;
  }
  return rest;
}

/** NaN as soon as any value is: a product has no meaning with a factor missing. */
function product(values: ArrayLike<number>, from = 0, to = values.length): number {
  if (to === from) return NaN;
  let result = values[from]!; // from < to
  for (let i = from + 1; i < to; i++) result *= values[i]!;
  return result;
}

function range(values: ArrayLike<number>, from = 0, to = values.length): number {
  return maximum(values, from, to) - minimum(values, from, to);
}

/** Standard deviation of the whole population: divided by the number of values. */
function deviation(values: ArrayLike<number>, from = 0, to = values.length): number {
  const mean = average(values, from, to);
  let squares = 0;
  for (let i = from; i < to; i++) {
    const distance = values[i]! - mean;
    if (!Number.isNaN(distance)) squares += distance * distance;
  }
  return Number.isNaN(mean) ? NaN : Math.sqrt(squares / count(values, from, to));
}
