/**
 * The first few of a list: as they come (`limit`), ranked by an aggregate of their datapoints
 * (`highest`, `lowest` and short forms), or by how much they scatter (`mostDeviant`).
 */
import { reducerOf } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { sortedBy } from './sort.ts';
import { inTurn } from './in-turn.ts';
import {
  aggFunc,
  type FunctionOrigin,
  type FunctionSpec,
  integer,
  seriesList,
  type CallContext,
} from './spec.ts';

export const limit: FunctionSpec = {
  name: 'limit',
  origin: 'graphite',
  group: 'Filter Series',
  description: 'Keeps the first n series. A negative n drops as many at the end.',
  params: [seriesList(), integer('n', { required: true })],
  call: (_context, seriesList: Series[], n: number) => seriesList.slice(0, n),
};

export const mostDeviant: FunctionSpec = {
  name: 'mostDeviant',
  origin: 'graphite',
  group: 'Filter Series',
  description: 'The n series with the highest standard deviation, the highest first.',
  params: [seriesList(), integer('n', { required: true })],
  async call(context, seriesList: Series[], n: number) {
    const average = reducerOf('average');
    const averages = await inTurn(context, seriesList, (series) => average(series.values));
    const known = seriesList.filter((_, i) => !Number.isNaN(averages[i]!));
    const deviant = await sortedBy(
      context,
      known,
      (series) => variance(series.values, average(series.values)),
      true,
    );
    return deviant.slice(0, n);
  },
};

export const highest: FunctionSpec = ranked('highest', true);
export const lowest: FunctionSpec = ranked('lowest', false);
export const highestAverage = topBy('highestAverage', 'average', true, 'highest average');
export const highestCurrent = topBy('highestCurrent', 'last', true, 'highest last datapoint');
export const highestMax = topBy('highestMax', 'max', true, 'highest maximum');
export const lowestAverage = topBy('lowestAverage', 'average', false, 'lowest average');
export const lowestCurrent = topBy('lowestCurrent', 'last', false, 'lowest last datapoint');

function ranked(name: string, descending: boolean): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Filter Series',
    description: `The n series whose datapoints have the ${name} aggregate, in that order.`,
    params: [
      seriesList(),
      integer('n', { required: true, signatureDefault: '1', defaultInBody: true }),
      aggFunc('func', { default: 'average' }),
    ],
    call: (context, seriesList: Series[], n: number | undefined, func: string) =>
      top(context, seriesList, n ?? 1, func, descending),
  };
}

export function topBy(
  name: string,
  func: string,
  descending: boolean,
  prose: string,
  origin: FunctionOrigin = 'graphite',
): FunctionSpec {
  return {
    name,
    origin,
    group: 'Filter Series',
    description: `The n series with the ${prose}, in that order.`,
    params: [seriesList(), integer('n', { required: true })],
    call: (context, seriesList: Series[], n: number) =>
      top(context, seriesList, n, func, descending),
  };
}

async function top(
  context: CallContext,
  seriesList: Series[],
  n: number,
  func: string,
  descending: boolean,
): Promise<Series[]> {
  const aggregate = reducerOf(func);
  const key = (series: Series): number => aggregate(series.values);
  return (await sortedBy(context, seriesList, key, descending)).slice(0, n);
}

function variance(values: Float64Array, average: number): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += (value - average) ** 2;
    count += 1;
  }
  return sum / count;
}
