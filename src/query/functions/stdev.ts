/**
 * `stdev`: the standard deviation of the last so many datapoints, from running sums as graphite-web
 * keeps them, so that its rounding dust comes out the same.
 */
import { pythonInteger } from '../series/python-format.ts';
import { derive } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import { float, integer } from './spec.ts';

export const stdev = perSeries({
  name: 'stdev',
  origin: 'graphite',
  group: 'Calculate',
  description:
    'The standard deviation of the last so many datapoints. Null where fewer than ' +
    'windowTolerance of them are known.',
  params: [integer('points', { required: true }), float('windowTolerance', { default: 0.1 })],
  each: (series, points: number, windowTolerance: number) =>
    derive(series, {
      name: `stdev(${series.name},${pythonInteger(Math.trunc(points))})`,
      tags: { stdev: pythonInteger(points) },
      values: movingDeviation(series.values, points, windowTolerance),
    }),
});

function movingDeviation(
  values: Float64Array,
  points: number,
  windowTolerance: number,
): Float64Array {
  let known = 0;
  let sum = 0;
  let squares = 0;
  return values.map((value, i) => {
    const dropped = i < points ? NaN : values[i - points]!;
    if (!Number.isNaN(dropped)) {
      known -= 1;
      sum -= dropped;
      squares -= dropped ** 2;
    }
    if (!Number.isNaN(value)) {
      known += 1;
      sum += value;
      squares += value ** 2;
    }
    if (known === 0 || known / points < windowTolerance) return NaN;
    return Math.sqrt(known * squares - sum ** 2) / known;
  });
}
