/**
 * carbonapi's service level objectives: the share of datapoints on the right side of a value, per
 * interval, and the seconds of failure that an objective leaves. An interval longer than the window
 * asked for is read as a whole, up to the window's end.
 */
import { badTarget } from '../../lib/errors.ts';
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import {
  type CallContext,
  float,
  type FunctionSpec,
  interval,
  INTERVAL_SUGGESTIONS,
  seriesList,
  string,
} from './spec.ts';

const METHODS = new Map<string, (value: number, bound: number) => boolean>([
  ['above', (value, bound) => value > bound],
  ['aboveOrEqual', (value, bound) => value >= bound],
  ['below', (value, bound) => value < bound],
  ['belowOrEqual', (value, bound) => value <= bound],
]);

const params = [
  seriesList(),
  interval('interval', { required: true, suggestions: INTERVAL_SUGGESTIONS }),
  string('method', { required: true, options: [...METHODS.keys()] }),
  float('value', { required: true }),
];

export const slo: FunctionSpec = {
  name: 'slo',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The share, 0 to 1, of the datapoints of each interval that are above (aboveOrEqual, below, ' +
    'belowOrEqual) a value.',
  params,
  call: perInterval,
};

export const sloErrorBudget: FunctionSpec = {
  name: 'sloErrorBudget',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The seconds of failure that are left of an objective such as 0.999 in each interval; ' +
    'negative when it is missed.',
  params: [...params, float('objective', { required: true })],
  call: perInterval,
};

async function perInterval(
  context: CallContext,
  seriesList: Series[],
  length: string,
  method: string,
  bound: number,
  objective?: number,
): Promise<Series[]> {
  const matches = METHODS.get(method);
  if (matches === undefined) {
    const known = [...METHODS.keys()].join(' ');
    throw badTarget(`method "${method}" read, expected one of ${known}`);
  }
  const seconds = Math.abs(intervalSeconds(length));
  if (seconds === 0) throw badTarget(`interval "${length}" has no length`);
  const from = Math.min(context.from, context.until - seconds);
  const whole = from < context.from ? await context.refetch(0, { from }) : seriesList;
  const starts = new Map(seriesList.map((series) => [series.name, series.start]));
  return inTurn(context, whole, (series) => {
    const isBudget = objective !== undefined;
    const numbers = `${bound}${isBudget ? `, ${objective}` : ''}`;
    const called = isBudget ? 'sloErrorBudget' : 'slo';
    const name = `${called}(${series.name}, ${length}, ${method}, ${numbers})`;
    const count = Math.ceil((series.values.length * series.step) / seconds);
    const values = Float64Array.from({ length: count }, (_, bucket) => {
      const first = Math.ceil((bucket * seconds) / series.step);
      const last = Math.min(
        Math.ceil(((bucket + 1) * seconds) / series.step),
        series.values.length,
      );
      let [known, met] = [0, 0];
      for (let i = first; i < last; i++) {
        const value = series.values[i]!; // last is at most its length
        if (Number.isNaN(value)) continue;
        known += 1;
        if (matches(value, bound)) met += 1;
      }
      const share = met / known;
      if (!isBudget) return share;
      return (share - objective) * Math.min(seconds, (last - first) * series.step);
    });
    // Datapoints from before the window are drawn at its start.
    const start = starts.get(series.name) ?? series.start;
    return derive(series, { name, step: seconds, start, end: start + count * seconds, values });
  });
}
