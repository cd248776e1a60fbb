/** `countValues`: how often each value stands in a row of series. */
import { formatD } from '../series/python-format.ts';
import { normalize } from '../series/consolidate.ts';
import type { Series } from '../series/series.ts';
import { joinPathExpressions, rowSeries } from './rows.ts';
import { type FunctionSpec, integer, seriesList } from './spec.ts';

/** Name of the one series, of zeros, that stands for more values than the limit, as in carbonapi. */
const TOO_MANY = 'error.too.many.values.limit.reached';

export const countValues: FunctionSpec = {
  name: 'countValues',
  origin: 'carbonapi',
  group: 'Combine',
  description:
    'One series a value that occurs, called by it, with how many of the series have it at that ' +
    'time. Fractions are cut. More values than the limit make one series that says so.',
  params: [seriesList(), integer('valuesLimit', { default: 32 })],
  async call(context, seriesList: Series[], valuesLimit: number) {
    const rows = await normalize(context, seriesList);
    if (rows === undefined) return [];
    const named = (name: string, values: Float64Array): Series => ({
      ...rowSeries(context, name, rows, values),
      pathExpression: joinPathExpressions(seriesList),
      integers: true,
    });
    const counts = new Map<number, Float64Array>();
    for (const { values } of rows.series) {
      await context.pause();
      for (const [row, value] of values.entries()) {
        if (!Number.isFinite(value)) continue;
        const whole = Math.trunc(value) + 0; // not -0
        let column = counts.get(whole);
        if (column === undefined) {
          if (counts.size >= valuesLimit) return [named(TOO_MANY, new Float64Array(rows.rowCount))];
          context.reserve(rows.rowCount);
          counts.set(whole, (column = new Float64Array(rows.rowCount)));
        }
        column[row]! += 1;
      }
    }
    return [...counts]
      .sort(([value], [other]) => value - other)
      .map(([value, column]) => named(formatD(value), column));
  },
};
