/**
 * Many series put side by side: consolidated to their common step, each by its own rule and from
 * its own first datapoint, so that index i means the same moment (or nearly: graphite-web does not
 * re-align series that start at different times, and neither do we).
 */
import { consolidate } from '../series/consolidate.ts';
import type { Series } from '../series/series.ts';

export interface Rows {
  /** Datapoints of each series at the common step. */
  columns: Float64Array[];
  /** Those of the longest series. */
  length: number;
  start: number;
  end: number;
  step: number;
}

/** Puts at least one series side by side. */
export function normalize(series: readonly Series[]): Rows {
  const step = series.map((one) => one.step).reduce(leastCommonMultiple);
  const columns = series.map((one) => consolidate(one, step / one.step));
  const start = Math.min(...series.map((one) => one.start));
  const latest = Math.max(...series.map((one) => one.end));
  return {
    columns,
    length: Math.max(...columns.map((column) => column.length)),
    start,
    end: latest - ((latest - start) % step),
    step,
  };
}

/** The datapoints of all series at one index, in `row`; series that are shorter give NaN. */
export function fillRow(rows: Rows, index: number, row: Float64Array): Float64Array {
  const { columns } = rows;
  for (let i = 0; i < columns.length; i++) row[i] = columns[i]![index] ?? NaN;
  return row;
}

/** Series names joined as in graphite-web: path expressions, each once, in order. */
export function joinPathExpressions(series: readonly Series[]): string {
  return [...new Set(series.map((one) => one.pathExpression))].join(',');
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
