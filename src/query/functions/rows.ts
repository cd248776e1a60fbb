/**
 * Series side by side, row by row: row i holds value i of each, NaN beyond the end of a shorter
 * one. What functions that combine series share.
 */
import { badTarget } from '../../lib/errors.ts';
import { slices } from '../../lib/slices.ts';
import { reducerOf, count } from '../series/aggregate.ts';
import { normalize, type Normalized } from '../series/consolidate.ts';
import { makeSeries, type Series } from '../series/series.ts';
import type { CallContext } from './spec.ts';

/** Values gone through between two looks at the clock: less than a millisecond. */
const SLICE_VALUES = 30_000;

/** One value a row, from the values of that row; `row` is reused from call to call. */
export async function mapRows(
  { pause }: Pick<CallContext, 'pause'>,
  { series: seriesList, rowCount }: Pick<Normalized, 'series' | 'rowCount'>,
  each: (row: Float64Array) => number,
): Promise<Float64Array> {
  const columns = seriesList.map((series) => series.values);
  const row = new Float64Array(columns.length);
  const values = new Float64Array(rowCount);
  const slice = Math.ceil(SLICE_VALUES / columns.length);
  for (let i = 0; i < rowCount; i++) {
    if (i % slice === 0) await pause();
    for (let j = 0; j < columns.length; j++) row[j] = columns[j]![i] ?? NaN;
    values[i] = each(row);
  }
  return values;
}

type Accumulate = (sofar: number, value: number) => number;

const add: Accumulate = (sofar, value) => sofar + value;

/** The aggregates that a running value per row is enough for. */
const ACCUMULATORS: Readonly<Record<string, Accumulate>> = {
  average: add,
  avg: add,
  max: (sofar, value) => (value > sofar ? value : sofar),
  min: (sofar, value) => (value < sofar ? value : sofar),
  sum: add,
  total: add,
};

/**
 * An aggregate of each row, by name; NaN where fewer than xFilesFactor of the values are known.
 * Where it can, one pass over each series instead of gathering rows: in the same order, and so with
 * the same rounding. Throws `badTarget` for a name that is not an aggregate.
 */
export async function foldRows(
  context: Pick<CallContext, 'pause'>,
  rows: Normalized,
  func: string,
  xFilesFactor: number,
): Promise<Float64Array> {
  const aggregator = reducerOf(func);
  const isEnough = (known: number): boolean =>
    known > 0 && known / rows.series.length >= xFilesFactor;
  const accumulate = ACCUMULATORS[func];
  if (accumulate === undefined) {
    return mapRows(context, rows, (row) => (isEnough(count(row)) ? aggregator(row) : NaN));
  }
  // Adding a number to -0 gives the number itself, -0 too.
  const sofar = new Float64Array(rows.rowCount).fill(-0);
  const known = new Int32Array(rows.rowCount);
  const columns = rows.series.map((series) => series.values);
  for (const four of slices(columns, 4)) {
    await context.pause();
    if (accumulate === add) addColumns(four, sofar, known);
    else for (const column of four) accumulateColumn(column, sofar, known, accumulate);
  }
  const isAverage = func === 'average' || func === 'avg';
  for (let i = 0; i < sofar.length; i++) {
    if (!isEnough(known[i]!)) sofar[i] = NaN;
    else if (isAverage) sofar[i]! /= known[i]!;
  }
  return sofar;
}

function accumulateColumn(
  values: Float64Array,
  sofar: Float64Array,
  known: Int32Array,
  accumulate: Accumulate,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (value !== value) continue;
    sofar[i] = known[i] === 0 ? value : accumulate(sofar[i]!, value);
    known[i]! += 1;
  }
}

/** Adds up to four columns at once: sums are the most frequent request. See accumulateColumn. */
function addColumns(
  columns: readonly Float64Array[],
  sofar: Float64Array,
  known: Int32Array,
): void {
  let from = 0;
  const [a, b, c, d] = columns;
  if (a !== undefined && b !== undefined && c !== undefined && d !== undefined) {
    const count = Math.min(a.length, b.length, c.length, d.length);
    from = count;
    for (let i = 0; i < count; i++) {
      let sum = sofar[i]!; // count is at most its length
      let found = known[i]!;
      const first = a[i]!;
      const second = b[i]!;
      const third = c[i]!;
      const fourth = d[i]!;
      if (first === first) {
        sum += first;
        found += 1;
      }
      if (second === second) {
        sum += second;
        found += 1;
      }
      if (third === third) {
        sum += third;
        found += 1;
      }
      if (fourth === fourth) {
        sum += fourth;
        found += 1;
      }
      sofar[i] = sum;
      known[i] = found;
    }
  }
  for (const column of columns) addColumn(column, from, sofar, known);
}

function addColumn(
  values: Float64Array,
  from: number,
  sofar: Float64Array,
  known: Int32Array,
): void {
  for (let i = from; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (value !== value) continue;
    sofar[i]! += value;
    known[i]! += 1;
  }
}

/** A new series of the rows of others, without their tags. */
export function rowSeries(
  { xFilesFactor }: CallContext,
  name: string,
  { start, end, step }: Normalized,
  values: Float64Array,
): Series {
  return makeSeries({ name, start, end, step, values, xFilesFactor });
}

/** A new series with one value a row of the series given; undefined when there is none. */
export async function combined(
  context: CallContext,
  name: string,
  seriesList: readonly Series[],
  each: (row: Float64Array) => number,
): Promise<Series | undefined> {
  const rows = await normalize(context, seriesList);
  if (rows === undefined) return undefined;
  return rowSeries(context, name, rows, await mapRows(context, rows, each));
}

/** Throws `badTarget` where two series cannot be read in step. */
export function checkAlike(series: Series, other: Series): void {
  if (series.step === other.step && series.values.length === other.values.length) return;
  throw badTarget(`${series.name} and ${other.name} differ in step or length`);
}

/** Names for aggregates: the path expressions of the series, each once, in order. */
export function joinPathExpressions(seriesList: readonly Series[]): string {
  return [...new Set(seriesList.map((series) => series.pathExpression))].join(',');
}
