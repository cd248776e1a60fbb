/**
 * Series side by side, row by row: row i holds value i of each, NaN beyond the end of a shorter
 * one. What functions that combine series share.
 */
import { aggregatorOf, count } from '../series/aggregate.ts';
import { normalize, type Normalized } from '../series/consolidate.ts';
import { makeSeries, type Series } from '../series/series.ts';
import type { CallContext } from './spec.ts';

/** One value a row, from the values of that row; `row` is reused from call to call. */
export function mapRows(
  { series, rowCount }: Pick<Normalized, 'series' | 'rowCount'>,
  each: (row: Float64Array) => number,
): Float64Array {
  const columns = series.map((one) => one.values);
  const row = new Float64Array(columns.length);
  const values = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    for (let j = 0; j < columns.length; j++) row[j] = columns[j]![i] ?? NaN;
    values[i] = each(row);
  }
  return values;
}

/** The aggregates that a running value per row is enough for. */
const ACCUMULATORS: Readonly<Record<string, (sofar: number, value: number) => number>> = {
  average: (sofar, value) => sofar + value,
  avg: (sofar, value) => sofar + value,
  max: (sofar, value) => (value > sofar ? value : sofar),
  min: (sofar, value) => (value < sofar ? value : sofar),
  sum: (sofar, value) => sofar + value,
  total: (sofar, value) => sofar + value,
};

/**
 * An aggregate of each row, by name; NaN where fewer than xFilesFactor of the values are known.
 * Where it can, one pass over each series instead of gathering rows: in the same order, and so with
 * the same rounding. Throws `badTarget` for a name that is not an aggregate.
 */
export function foldRows(rows: Normalized, func: string, xFilesFactor: number): Float64Array {
  const aggregator = aggregatorOf(func);
  const isEnough = (known: number): boolean =>
    known > 0 && known / rows.series.length >= xFilesFactor;
  const accumulate = ACCUMULATORS[func];
  if (accumulate === undefined) {
    return mapRows(rows, (row) => (isEnough(count(row)) ? aggregator(row) : NaN));
  }
  const sofar = new Float64Array(rows.rowCount);
  const known = new Int32Array(rows.rowCount);
  for (const { values } of rows.series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!; // i < length
      if (Number.isNaN(value)) continue;
      sofar[i] = known[i] === 0 ? value : accumulate(sofar[i]!, value);
      known[i]! += 1;
    }
  }
  const isAverage = func === 'average' || func === 'avg';
  for (let i = 0; i < sofar.length; i++) {
    if (!isEnough(known[i]!)) sofar[i] = NaN;
    else if (isAverage) sofar[i]! /= known[i]!;
  }
  return sofar;
}

/** A new series with one value a row of the series given; undefined when there is none. */
export function combined(
  context: CallContext,
  name: string,
  series: readonly Series[],
  each: (row: Float64Array) => number,
): Series | undefined {
  const rows = normalize(series);
  if (rows === undefined) return undefined;
  const { start, end, step } = rows;
  const values = mapRows(rows, each);
  return makeSeries({ name, start, end, step, values, xFilesFactor: context.xFilesFactor });
}

/** What aggregates are named after: the path expressions of the series, each once, in order. */
export function joinPathExpressions(series: readonly Series[]): string {
  return [...new Set(series.map((one) => one.pathExpression))].join(',');
}
