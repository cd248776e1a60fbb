/** Plain statistics of timers over any time and hosts: exact, whatever was merged. */
import { badTarget } from '../../lib/errors.ts';
import type { Sketch } from '../../sketch/log-linear.ts';
import { statistic } from '../../sketch/statistics.ts';
import { STAT_STD } from '../../wire/statistics.ts';
import type { Series } from '../series/series.ts';
import { type FunctionSpec, string, timers } from './spec.ts';
import type { Scalar } from './timer-scalars.ts';
import { intervalSuffix, optionalInterval, readTimers } from './timer-values.ts';

const STATISTICS: Readonly<Record<string, (sketch: Sketch, seconds: number) => number>> = {
  count: (sketch) => sketch.count,
  rate: (sketch, seconds) => sketch.count / seconds,
  sum: (sketch) => sketch.sum,
  mean: (sketch) => (sketch.total === 0 ? NaN : sketch.sum / sketch.total),
  min: (sketch) => (sketch.total === 0 ? NaN : sketch.min),
  max: (sketch) => (sketch.total === 0 ? NaN : sketch.max),
  std: (sketch, seconds) => statistic(sketch, STAT_STD, 0, seconds),
};

const SCALARS: Readonly<Record<string, Scalar>> = {
  count: { statistic: 'count', func: 'sum' },
  rate: { statistic: 'count_ps', func: 'average' },
  sum: { statistic: 'sum', func: 'sum' },
  mean: { statistic: 'mean', func: 'average' },
  min: { statistic: 'lower', func: 'min' },
  max: { statistic: 'upper', func: 'max' },
  std: { statistic: 'std', func: 'average' },
};

export const timerStat: FunctionSpec = {
  name: 'timerStat',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'A statistic of each timer: count (by sample rate), rate a second, sum, mean, min, max or std, ' +
    'of all values of a slot or interval. timerMerge inside makes it that of several timers.',
  params: [
    timers(),
    string('statistic', { required: true, options: Object.keys(STATISTICS) }),
    optionalInterval,
  ],
  call(context, seriesList: Series[], name: string, length?: string) {
    if (!Object.hasOwn(STATISTICS, name)) {
      const known = Object.keys(STATISTICS).join(' ');
      throw badTarget(`statistic "${name}" read, expected one of ${known}`);
    }
    return readTimers(context, seriesList, {
      read: STATISTICS[name]!, // it is one of them
      nameOf: (timer) => `timerStat(${timer},"${name}"${intervalSuffix(length)})`,
      interval: length,
      scalars: [SCALARS[name]!],
    });
  },
};
