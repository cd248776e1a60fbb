/**
 * Differences between neighbouring datapoints, and their opposite, the running sum. Counter resets
 * and wraps are told apart as graphite-web's `_nonNegativeDelta` does.
 */
import { pythonRound } from '../series/python-format.ts';
import { derive } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import { float, type FunctionSpec } from './spec.ts';

export const derivative = perSeries({
  name: 'derivative',
  origin: 'graphite',
  group: 'Transform',
  description:
    'The difference of every datapoint to the one before it, whatever the step. Null where ' +
    'either is null. See perSecond for a rate.',
  each: (series) =>
    derive(series, {
      name: `derivative(${series.name})`,
      tags: { derivative: '1' },
      values: series.values.map((value, i) => (i === 0 ? NaN : value - series.values[i - 1]!)),
    }),
});

export const integral = perSeries({
  name: 'integral',
  origin: 'graphite',
  group: 'Transform',
  description: 'The sum of all datapoints so far; nulls stay null and add nothing.',
  each: (series) => {
    let sum = 0;
    const values = series.values.map((value) => (Number.isNaN(value) ? NaN : (sum += value)));
    return derive(series, { name: `integral(${series.name})`, tags: { integral: '1' }, values });
  },
});

export const nonNegativeDerivative = ofCounter(
  'nonNegativeDerivative',
  'The growth of a counter from datapoint to datapoint. Where it falls, the counter was reset ' +
    'and the answer is null; with maxValue or minValue it is taken to have wrapped there instead.',
  (delta) => delta,
);

export const perSecond = ofCounter(
  'perSecond',
  'The growth of a counter per second: nonNegativeDerivative divided by the step, rounded to ' +
    'six decimals.',
  (delta, step) => pythonRound(delta / step, 6),
);

/** A function of the growth of a counter. */
function ofCounter(
  name: string,
  description: string,
  each: (delta: number, step: number) => number,
): FunctionSpec {
  return perSeries({
    name,
    origin: 'graphite',
    group: 'Transform',
    description,
    params: [float('maxValue'), float('minValue')],
    each: (series, maxValue?: number, minValue?: number) =>
      derive(series, {
        name: `${name}(${series.name})`,
        tags: { [name]: '1' },
        values: growth(series.values, maxValue, minValue).map((delta) => each(delta, series.step)),
      }),
  });
}

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
