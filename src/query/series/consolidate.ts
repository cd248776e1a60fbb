/**
 * Folding points together at read: many points to one pixel (`maxDataPoints`), or fine steps to a
 * common one before series are combined. Follows graphite-web's render/datalib.py: buckets are
 * counted from the first point of each series, not from epoch multiples, and a bucket with fewer
 * known values than the series' xFilesFactor asks for is null.
 */
import { badTarget } from '../../lib/errors.ts';
import { type Series, withoutSource } from './series.ts';

/** Folds the `known` values of `values[from..to)`; there is at least one. */
type Fold = (values: Float64Array, from: number, to: number, known: number) => number;

const FOLDS: Record<string, Fold> = {
  sum: foldSum,
  average,
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
    throw badTarget(
      `consolidation function "${series.consolidateBy}" read, expected one of ` +
        CONSOLIDATION_NAMES.join(', '),
    );
  }
  const { values, xFilesFactor } = series;
  const folded = new Float64Array(Math.ceil(values.length / valuesPerPoint));
  if (fold === average) averageRuns(values, valuesPerPoint, xFilesFactor, folded);
  else foldRuns(values, valuesPerPoint, xFilesFactor, folded, fold);
  return {
    ...withoutSource(series),
    step: series.step * valuesPerPoint,
    values: folded,
    valuesPerPoint: (series.valuesPerPoint ?? 1) * valuesPerPoint,
  };
}

function foldRuns(
  values: Float64Array,
  valuesPerPoint: number,
  xFilesFactor: number,
  folded: Float64Array,
  fold: Fold,
): void {
  for (let i = 0; i < folded.length; i++) {
    const from = i * valuesPerPoint;
    const to = Math.min(from + valuesPerPoint, values.length);
    const known = countKnown(values, from, to);
    const enough = known > 0 && known / valuesPerPoint >= xFilesFactor;
    folded[i] = enough ? fold(values, from, to, known) : NaN;
  }
}

/** foldRuns with `average`, which nearly every graph asks for: one pass, no call a point. */
function averageRuns(
  values: Float64Array,
  valuesPerPoint: number,
  xFilesFactor: number,
  folded: Float64Array,
): void {
  for (let i = 0; i < folded.length; i++) {
    const from = i * valuesPerPoint;
    const to = Math.min(from + valuesPerPoint, values.length);
    let sum = 0;
    let known = 0;
    for (let at = from; at < to; at++) {
      const value = values[at]!; // at < length
      if (value !== value) continue;
      sum += value;
      known += 1;
    }
    folded[i] = known > 0 && known / valuesPerPoint >= xFilesFactor ? sum / known : NaN;
  }
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
  const step = all.reduce((common, series) => leastCommonMultiple(common, series.step), 1);
  const seriesList = all.map((series) =>
    series.step === step ? series : consolidate(series, step / series.step),
  );
  let start = Infinity;
  let end = -Infinity;
  let rowCount = 0;
  for (const series of seriesList) {
    start = Math.min(start, series.start);
    end = Math.max(end, series.end);
    rowCount = Math.max(rowCount, series.values.length);
  }
  return { series: seriesList, start, end: end - ((end - start) % step), step, rowCount };
}

/** The least common multiple of two whole steps. */
export function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

function average(values: Float64Array, from: number, to: number, known: number): number {
  return foldSum(values, from, to) / known;
}

function countKnown(values: Float64Array, from: number, to: number): number {
  let known = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // to is at most the length
    if (value === value) known += 1; // not NaN; twice as fast as Number.isNaN here
  }
  return known;
}

function foldSum(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // to is at most the length
    if (value === value) sum += value;
  }
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
