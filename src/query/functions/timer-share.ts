/** Service levels off sketches: the share of values within a limit, and Apdex. */
import { badTarget } from '../../lib/errors.ts';
import { shareUpTo } from '../../sketch/quantile.ts';
import type { Series } from '../series/series.ts';
import { float, type FunctionSpec, timers } from './spec.ts';
import { intervalSuffix, optionalInterval, readTimers } from './timer-values.ts';

/** Apdex: up to 4 t a request is tolerated and counts half. */
const TOLERATED = 4;

export const timerCdf: FunctionSpec = {
  name: 'timerCdf',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'The share, 0 to 1, of the values of each timer that are at most a limit: a service level ' +
    'such as "99 % of requests within 300 ms" in one call.',
  params: [timers(), float('value', { required: true }), optionalInterval],
  call: (context, seriesList: Series[], limit: number, length?: string) =>
    readTimers(context, seriesList, {
      read: (sketch) => shareUpTo(sketch, limit),
      nameOf: (timer) => `timerCdf(${timer},${limit}${intervalSuffix(length)})`,
      interval: length,
    }),
};

export const timerApdex: FunctionSpec = {
  name: 'timerApdex',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'Apdex of each timer, 0 to 1: the share of values up to t, and half of those over t and up to ' +
    'four times t.',
  params: [timers(), float('t', { required: true }), optionalInterval],
  call(context, seriesList: Series[], satisfied: number, length?: string) {
    if (!(satisfied > 0)) throw badTarget(`t ${satisfied} read, expected more than 0`);
    return readTimers(context, seriesList, {
      read: (sketch) =>
        (shareUpTo(sketch, satisfied) + shareUpTo(sketch, satisfied * TOLERATED)) / 2,
      nameOf: (timer) => `timerApdex(${timer},${satisfied}${intervalSuffix(length)})`,
      interval: length,
    });
  },
};
