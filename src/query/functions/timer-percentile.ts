/**
 * Percentiles of timers, from their sketches: over any time and, with timerMerge inside, over any
 * hosts. By StatsD's rule for `upper_99`, of all values of a slot or interval.
 */
import { badTarget } from '../../lib/errors.ts';
import { percentileOf } from '../../sketch/quantile.ts';
import type { Series } from '../series/series.ts';
import { type CallContext, float, type FunctionSpec, timers } from './spec.ts';
import type { Scalar } from './timer-scalars.ts';
import { intervalSuffix, optionalInterval, readTimers } from './timer-values.ts';

export const timerPercentile: FunctionSpec = {
  name: 'timerPercentile',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'A percentile (0 to 100) of each timer, of all its values in a slot or an interval, not an ' +
    'average of percentiles. Timers are named without their statistics: stats.timers.web*.latency. ' +
    'For one percentile over many timers put timerMerge or timerMergeByNode inside.',
  params: [
    timers(),
    float('percentile', { required: true, suggestions: [50, 90, 95, 99, 99.9] }),
    optionalInterval,
  ],
  call: (context, seriesList: Series[], percent: number, length?: string) =>
    percentiles(context, seriesList, percent, length),
};

export const timerPercentiles: FunctionSpec = {
  name: 'timerPercentiles',
  origin: 'tallyd',
  group: 'Timers',
  description: 'Several percentiles of each timer, one series each, tagged with the percentile.',
  params: [
    timers(),
    float('percentiles', { required: true, multiple: true, suggestions: [50, 90, 99] }),
  ],
  async call(context, seriesList: Series[], ...all: number[]) {
    if (all.length === 0) throw badTarget('no percentile read, expected some');
    const answers: Series[] = [];
    for (const series of seriesList) {
      for (const percent of all) answers.push(...(await percentiles(context, [series], percent)));
    }
    return answers;
  },
};

function percentiles(
  context: CallContext,
  seriesList: Series[],
  percent: number,
  length?: string,
): Promise<Series[]> {
  if (!(percent >= 0 && percent <= 100)) {
    throw badTarget(`percentile ${percent} read, expected 0 to 100`);
  }
  return readTimers(context, seriesList, {
    read: (sketch) => percentileOf(sketch, percent),
    nameOf: (timer) => `timerPercentile(${timer},${percent}${intervalSuffix(length)})`,
    tags: { percentile: String(percent) },
    interval: length,
    scalars: scalarsOf(percent),
  });
}

/** StatsD's name of a threshold, and what is always there. */
function scalarsOf(percent: number): Scalar[] {
  const spelled = String(percent).replace('.', '_');
  const scalars: Scalar[] = [{ statistic: `upper_${spelled}`, func: 'average' }];
  if (percent === 50) scalars.push({ statistic: 'median', func: 'average' });
  if (percent === 0) scalars.push({ statistic: 'lower', func: 'min' });
  if (percent === 100) scalars.push({ statistic: 'upper', func: 'max' });
  return scalars;
}
