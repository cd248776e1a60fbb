/**
 * Folding points together at read: many points to one pixel (`maxDataPoints`), or fine steps to a
 * common one before series are combined. Follows graphite-web's render/datalib.py: buckets are
 * counted from the first point of each series, not from epoch multiples, and a bucket with fewer
 * known values than the series' xFilesFactor asks for is null.
 */
import { UserError } from '../../lib/errors.ts';
import { type Series, withoutSource } from './series.ts';

/** Folds the known values of `values[from..to)`; at least one of them is known. */
type Fold = (values: Float64Array, from: number, to: number) => number;

const FOLDS: Record<string, Fold> = {
  sum: foldSum,
  average: (values, from, to) => foldSum(values, from, to) / countKnown(values, from, to),
  avg_zero: (values, from, to) => foldSum(values, from, to) / (to - from),
  max: (values, from, to) => foldBest(values, from, to, (a, b) => a > b),
  min: (values, from, to) => foldBest(values, from, to, (a, b) => a < b),
  first: (values, from, to) => foldBest(values, from, to, () => false),
  last: (values, from, to) => foldBest(values, from, to, () => true),
};
FOLDS['avg'] = FOLDS['average']!;
FOLDS['total'] = FOLDS['sum']!;
FOLDS['current'] = FOLDS['last']!;

/** The names that `consolidateBy` accepts. */
export const CONSOLIDATION_NAMES: readonly string[] = Object.keys(FOLDS).sort();

/** Folds every `valuesPerPoint` values into one; the name stays, the step grows. */
export function consolidate(series: Series, valuesPerPoint: number): Series {
  if (valuesPerPoint <= 1) return series;
  const fold = FOLDS[series.consolidateBy];
  if (fold === undefined) {
    throw new UserError(
      'badTarget',
      `consolidation function "${series.consolidateBy}" read, expected one of ` +
        CONSOLIDATION_NAMES.join(', '),
    );
  }
  const { values } = series;
  const folded = new Float64Array(Math.ceil(values.length / valuesPerPoint));
  for (let i = 0; i < folded.length; i++) {
    const from = i * valuesPerPoint;
    const to = Math.min(from + valuesPerPoint, values.length);
    const known = countKnown(values, from, to);
    const enough = known > 0 && known / valuesPerPoint >= series.xFilesFactor;
    folded[i] = enough ? fold(values, from, to) : NaN;
  }
  return {
    ...withoutSource(series),
    step: series.step * valuesPerPoint,
    values: folded,
    valuesPerPoint: (series.valuesPerPoint ?? 1) * valuesPerPoint,
  };
}

export interface Normalized {
  /** All series at the common step, in order, names unchanged. */
  series: Series[];
  start: number;
  end: number;
  step: number;
  /** Length of the longest; a shorter series is null beyond its own end. */
  rowCount: number;
}

/**
 * Brings series to their least common step, as a start for combining them row by row. Rows are by
 * index: row i is value i of each series, whatever the starts. undefined when there is no series:
 * the function then answers `[]`.
 */
export function normalize(all: readonly Series[]): Normalized | undefined {
  if (all.length === 0) return undefined;
  const step = all.reduce((common, one) => leastCommonMultiple(common, one.step), 1);
  const series = all.map((one) => (one.step === step ? one : consolidate(one, step / one.step)));
  let start = Infinity;
  let end = -Infinity;
  let rowCount = 0;
  for (const one of series) {
    start = Math.min(start, one.start);
    end = Math.max(end, one.end);
    rowCount = Math.max(rowCount, one.values.length);
  }
  return { series, start, end: end - ((end - start) % step), step, rowCount };
}

/** The least common multiple of two whole steps. */
export function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function countKnown(values: Float64Array, from: number, to: number): number {
  let known = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) known += 1;
  return known;
}

function foldSum(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) sum += values[i]!;
  return sum;
}

function foldBest(
  values: Float64Array,
  from: number,
  to: number,
  better: (candidate: number, best: number) => boolean,
): number {
  let best = NaN;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value) && (Number.isNaN(best) || better(value, best))) best = value;
  }
  return best;
}
