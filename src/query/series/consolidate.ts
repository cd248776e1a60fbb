/**
 * Folding points together at read: many points to one pixel (`maxDataPoints`), or fine steps to a
 * common one before series are combined. Follows graphite-web's render/datalib.py: buckets are
 * counted from the first point of each series, not from epoch multiples, and a bucket with fewer
 * known values than the series' xFilesFactor asks for is null.
 */
import { badTarget } from '../../lib/errors.ts';
import { average, count, type Reducer, reducerOf } from './aggregate.ts';
import { type Series, withoutSource } from './series.ts';

/** What folds points together, by the names that `consolidateBy` accepts. */
const FOLDS: ReadonlyMap<string, Reducer> = new Map([
  ...['average', 'avg', 'avg_zero', 'current', 'last', 'max', 'min', 'sum', 'total'].map(
    (name) => [name, reducerOf(name)] as const,
  ),
  ['first', first] as const,
]);

/** The names that `consolidateBy` accepts. */
export const CONSOLIDATION_NAMES: readonly string[] = [...FOLDS.keys()].sort();

/** Folds every `valuesPerPoint` values into one; the name stays, the step grows. */
export function consolidate(series: Series, valuesPerPoint: number): Series {
  if (valuesPerPoint <= 1) return series;
  const fold = FOLDS.get(series.consolidateBy);
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
  fold: Reducer,
): void {
  for (let i = 0; i < folded.length; i++) {
    const from = i * valuesPerPoint;
    const to = Math.min(from + valuesPerPoint, values.length);
    const known = count(values, from, to);
    const enough = known > 0 && known / valuesPerPoint >= xFilesFactor;
    folded[i] = enough ? fold(values, from, to) : NaN;
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
export async function normalize(
  { pause }: { pause: () => Promise<void> },
  all: readonly Series[],
): Promise<Normalized | undefined> {
  if (all.length === 0) return undefined;
  const step = all.reduce((common, series) => leastCommonMultiple(common, series.step), 1);
  const seriesList: Series[] = [];
  for (const series of all) {
    if (series.step === step) {
      seriesList.push(series);
      continue;
    }
    await pause();
    seriesList.push(consolidate(series, step / series.step));
  }
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

function first(values: ArrayLike<number>, from = 0, to = values.length): number {
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) return values[i]!;
  return NaN;
}
