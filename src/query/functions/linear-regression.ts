/** `linearRegression`: the straight line that lies closest to a series (least squares). */
import { derive, type Series } from '../series/series.ts';
import { date, type FunctionSpec, seriesList } from './spec.ts';

type Time = string | number;

export const linearRegression: FunctionSpec = {
  name: 'linearRegression',
  origin: 'graphite',
  group: 'Calculate',
  description:
    'The straight line closest to the series, drawn over the whole graph. The line can be taken ' +
    'from another time than is shown, such as a forecast from last week.',
  params: [seriesList(), date('startSourceAt'), date('endSourceAt')],
  async call(context, seriesList: Series[], startSourceAt?: Time, endSourceAt?: Time) {
    const from = startSourceAt === undefined ? context.from : context.parseTime(startSourceAt);
    const until = endSourceAt === undefined ? context.until : context.parseTime(endSourceAt);
    const sources = await context.refetch(0, { from, until });
    const lines: Series[] = [];
    for (const [i, series] of seriesList.entries()) {
      await context.pause();
      const source = sources[i];
      const line = source === undefined ? undefined : fit(source);
      if (line === undefined) continue;
      lines.push(
        derive(series, {
          name: `linearRegression(${series.name}, ${from}, ${until})`,
          tags: { linearRegressions: `${from}, ${until}` },
          // A line of its own: an average folds it, whatever folded what it was fitted to.
          consolidateBy: 'average',
          values: series.values.map(
            (_v, j) => line.offset + (series.start + j * series.step) * line.factor,
          ),
        }),
      );
    }
    return lines;
  },
};

/** Growth a second and value at the epoch; undefined when fewer than two datapoints are known. */
export function fit({ values, start, step }: Series) {
  let [count, sumI, sumV, sumII, sumIV] = [0, 0, 0, 0, 0];
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sumI += i;
    sumV += value;
    sumII += i * i;
    sumIV += i * value;
  }
  const denominator = count * sumII - sumI * sumI;
  if (denominator === 0) return undefined;
  const factor = (count * sumIV - sumI * sumV) / denominator / step;
  return { factor, offset: (sumII * sumV - sumIV * sumI) / denominator - factor * start };
}
