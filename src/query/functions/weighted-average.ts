/** `weightedAverage`: averages and their weights, matched by parts of their names. */
import { badTarget } from '../../lib/errors.ts';
import { normalize } from '../series/consolidate.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import { foldRows, mapRows, rowSeries } from './rows.ts';
import { compareNames } from './sort.ts';
import { inTurn } from './in-turn.ts';
import { type FunctionSpec, nodeOrTag, seriesList } from './spec.ts';

export const weightedAverage: FunctionSpec = {
  name: 'weightedAverage',
  origin: 'graphite',
  group: 'Combine',
  description:
    'The average of one list at each time, weighted by another. Series of the two lists belong ' +
    'together when the given parts of their names, or tags, agree.',
  params: [
    seriesList('seriesListAvg'),
    seriesList('seriesListWeight'),
    nodeOrTag('nodes', { multiple: true }),
  ],
  async call(context, averages: Series[], weights: Series[], ...nodes: NodeOrTag[]) {
    if (averages.length !== weights.length) {
      throw badTarget(
        `${averages.length} averages and ${weights.length} weights read, expected as many of each`,
      );
    }
    const { xFilesFactor } = context;
    const weightOf = new Map(weights.map((series) => [groupKey(series, nodes), series]));
    const averageOf = new Map(averages.map((series) => [groupKey(series, nodes), series]));
    const products = await inTurn(context, averageOf, async ([key, average]) => {
      const weight = weightOf.get(key);
      if (weight === undefined) return [];
      const { start, end, step } = average;
      const pair = [average, weight];
      const rowCount = Math.max(average.values.length, weight.values.length);
      const rows = { series: pair, rowCount };
      const values = await mapRows(context, rows, (row) => row[0]! * row[1]!);
      return makeSeries({ name: '', start, end, step, values, xFilesFactor });
    });
    const top = await normalize(context, products.flat());
    const bottom = await normalize(context, weights);
    if (top === undefined || bottom === undefined) return [];
    const tops = await foldRows(context, top, 'sum', xFilesFactor);
    const bottoms = await foldRows(context, bottom, 'sum', xFilesFactor);
    const values = new Float64Array(Math.max(tops.length, bottoms.length)).map((_, i) =>
      bottoms[i] === 0 ? NaN : (tops[i] ?? NaN) / (bottoms[i] ?? NaN),
    );
    const name = `weightedAverage(${paths(averages)}, ${paths(weights)}, ${nodes.join(',')})`;
    return [rowSeries(context, name, top, values)];
  },
};

/** Path expressions, each once, sorted. */
function paths(seriesList: Series[]): string {
  return [...new Set(seriesList.map((series) => series.pathExpression))]
    .sort(compareNames)
    .join(',');
}
