/** `weightedAverage`: averages and their weights, matched by parts of their names. */
import { UserError } from '../../lib/errors.ts';
import { sum } from '../series/aggregate.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import { combined, mapRows } from './rows.ts';
import { compareNames } from './sort.ts';
import { type FunctionSpec, nodeOrTag, seriesList } from './spec.ts';

export const weightedAverage: FunctionSpec = {
  name: 'weightedAverage',
  group: 'Combine',
  description:
    'The average of one list at each time, weighted by another. Series of the two lists belong ' +
    'together when the given parts of their names, or tags, agree.',
  params: [
    seriesList('seriesListAvg'),
    seriesList('seriesListWeight'),
    nodeOrTag('nodes', { multiple: true }),
  ],
  call: (context, averages: Series[], weights: Series[], ...nodes: NodeOrTag[]) => {
    if (averages.length !== weights.length) {
      throw new UserError(
        'badTarget',
        `${averages.length} averages and ${weights.length} weights read, expected as many of each`,
      );
    }
    const { xFilesFactor } = context;
    const weightOf = new Map(weights.map((one) => [groupKey(one, nodes), one]));
    const averageOf = new Map(averages.map((one) => [groupKey(one, nodes), one]));
    const products = [...averageOf].flatMap(([key, average]) => {
      const weight = weightOf.get(key);
      if (weight === undefined) return [];
      const { start, end, step } = average;
      const pair = [average, weight];
      const rowCount = Math.max(average.values.length, weight.values.length);
      const values = mapRows({ series: pair, rowCount }, (row) => row[0]! * row[1]!);
      return makeSeries({ name: '', start, end, step, values, xFilesFactor });
    });
    const top = combined(context, '', products, gatedSum(xFilesFactor));
    const bottom = combined(context, '', weights, gatedSum(xFilesFactor));
    if (top === undefined || bottom === undefined) return [];
    const rowCount = Math.max(top.values.length, bottom.values.length);
    const values = mapRows({ series: [top, bottom], rowCount }, (row) =>
      row[1] === 0 ? NaN : row[0]! / row[1]!,
    );
    const name = `weightedAverage(${paths(averages)}, ${paths(weights)}, ${nodes.join(',')})`;
    const { start, end, step } = top;
    return [makeSeries({ name, start, end, step, values, xFilesFactor })];
  },
};

function gatedSum(xFilesFactor: number): (row: Float64Array) => number {
  return (row) => {
    const known = row.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0);
    return known / row.length >= xFilesFactor ? sum(row) : NaN;
  };
}

/** Path expressions, each once, sorted. */
function paths(series: Series[]): string {
  return [...new Set(series.map((one) => one.pathExpression))].sort(compareNames).join(',');
}
