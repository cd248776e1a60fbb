/**
 * The same series at another time, drawn over this one: `timeShift`, `timeStack`; and series moved
 * or cut within what was read: `delay`, `timeSlice`.
 */
import { isSummerTime } from '../attime/zones.ts';
import { intervalSeconds } from '../series/interval.ts';
import { pythonInteger } from '../series/python-format.ts';
import { derive, rename, type Series } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import {
  boolean,
  type CallContext,
  date,
  type FunctionSpec,
  integer,
  interval,
  seriesList,
  SHIFT_SUGGESTIONS,
} from './spec.ts';

const HOUR_SECONDS = 3600;

export const timeShift: FunctionSpec = {
  name: 'timeShift',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Shows what the series were so long ago. With resetEnd the end of the graph stays, with ' +
    'alignDST a change of the clocks between then and now is made up for.',
  params: [
    seriesList(),
    interval('timeShift', { required: true, suggestions: SHIFT_SUGGESTIONS }),
    boolean('resetEnd', { default: true }),
    boolean('alignDst', { default: false, signatureName: 'alignDST' }),
  ],
  async call(context, seriesList: Series[], shift: string, resetEnd: boolean, alignDst: boolean) {
    const back = backwards(shift);
    let seconds = intervalSeconds(back);
    const [first] = seriesList;
    if (first === undefined) return [];
    if (alignDst) seconds += clockChange(context, seconds);
    const shifted = await shiftedBy(context, seconds);
    return shifted.map((series) => ({
      ...rename(series, `timeShift(${series.name}, "${back}")`, { timeShift: back }),
      start: first.start,
      end: resetEnd ? first.end : series.end - series.start + first.start,
    }));
  },
};

export const timeStack: FunctionSpec = {
  name: 'timeStack',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Shows the series as they were several times ago, such as on each of the last seven days, on ' +
    'top of each other.',
  params: [
    seriesList(),
    interval('timeShiftUnit', { default: '1d', suggestions: SHIFT_SUGGESTIONS }),
    integer('timeShiftStart', { default: 0 }),
    integer('timeShiftEnd', { default: 7 }),
  ],
  async call(context, seriesList: Series[], unit: string, firstShift: number, endShift: number) {
    const back = backwards(unit);
    const seconds = intervalSeconds(back);
    const [first] = seriesList;
    if (first === undefined) return [];
    const stacked: Series[] = [];
    for (let shift = firstShift; shift < endShift; shift++) {
      const shifted = await shiftedBy(context, shift * seconds);
      for (const series of shifted) {
        stacked.push(
          derive(series, {
            name: `timeShift(${series.name}, ${back}, ${shift})`,
            tags: { timeShiftUnit: back, timeShift: String(shift) },
            start: first.start,
            end: first.end,
          }),
        );
      }
      context.reserve(shifted.length * first.values.length);
    }
    return stacked;
  },
};

export const timeSlice: FunctionSpec = {
  name: 'timeSlice',
  origin: 'graphite',
  group: 'Transform',
  isPerSeries: true,
  description: 'Nulls out all that is not between two times.',
  params: [
    seriesList(),
    date('startSliceAt', { required: true }),
    date('endSliceAt', { default: 'now' }),
  ],
  call(context, seriesList: Series[], startSliceAt: string | number, endSliceAt: string | number) {
    const start = context.parseTime(startSliceAt);
    const end = context.parseTime(endSliceAt);
    return seriesList.map((series) =>
      derive(series, {
        name: `timeSlice(${series.name}, ${start}, ${end})`,
        pathExpression: series.pathExpression,
        tags: { timeSliceStart: String(start), timeSliceEnd: String(end) },
        // Counted from the window's start, not the series', as graphite-web does.
        values: series.values.map((value, i) => {
          const time = context.from + i * series.step;
          return time < start || time > end ? NaN : value;
        }),
      }),
    );
  },
};

export const delay = perSeries({
  name: 'delay',
  origin: 'graphite',
  group: 'Transform',
  description: 'Moves datapoints later by so many steps; what falls off the end is lost.',
  params: [integer('steps', { required: true })],
  each: (series, steps: number) =>
    derive(series, {
      name: `delay(${series.name},${pythonInteger(steps)})`,
      tags: { delay: pythonInteger(steps) },
      values: series.values.map((_value, i, all) => all[i - steps] ?? NaN),
    }),
});

/** The first argument over a window so many seconds later. */
export function shiftedBy(context: CallContext, seconds: number): Promise<Series[]> {
  return context.refetch(0, { from: context.from + seconds, until: context.until + seconds });
}

/** An interval without a sign means the past. */
function backwards(shift: string): string {
  return /^\d/.test(shift) ? `-${shift}` : shift;
}

/** An hour either way when all of one window is in summer time and all of the other is not. */
function clockChange(context: CallContext, seconds: number): number {
  const { from, until, tz } = context;
  const now = [from, until].map((time) => isSummerTime(time, tz));
  const then = [from, until].map((time) => isSummerTime(time + seconds, tz));
  if (now.every(Boolean) && !then.some(Boolean)) return HOUR_SECONDS;
  if (then.every(Boolean) && !now.some(Boolean)) return -HOUR_SECONDS;
  return 0;
}
