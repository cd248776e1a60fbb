/**
 * Functions of carbonapi that are another name for one of Graphite's, or the same with another
 * aggregate, so that dashboards made for carbonapi work.
 */
import { badTarget } from '../../lib/errors.ts';
import { formatG } from '../series/python-format.ts';
import { derive, rename, type Series } from '../series/series.ts';
import { lower, upper } from './alias.ts';
import { countSeries, diffSeries, multiplySeries, stddevSeries } from './combine.ts';
import { pairs } from './combine-lists.ts';
import { topBy } from './filter-top.ts';
import { isNonNull } from './gaps.ts';
import { power } from './powers.ts';
import { checkAlike, combined } from './rows.ts';
import { perSeries } from './per-series.ts';
import { inTurn } from './in-turn.ts';
import { float, type FunctionSpec, integer, seriesList } from './spec.ts';

export const count: FunctionSpec = { ...countSeries, name: 'count', origin: 'carbonapi' };
export const diff: FunctionSpec = { ...diffSeries, name: 'diff', origin: 'carbonapi' };
export const isNotNull: FunctionSpec = { ...isNonNull, name: 'isNotNull', origin: 'carbonapi' };
export const multiply: FunctionSpec = { ...multiplySeries, name: 'multiply', origin: 'carbonapi' };
export const stddev: FunctionSpec = { ...stddevSeries, name: 'stddev', origin: 'carbonapi' };
export const toLowerCase: FunctionSpec = { ...lower, name: 'toLowerCase', origin: 'carbonapi' };
export const toUpperCase: FunctionSpec = { ...upper, name: 'toUpperCase', origin: 'carbonapi' };

export const highestMin = topBy('highestMin', 'min', true, 'highest minimum', 'carbonapi');
export const lowestMax = topBy('lowestMax', 'max', false, 'lowest maximum', 'carbonapi');
export const lowestMin = topBy('lowestMin', 'min', false, 'lowest minimum', 'carbonapi');

export const aliasByBase64: FunctionSpec = {
  name: 'aliasByBase64',
  origin: 'carbonapi',
  group: 'Alias',
  description:
    'Decodes the name from Base64, or one part of it, counted from 1. What is not Base64 stays.',
  params: [seriesList(), integer('nodeNum')],
  call: (_context, seriesList: Series[], nodeNum?: number) =>
    seriesList.map((series) => {
      if (nodeNum === undefined) return rename(series, fromBase64(series.name));
      const nodes = series.name.split('.');
      return rename(
        series,
        nodes.map((part, i) => (i === nodeNum - 1 ? fromBase64(part) : part)).join('.'),
      );
    }),
};

export const exponentialWeightedMovingAverage = perSeries({
  name: 'exponentialWeightedMovingAverage',
  aliases: ['ewma'],
  origin: 'carbonapi',
  group: 'Calculate',
  description:
    'An average that forgets: each datapoint counts alpha, the average so far 1 - alpha. Nulls ' +
    'stay null and change nothing.',
  params: [float('alpha', { required: true })],
  each: (series, alpha: number) => {
    let average = NaN;
    const values = series.values.map((value) => {
      if (Number.isNaN(value)) return NaN;
      average = Number.isNaN(average) ? value : alpha * value + (1 - alpha) * average;
      return average;
    });
    const name = `exponentialWeightedMovingAverage(${series.name},${formatG(alpha)})`;
    return derive(series, { name, values });
  },
});

export const integralWithReset: FunctionSpec = {
  name: 'integralWithReset',
  origin: 'carbonapi',
  group: 'Transform',
  description: 'The sum so far, back to 0 wherever a second series is not 0.',
  params: [seriesList(), seriesList('resettingSeries')],
  call: (_context, seriesList: Series[], resets: Series[]) => {
    const [reset, ...others] = resets;
    if (seriesList.length === 0) return [];
    if (reset === undefined || others.length > 0) {
      throw badTarget(`resettingSeries has ${resets.length} series, expected one`);
    }
    return seriesList.map((series) => {
      checkAlike(series, reset);
      let sum = 0;
      const values = series.values.map((value, i) => {
        if (Number.isNaN(value)) return NaN;
        const mark = reset.values[i]!; // as long as the series
        sum = Number.isNaN(mark) || mark === 0 ? sum + value : 0;
        return sum;
      });
      return derive(series, { name: `integralWithReset(${series.name},${reset.name})`, values });
    });
  },
};

export const powSeriesLists: FunctionSpec = {
  name: 'powSeriesLists',
  origin: 'carbonapi',
  group: 'Combine',
  description: 'Series of one list to the power of those of another, first with first and so on.',
  params: [seriesList('sourceSeriesList'), seriesList('factorSeriesList')],
  async call(context, bases: Series[], exponents: Series[]) {
    const raised = await inTurn(context, pairs(bases, exponents), ([base, exponent]) => {
      const name = `powSeries(${base.name},${exponent.name})`;
      return combined(context, name, [base, exponent], (row) => power(row[0]!, row[1]!));
    });
    return raised.filter((series) => series !== undefined);
  },
};

export const removeZeroSeries: FunctionSpec = {
  name: 'removeZeroSeries',
  origin: 'carbonapi',
  group: 'Filter Series',
  isPerSeries: true,
  description:
    'Drops the series that are only zero or null or, with an xFilesFactor, those where fewer ' +
    'than that fraction are anything else.',
  params: [seriesList(), float('xFilesFactor', { default: 0 })],
  call: (_context, seriesList: Series[], xFilesFactor: number) =>
    seriesList.filter(({ values }) => {
      let others = 0;
      for (const value of values) if (!Number.isNaN(value) && value !== 0) others += 1;
      return others > 0 && others / values.length >= xFilesFactor;
    }),
};

function fromBase64(text: string): string {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return text;
  return Buffer.from(text, 'base64').toString('utf8');
}
