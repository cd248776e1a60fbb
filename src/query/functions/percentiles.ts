/**
 * Functions that take a percentile: of each series, of many series at one time, and filters by
 * one. The rank rule is in series/percentile.ts.
 */
import { badTarget } from '../../lib/errors.ts';
import { reducerOf } from '../series/aggregate.ts';
import { percentileOf } from '../series/percentile.ts';
import { formatG, pythonFloat } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { combined } from './rows.ts';
import { boolean, float, type FunctionSpec, seriesList } from './spec.ts';

export const averageOutsidePercentile: FunctionSpec = {
  name: 'averageOutsidePercentile',
  origin: 'graphite',
  group: 'Filter Series',
  description:
    'Drops the series whose average lies between the two percentiles n and 100 - n of all ' +
    'averages.',
  params: [seriesList(), float('n', { required: true })],
  async call(context, seriesList: Series[], n: number) {
    const average = reducerOf('average');
    const averages = await inTurn(context, seriesList, (series) => average(series.values));
    const [low, high] = band(averages, n);
    return seriesList.filter((_, i) => !(low < averages[i]! && averages[i]! < high));
  },
};

export const nPercentile: FunctionSpec = {
  name: 'nPercentile',
  origin: 'graphite',
  group: 'Calculate',
  isPerSeries: true,
  description: 'A flat line at the n-th percentile of each series; series without datapoints go.',
  params: [seriesList(), float('n', { required: true })],
  call: (_context, seriesList: Series[], n: number) => {
    checkPercent('nPercentile', n);
    return seriesList.flatMap((series) => {
      const value = percentileOf(series.values, n);
      if (Number.isNaN(value)) return [];
      const count = Math.trunc((series.end - series.start) / series.step);
      return derive(series, {
        name: `nPercentile(${series.name}, ${formatG(n)})`,
        tags: { nPercentile: pythonFloat(n) },
        values: new Float64Array(count).fill(value),
      });
    });
  },
};

export const percentileOfSeries: FunctionSpec = {
  name: 'percentileOfSeries',
  origin: 'graphite',
  group: 'Combine',
  description:
    'At each time, the n-th percentile of all series: one of their values or, if asked for, ' +
    'interpolated between two.',
  params: [
    seriesList(),
    float('n', { required: true }),
    boolean('interpolate', { default: false }),
  ],
  async call(context, seriesList: Series[], n: number, interpolate: boolean) {
    checkPercent('percentileOfSeries', n);
    const first = seriesList[0];
    if (first === undefined) return [];
    const name = `percentileOfSeries(${first.pathExpression},${formatG(n)})`;
    const answer = await combined(context, name, seriesList, (row) =>
      percentileOf(row, n, interpolate),
    );
    return answer === undefined ? [] : [answer];
  },
};

export const removeAbovePercentile = dataFilter(
  'removeAbovePercentile',
  'above',
  (value, percentile) => value > percentile,
);

export const removeBelowPercentile = dataFilter(
  'removeBelowPercentile',
  'below',
  (value, percentile) => value < percentile,
);

export const removeBetweenPercentile: FunctionSpec = {
  name: 'removeBetweenPercentile',
  origin: 'graphite',
  group: 'Filter Series',
  description:
    'Drops the series that at every time stay between the percentiles n and 100 - n of all series.',
  params: [seriesList(), float('n', { required: true })],
  async call(context, seriesList: Series[], n: number) {
    if (seriesList.length === 0) return [];
    const length = seriesList.reduce(
      (least, series) => Math.min(least, series.values.length),
      Infinity,
    );
    const outside = new Set<Series>();
    for (let i = 0; i < length; i++) {
      await context.pause();
      const [low, high] = band(
        seriesList.map((series) => series.values[i]!),
        n,
      );
      for (const series of seriesList) {
        const value = series.values[i]!; // i < length of the shortest
        if (value <= low || value >= high) outside.add(series);
      }
    }
    return seriesList.filter((series) => outside.has(series));
  },
};

function dataFilter(
  name: string,
  side: string,
  isBeyond: (value: number, percentile: number) => boolean,
): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Filter Data',
    isPerSeries: true,
    description: `Nulls the datapoints of each series ${side} its n-th percentile.`,
    params: [seriesList(), float('n', { required: true })],
    call: (_context, seriesList: Series[], n: number) => {
      checkPercent(name, n);
      return seriesList.map((series) => {
        const percentile = percentileOf(series.values, n);
        const isEmpty = Number.isNaN(percentile);
        return derive(series, {
          name: `${name}(${series.name}, ${formatG(n)})`,
          tags: isEmpty ? {} : { nPercentile: pythonFloat(n) },
          values: series.values.map((value) => (isBeyond(value, percentile) ? NaN : value)),
        });
      });
    },
  };
}

/** The percentiles n and 100 - n, lower first. */
function band(values: number[], n: number): [number, number] {
  const upper = n < 50 ? 100 - n : n;
  return [percentileOf(values, 100 - upper), percentileOf(values, upper)];
}

function checkPercent(name: string, n: number): void {
  if (n > 0) return;
  throw badTarget(`${name}: percentile ${n} read, expected above 0`);
}
