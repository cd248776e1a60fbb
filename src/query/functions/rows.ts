/**
 * Series side by side, row by row: row i holds value i of each, NaN beyond the end of a shorter
 * one. What functions that combine series share.
 */
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
