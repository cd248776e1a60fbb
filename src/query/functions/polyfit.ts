/**
 * carbonapi's `polyfit`: the polynomial of a degree that comes closest to a series (least squares),
 * drawn over the series and beyond. Solved over x scaled to -1..1, where the normal equations stay
 * solvable for the degrees that anyone draws.
 */
import { badTarget } from '../../lib/errors.ts';
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { columnInParts, inParts, inTurn } from './in-turn.ts';
import { type CallContext, type FunctionSpec, integer, interval, seriesList } from './spec.ts';

/** Beyond this the equations of doubles mean nothing. */
const DEGREE_MAX = 20;

export const polyfit: FunctionSpec = {
  name: 'polyfit',
  origin: 'carbonapi',
  group: 'Combine',
  isPerSeries: true,
  description:
    'A polynomial fitted to each series, a straight line by default, drawn on for an offset such ' +
    'as "1d" into the future.',
  params: [seriesList(), integer('degree', { default: 1 }), interval('offset', { default: '0d' })],
  call: async (context: CallContext, seriesList: Series[], degree: number, offset: string) => {
    if (degree < 1 || degree > DEGREE_MAX) {
      throw badTarget(`degree ${degree} read, expected 1 to ${DEGREE_MAX}`);
    }
    const ahead = Math.max(0, intervalSeconds(offset));
    return inTurn(context, seriesList, async (series) => {
      const count = series.values.length + Math.trunc(ahead / series.step);
      context.reserve(count);
      const evaluate = await fit(context, series.values, degree);
      return derive(series, {
        name: `polyfit(${series.name},${degree},'${offset}')`,
        end: series.end + ahead,
        values: await columnInParts(context, count, evaluate, degree),
      });
    });
  },
};

/** The polynomial as a function of the index; NaN everywhere when it is not determined. */
async function fit(
  context: CallContext,
  values: Float64Array,
  degree: number,
): Promise<(index: number) => number> {
  const half = Math.max(1, (values.length - 1) / 2);
  const scaled = (index: number): number => index / half - 1;
  const size = degree + 1;
  const rows = Array.from({ length: size }, () => new Float64Array(size + 1));
  let known = 0;
  const add = (value: number, i: number): void => {
    if (Number.isNaN(value)) return;
    known += 1;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        rows[row]![column]! += scaled(i) ** (row + column);
      }
      rows[row]![size]! += value * scaled(i) ** row;
    }
  };
  const addPart = (from: number, to: number): void => {
    for (let i = from; i < to; i++) add(values[i]!, i); // to is at most its length
  };
  await inParts(context, values.length, addPart, size ** 2);
  if (known < size) return () => NaN;
  const coefficients = solve(rows);
  return (index) => coefficients.reduceRight((sum, factor) => sum * scaled(index) + factor, 0);
}

/** Gaussian elimination with pivoting; each row ends with its right-hand side. */
function solve(rows: Float64Array[]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = rows[row]![column]! / rows[column]![column]!;
      for (let i = column; i <= size; i++) rows[row]![i]! -= factor * rows[column]![i]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}
