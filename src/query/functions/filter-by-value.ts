/**
 * Keep or drop whole series by one number made of their datapoints: `filterSeries` and the eight
 * short forms of it. A series without datapoints counts as below everything, as in graphite-web.
 */
import { badTarget } from '../../lib/errors.ts';
import { reducerOf } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { aggFunc, float, type FunctionSpec, seriesList, string } from './spec.ts';

/** NaN (no datapoints) is below every threshold and equal to none. */
const OPERATORS = new Map<string, (value: number, threshold: number) => boolean>([
  ['!=', (value, threshold) => value !== threshold],
  ['<', (value, threshold) => !(value >= threshold)],
  ['<=', (value, threshold) => !(value > threshold)],
  ['=', (value, threshold) => value === threshold],
  ['>', (value, threshold) => value > threshold],
  ['>=', (value, threshold) => value >= threshold],
]);

export const filterSeries: FunctionSpec = {
  name: 'filterSeries',
  origin: 'graphite',
  group: 'Filter Series',
  isPerSeries: true,
  description:
    'Keeps the series for which an aggregate of their datapoints compares to a threshold, such ' +
    'as those whose max is > 1000.',
  params: [
    seriesList(),
    aggFunc('func', { required: true }),
    string('operator', { required: true, options: [...OPERATORS.keys()] }),
    float('threshold', { required: true }),
  ],
  call: (_context, seriesList: Series[], func: string, operator: string, threshold: number) =>
    filtered(seriesList, func, operator, threshold),
};

export const averageAbove = shortForm('averageAbove', 'average', '>', 'average is above');
export const averageBelow = shortForm('averageBelow', 'average', '<=', 'average is not above');
export const currentAbove = shortForm('currentAbove', 'last', '>', 'last datapoint is above');
export const currentBelow = shortForm('currentBelow', 'last', '<=', 'last datapoint is not above');
export const maximumAbove = shortForm('maximumAbove', 'max', '>', 'highest datapoint is above');
export const maximumBelow = shortForm(
  'maximumBelow',
  'max',
  '<=',
  'highest datapoint is not above',
);
export const minimumAbove = shortForm('minimumAbove', 'min', '>', 'lowest datapoint is above');
export const minimumBelow = shortForm('minimumBelow', 'min', '<=', 'lowest datapoint is not above');

function shortForm(name: string, func: string, operator: string, prose: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Filter Series',
    isPerSeries: true,
    description: `Keeps the series whose ${prose} n.`,
    params: [seriesList(), float('n', { required: true })],
    call: (_context, seriesList: Series[], n: number) => filtered(seriesList, func, operator, n),
  };
}

function filtered(
  seriesList: Series[],
  func: string,
  operator: string,
  threshold: number,
): Series[] {
  const compare = OPERATORS.get(operator);
  if (compare === undefined) {
    const known = [...OPERATORS.keys()].join(' ');
    throw badTarget(`operator "${operator}" read, expected one of ${known}`);
  }
  const aggregate = reducerOf(func);
  return seriesList.filter((series) => compare(aggregate(series.values), threshold));
}
