/**
 * Coarser steps: all datapoints of an interval become one. `summarize` counts intervals from the
 * epoch, `smartSummarize` from the first datapoint (or a calendar unit), `hitcount` backwards from
 * the end, and takes values as rates per second.
 */
import { startOfUnit } from '../attime/attime.ts';
import { type Reducer, reducerOf, count, isWhole } from '../series/aggregate.ts';
import { intervalSeconds } from '../series/interval.ts';
import { isPlain, readMerged } from '../series/merged-buckets.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import {
  aggFunc,
  boolean,
  type CallContext,
  type FunctionSpec,
  interval,
  INTERVAL_SUGGESTIONS,
  seriesList,
  string,
} from './spec.ts';
import { badTarget } from '../../lib/errors.ts';

const ALIGNMENTS = [
  false,
  null,
  true,
  'days',
  'hours',
  'minutes',
  'months',
  'seconds',
  'weeks',
  'years',
] as const;

const intervalString = interval('intervalString', {
  required: true,
  suggestions: INTERVAL_SUGGESTIONS,
});

export const summarize: FunctionSpec = {
  name: 'summarize',
  origin: 'graphite',
  group: 'Transform',
  description:
    'One datapoint an interval: the sum, or another aggregate. Intervals start at multiples of ' +
    'their length since the epoch, or with alignToFrom at the first datapoint.',
  params: [
    seriesList(),
    intervalString,
    aggFunc('func', { default: 'sum' }),
    boolean('alignToFrom', { default: false }),
  ],
  async call(context, seriesList: Series[], text: string, func: string, alignToFrom: boolean) {
    const length = lengthOf(text);
    const aggregate = reducerOf(func);
    const summarized = await inTurn(context, seriesList, (series) => {
      const start = alignToFrom ? series.start : series.start - modulo(series.start, length);
      const last = alignToFrom ? series.end : series.end - modulo(series.end, length) + length;
      const values = intervals(context, series, aggregate, length, start, last);
      const suffix = alignToFrom ? ', true' : '';
      return derive(series, {
        name: `summarize(${series.name}, "${text}", "${func}"${suffix})`,
        tags: { summarize: text, summarizeFunction: func },
        start,
        // A whole bucket ends the series, also where its datapoints end within it.
        end: start + values.length * length,
        step: length,
        values,
        integers: isWhole(func, series.integers === true),
      });
    });
    return withMerged(context, seriesList, summarized, func);
  },
};

export const smartSummarize: FunctionSpec = {
  name: 'smartSummarize',
  origin: 'graphite',
  group: 'Transform',
  description:
    'One datapoint an interval, counted from the first datapoint. With alignTo the series is read ' +
    'from the start of that calendar unit on: hours, days, weeks (weeks3 for Wednesday) …',
  params: [
    seriesList(),
    intervalString,
    aggFunc('func', { default: 'sum' }),
    string('alignTo', { options: ALIGNMENTS }),
  ],
  async call(context, seriesList: Series[], text: string, func: string, alignTo?: unknown) {
    const length = lengthOf(text);
    const aggregate = reducerOf(func);
    const aligned =
      typeof alignTo !== 'string'
        ? seriesList
        : await context.refetch(0, { from: startOfUnit(context.from, alignTo, context.tz) });
    const summarized = await inTurn(context, aligned, (series) => {
      const values = intervals(context, series, aggregate, length, series.start, series.end);
      return derive(series, {
        name: `smartSummarize(${series.name}, "${text}", "${func}")`,
        tags: { smartSummarize: text, smartSummarizeFunction: func },
        end: series.start + values.length * length,
        step: length,
        values,
        integers: isWhole(func, series.integers === true),
      });
    });
    return withMerged(context, aligned, summarized, func);
  },
};

/** Statistics of timers are read off merged sketches; see series/merged-buckets.ts. */
async function withMerged(
  context: CallContext,
  seriesList: readonly Series[],
  summarized: Series[],
  func: string,
): Promise<Series[]> {
  if (!isPlain(func)) return summarized;
  const sketched = await context.sketchesBehind(seriesList);
  for (const [i, { start, step, values }] of summarized.entries()) {
    const behind = sketched[i];
    if (behind === undefined) continue;
    const grid = { start, step, count: values.length };
    await readMerged(values, grid, seriesList[i]!, behind, context.pause);
  }
  return summarized;
}

function intervals(
  context: CallContext,
  series: Series,
  aggregate: Reducer,
  length: number,
  start: number,
  end: number,
): Float64Array {
  const bucketCount = Math.max(Math.ceil((end - start) / length), 0);
  context.reserve(bucketCount);
  const values = new Float64Array(bucketCount);
  // A bucket at the edge of the graph has fewer datapoints, and fewer known ones.
  const expected = length / series.step;
  // The last datapoint of a flat line lies at its end: in no bucket.
  const points = Math.min(
    series.values.length,
    Math.ceil((series.end - series.start) / series.step),
  );
  let from = 0;
  for (let i = 0; i < bucketCount; i++) {
    const limit = Math.ceil((start + (i + 1) * length - series.start) / series.step);
    const to = Math.min(Math.max(limit, from), points);
    const known = count(series.values, from, to);
    const enough = known > 0 && known / expected >= series.xFilesFactor;
    values[i] = enough ? aggregate(series.values, from, to) : NaN;
    from = to;
  }
  return values;
}

export const hitcount: FunctionSpec = {
  name: 'hitcount',
  origin: 'graphite',
  group: 'Transform',
  description:
    'How often something happened in each interval, from a rate per second. Intervals end at the ' +
    'end of the graph, or with alignToInterval start at a whole minute, hour or day.',
  params: [seriesList(), intervalString, boolean('alignToInterval', { default: false })],
  async call(context, seriesList: Series[], text: string, alignToInterval: boolean) {
    const length = lengthOf(text);
    const suffix = alignToInterval ? ', true' : '';
    const aligned = alignToInterval ? await alignedTo(context, length) : seriesList;
    return inTurn(context, aligned, (series) => {
      const bucketCount = Math.max(Math.ceil((series.end - series.start) / length), 0);
      context.reserve(bucketCount);
      const start = series.end - bucketCount * length;
      return derive(series, {
        name: `hitcount(${series.name}, "${text}"${suffix})`,
        tags: { hitcount: text },
        start,
        step: length,
        values: hits(series, start, length, bucketCount),
      });
    });
  },
};

/** The argument, read from a whole unit on, its end moved to a whole number of intervals. */
async function alignedTo(context: CallContext, length: number): Promise<Series[]> {
  const unit = length >= 86_400 ? 'days' : length >= 3600 ? 'hours' : 'minutes';
  const from = length >= 60 ? startOfUnit(context.from, unit, context.tz) : context.from;
  const seriesList = await context.refetch(0, { from });
  return seriesList.map((series) => ({
    ...series,
    end: series.start + (Math.trunc((series.end - series.start) / length) + 1) * length,
  }));
}

/** Spreads each value over the intervals that its step lies in, by seconds. */
function hits(series: Series, start: number, length: number, bucketCount: number): Float64Array {
  const values = new Float64Array(bucketCount).fill(NaN);
  const add = (bucket: number, amount: number): void => {
    if (bucket >= 0)
      values[bucket] = Number.isNaN(values[bucket]!) ? amount : values[bucket]! + amount;
  };
  for (let i = 0; i < series.values.length; i++) {
    const value = series.values[i]!; // i < length
    if (Number.isNaN(value)) continue;
    const from = series.start + i * series.step - start;
    const first = Math.floor(from / length);
    const firstRest = from - first * length;
    let last = Math.floor((from + series.step) / length);
    let lastRest = from + series.step - last * length;
    if (last >= bucketCount) {
      last = bucketCount - 1;
      lastRest = length;
    }
    if (first === last) {
      add(first, value * (lastRest - firstRest));
      continue;
    }
    add(first, value * (length - firstRest));
    for (let bucket = first + 1; bucket < last; bucket++) add(bucket, value * length);
    if (lastRest > 0) add(last, value * lastRest);
  }
  return values;
}

function lengthOf(text: string): number {
  const seconds = intervalSeconds(text);
  if (seconds > 0) return seconds;
  throw badTarget(`interval "${text}" read, expected one above zero`);
}

/** Python's `%`: never negative. */
function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}
