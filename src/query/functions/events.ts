/** Things that were reported as they happened: `events`, and one moment by hand: `verticalLine`. */
import { badTarget } from '../../lib/errors.ts';
import { makeSeries } from '../series/series.ts';
import { date, type FunctionSpec, string } from './spec.ts';

export const events: FunctionSpec = {
  name: 'events',
  origin: 'graphite',
  group: 'Special',
  description:
    'The number of events that carry all the tags, second by second; "*" stands for all events.',
  params: [string('tags', { required: true, multiple: true })],
  async call(context, ...tags: string[]) {
    const start = Math.trunc(context.from);
    const length = Math.trunc(context.until) - start;
    context.reserve(length);
    const values = new Float64Array(length).fill(NaN);
    const isAll = tags.length === 1 && tags[0] === '*';
    for (const { when } of await context.events(isAll ? [] : tags)) {
      const at = Math.trunc(when) - start;
      if (at < 0 || at >= length) continue;
      values[at] = Number.isNaN(values[at]!) ? 1 : values[at]! + 1;
    }
    return [
      makeSeries({
        name: `events("${tags.join('", "')}")`,
        start,
        step: 1,
        values,
        integers: true,
        consolidateBy: 'sum',
        xFilesFactor: context.xFilesFactor,
      }),
    ];
  },
};

export const verticalLine: FunctionSpec = {
  name: 'verticalLine',
  origin: 'graphite',
  group: 'Graph',
  description: 'A vertical line at a time inside the graph, with a label and a colour.',
  params: [date('ts', { required: true }), string('label'), string('color')],
  call(context, ts: string | number, label?: string, color?: string) {
    const time = context.parseTime(ts);
    if (time < context.from || time > context.until) {
      throw badTarget(`time ${time} read, expected one from ${context.from} to ${context.until}`);
    }
    return [
      makeSeries({
        name: label ?? `verticalLine(${time})`,
        start: time,
        end: time,
        step: 1,
        values: Float64Array.of(1, 1),
        options: { drawAsInfinite: true, ...(color === undefined ? {} : { color }) },
        xFilesFactor: context.xFilesFactor,
      }),
    ];
  },
};
