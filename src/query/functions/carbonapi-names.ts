/**
 * Functions of carbonapi that are another name for one of Graphite's, or the same with another
 * aggregate, so that dashboards made for carbonapi work.
 */
import { UserError } from '../../lib/errors.ts';
import { aggregatorOf } from '../series/aggregate.ts';
import { formatG } from '../series/python-format.ts';
import { derive, rename, type Series } from '../series/series.ts';
import { lower, upper } from './alias.ts';
import { countSeries, diffSeries, multiplySeries, stddevSeries } from './combine.ts';
import { pairs } from './combine-lists.ts';
import { isNonNull } from './gaps.ts';
import { power } from './powers.ts';
import { combined } from './rows.ts';
import { sortedBy } from './sort.ts';
import { float, type FunctionSpec, integer, seriesList } from './spec.ts';

export const count: FunctionSpec = { ...countSeries, name: 'count', origin: 'carbonapi' };
export const diff: FunctionSpec = { ...diffSeries, name: 'diff', origin: 'carbonapi' };
export const isNotNull: FunctionSpec = { ...isNonNull, name: 'isNotNull', origin: 'carbonapi' };
export const multiply: FunctionSpec = { ...multiplySeries, name: 'multiply', origin: 'carbonapi' };
export const stddev: FunctionSpec = { ...stddevSeries, name: 'stddev', origin: 'carbonapi' };
export const toLowerCase: FunctionSpec = { ...lower, name: 'toLowerCase', origin: 'carbonapi' };
export const toUpperCase: FunctionSpec = { ...upper, name: 'toUpperCase', origin: 'carbonapi' };

export const highestMin = ranked('highestMin', 'min', true, 'highest minimum');
export const lowestMax = ranked('lowestMax', 'max', false, 'lowest maximum');
export const lowestMin = ranked('lowestMin', 'min', false, 'lowest minimum');

export const aliasByBase64: FunctionSpec = {
  name: 'aliasByBase64',
  origin: 'carbonapi',
  group: 'Alias',
  description:
    'Decodes the name from Base64, or one part of it, counted from 1. What is not Base64 stays.',
  params: [seriesList(), integer('nodeNum')],
  call: (_context, series: Series[], nodeNum?: number) =>
    series.map((one) => {
      if (nodeNum === undefined) return rename(one, fromBase64(one.name));
      const parts = one.name.split('.');
      return rename(
        one,
        parts.map((part, i) => (i === nodeNum - 1 ? fromBase64(part) : part)).join('.'),
      );
    }),
};

export const exponentialWeightedMovingAverage: FunctionSpec = {
  name: 'exponentialWeightedMovingAverage',
  aliases: ['ewma'],
  origin: 'carbonapi',
  group: 'Calculate',
  isPerSeries: true,
  description:
    'An average that forgets: each datapoint counts alpha, the average so far 1 - alpha. Nulls ' +
    'stay null and change nothing.',
  params: [seriesList(), float('alpha', { required: true })],
  call: (_context, series: Series[], alpha: number) =>
    series.map((one) => {
      let average = NaN;
      const values = one.values.map((value) => {
        if (Number.isNaN(value)) return NaN;
        average = Number.isNaN(average) ? value : alpha * value + (1 - alpha) * average;
        return average;
      });
      const name = `exponentialWeightedMovingAverage(${one.name},${formatG(alpha)})`;
      return derive(one, { name, values });
    }),
};

export const integralWithReset: FunctionSpec = {
  name: 'integralWithReset',
  origin: 'carbonapi',
  group: 'Transform',
  description: 'The sum so far, back to 0 wherever a second series is not 0.',
  params: [seriesList(), seriesList('resettingSeries')],
  call: (_context, series: Series[], resets: Series[]) => {
    const [reset, ...others] = resets;
    if (series.length === 0) return [];
    if (reset === undefined || others.length > 0) {
      throw new UserError('badTarget', `resettingSeries has ${resets.length} series, expected one`);
    }
    return series.map((one) => {
      if (one.step !== reset.step || one.values.length !== reset.values.length) {
        throw new UserError('badTarget', `${one.name} and ${reset.name} differ in step or length`);
      }
      let sum = 0;
      const values = one.values.map((value, i) => {
        if (Number.isNaN(value)) return NaN;
        const mark = reset.values[i]!; // as long as the series
        sum = Number.isNaN(mark) || mark === 0 ? sum + value : 0;
        return sum;
      });
      return derive(one, { name: `integralWithReset(${one.name},${reset.name})`, values });
    });
  },
};

export const powSeriesLists: FunctionSpec = {
  name: 'powSeriesLists',
  origin: 'carbonapi',
  group: 'Combine',
  description: 'Series of one list to the power of those of another, first with first and so on.',
  params: [seriesList('sourceSeriesList'), seriesList('factorSeriesList')],
  call: (context, bases: Series[], exponents: Series[]) =>
    pairs(bases, exponents).flatMap(([base, exponent]) => {
      const name = `powSeries(${base.name},${exponent.name})`;
      return combined(context, name, [base, exponent], (row) => power(row[0]!, row[1]!)) ?? [];
    }),
};

export const removeZeroSeries: FunctionSpec = {
  name: 'removeZeroSeries',
  origin: 'carbonapi',
  group: 'Filter Series',
  isPerSeries: true,
  description:
    'Drops the series that are only zero or null or, with an xFilesFactor, those where fewer ' +
    'than ' +
    'that fraction are anything else.',
  params: [seriesList(), float('xFilesFactor', { default: 0 })],
  call: (_context, series: Series[], xFilesFactor: number) =>
    series.filter(({ values }) => {
      const others = values.filter((value) => !Number.isNaN(value) && value !== 0).length;
      return others > 0 && others / values.length >= xFilesFactor;
    }),
};

function ranked(name: string, func: string, descending: boolean, prose: string): FunctionSpec {
  const aggregate = aggregatorOf(func);
  return {
    name,
    origin: 'carbonapi',
    group: 'Filter Series',
    description: `The n series with the ${prose}, in that order.`,
    params: [seriesList(), integer('n', { required: true })],
    call: (_context, series: Series[], n: number) =>
      sortedBy(series, (one) => aggregate(one.values), descending).slice(0, n),
  };
}

function fromBase64(text: string): string {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return text;
  return Buffer.from(text, 'base64').toString('utf8');
}
