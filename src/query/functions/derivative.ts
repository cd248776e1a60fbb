/**
 * Differences between neighbouring datapoints, and their opposite, the running sum. Counter resets
 * and wraps are told apart as graphite-web's `_nonNegativeDelta` does.
 */
import { pythonRound } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { float, type FunctionSpec, seriesList } from './spec.ts';

export const derivative: FunctionSpec = {
  name: 'derivative',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'The difference of every datapoint to the one before it, whatever the step. Null where ' +
    'either ' +
    'is null. See perSecond for a rate.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) =>
      derive(series, {
        name: `derivative(${series.name})`,
        tags: { derivative: '1' },
        values: series.values.map((value, i) => (i === 0 ? NaN : value - series.values[i - 1]!)),
      }),
    ),
};

export const integral: FunctionSpec = {
  name: 'integral',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'The sum of all datapoints so far; nulls stay null and add nothing.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => {
      let sum = 0;
      const values = series.values.map((value) => (Number.isNaN(value) ? NaN : (sum += value)));
      return derive(series, { name: `integral(${series.name})`, tags: { integral: '1' }, values });
    }),
};

export const nonNegativeDerivative: FunctionSpec = {
  name: 'nonNegativeDerivative',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'The growth of a counter from datapoint to datapoint. Where it falls, the counter was reset ' +
    'and the answer is null; with maxValue or minValue it is taken to have wrapped there instead.',
  params: [seriesList(), float('maxValue'), float('minValue')],
  call: (_context, seriesList: Series[], maxValue?: number, minValue?: number) =>
    seriesList.map((series) =>
      derive(series, {
        name: `nonNegativeDerivative(${series.name})`,
        tags: { nonNegativeDerivative: '1' },
        values: growth(series.values, maxValue, minValue),
      }),
    ),
};

export const perSecond: FunctionSpec = {
  name: 'perSecond',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'The growth of a counter per second: nonNegativeDerivative divided by the step, rounded to ' +
    'six decimals.',
  params: [seriesList(), float('maxValue'), float('minValue')],
  call: (_context, seriesList: Series[], maxValue?: number, minValue?: number) =>
    seriesList.map((series) =>
      derive(series, {
        name: `perSecond(${series.name})`,
        tags: { perSecond: '1' },
        values: growth(series.values, maxValue, minValue).map((delta) =>
          pythonRound(delta / series.step, 6),
        ),
      }),
    ),
};

/**
 * Growth of a counter. A reading outside minValue..maxValue is null and forgotten, so the next one
 * has nothing to be compared with; so is a null reading.
 */
function growth(readings: Float64Array, maxValue?: number, minValue?: number): Float64Array {
  let previous = NaN;
  return readings.map((reading) => {
    const outside =
      (maxValue !== undefined && reading > maxValue) ||
      (minValue !== undefined && reading < minValue);
    const before = previous;
    previous = outside ? NaN : reading;
    if (outside || Number.isNaN(before) || Number.isNaN(reading)) return NaN;
    if (reading >= before) return reading - before;
    if (maxValue !== undefined) return maxValue + 1 + reading - before - (minValue ?? 0);
    return minValue === undefined ? NaN : reading - minValue;
  });
}
