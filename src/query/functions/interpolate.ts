/** Datapoints from their neighbours: straight lines over gaps, and sums that restart. */
import { badTarget } from '../../lib/errors.ts';
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import { type FunctionSpec, intOrInf, seriesList, string } from './spec.ts';

export const interpolate = perSeries({
  name: 'interpolate',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Draws a straight line over nulls between two datapoints, unless more than the limit are ' +
    'missing in a row.',
  params: [intOrInf('limit', { default: Infinity })],
  each: (series, limit: number) =>
    derive(series, {
      name: `interpolate(${series.name})`,
      values: bridged(series.values, limit),
    }),
});

function bridged(values: Float64Array, limit: number): Float64Array {
  const filled = values.slice();
  let last = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // i < length
    if (Number.isNaN(value)) continue;
    const missing = i - last - 1;
    if (last !== -1 && missing > 0 && missing <= limit) {
      const before = values[last]!; // a known one
      for (let at = last + 1; at < i; at++) {
        filled[at] = before + ((at - last) * (value - before)) / (missing + 1);
      }
    }
    last = i;
  }
  return filled;
}

export const integralByInterval: FunctionSpec = {
  name: 'integralByInterval',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description:
    'The sum of all datapoints so far, nulls counted as 0, starting over at every interval since ' +
    'the start of the graph.',
  params: [seriesList(), string('intervalUnit', { required: true })],
  call(context, seriesList: Series[], intervalUnit: string) {
    const length = Math.abs(intervalSeconds(intervalUnit));
    if (length === 0) throw badTarget(`interval "${intervalUnit}" read, expected one above zero`);
    return seriesList.map((series) => {
      let sum = 0;
      let previous = Math.floor((series.start - series.step - context.from) / length);
      const values = series.values.map((value, i) => {
        const interval = Math.floor((series.start + i * series.step - context.from) / length);
        if (interval !== previous) sum = 0;
        previous = interval;
        if (!Number.isNaN(value)) sum += value;
        return sum;
      });
      return derive(series, {
        name: `integralByInterval(${series.name},'${intervalUnit}')`,
        tags: { integralByInterval: intervalUnit },
        values,
      });
    });
  },
};
