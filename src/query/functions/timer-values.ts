/**
 * Numbers read off sketches, slot by slot or merged over an interval: what `timerPercentile`,
 * `timerStat`, `timerCdf` and others share. Slots are merged before anything is read, so a
 * percentile over an hour is that of all values of the hour.
 */
import { badTarget } from '../../lib/errors.ts';
import type { Sketch } from '../../sketch/log-linear.ts';
import { commonGrid, epochGrid, mergeOnto, readOnto } from '../series/distribution.ts';
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { type CallContext, interval } from './spec.ts';
import { fillOlder, olderScalars, type Scalar } from './timer-scalars.ts';

/** The last parameter of most timer functions. */
export const optionalInterval = interval('interval', {
  suggestions: ['1min', '10min', '1h', '1d'],
});

/** A question to each timer. */
interface Reading {
  /** The value of `seconds` of traffic, NaN when there is none. */
  read(sketch: Sketch, seconds: number): number;
  /** The answer's name after that of the timer. */
  nameOf(timer: string): string;
  tags?: Record<string, string>;
  /** Buckets counted from the epoch as in summarize; without it slots stay as they are. */
  interval?: string | undefined;
  /** The statistics, best first, that say nearly the same where sketches have expired. */
  scalars?: readonly Scalar[];
}

/** One series a timer; a timer without stored data has none. */
export async function readTimers(
  context: CallContext,
  timers: readonly Series[],
  reading: Reading,
): Promise<Series[]> {
  const { read, nameOf, tags = {}, interval: length } = reading;
  const seconds = length === undefined ? undefined : secondsOf(length);
  const answers: Series[] = [];
  for (const series of timersOf(timers)) {
    const older = await olderScalars(context, series, reading.scalars ?? []);
    const sources = [series, ...(older === undefined ? [] : [older.series])].filter(hasSlots);
    if (sources.length === 0) continue;
    const grid = seconds === undefined ? commonGrid(sources) : epochGrid(sources, seconds);
    context.reserve(grid.count);
    const reader = { kind: 'timer', read } as const;
    const { pause } = context;
    // The fold of the answer merges again, from these sketches; no other reader needs them.
    const isFolded = grid.count > (context.maxDataPoints ?? Infinity);
    const merged = isFolded
      ? await mergeOnto(grid, [series], reader, pause)
      : { values: await readOnto(grid, [series], reader, pause), sources: [series] };
    const answer = derive(series, {
      name: nameOf(series.name),
      tags,
      start: grid.start,
      step: grid.step,
      end: grid.start + grid.count * grid.step,
      values: merged.values,
    });
    if (older === undefined) {
      const { values: _values, ...rest } = merged;
      answer.distribution = { ...reader, ...rest };
    } else {
      fillOlder(merged.values, grid, series, older);
      answer.notice = older.notice;
    }
    answers.push(answer);
    await context.pause();
  }
  return answers;
}

/** Whether the window has stored data. */
export function hasSlots({ values }: Series): boolean {
  return values.length > 0;
}

/** `,"1h"` for names, nothing without an interval. */
export function intervalSuffix(length: string | undefined): string {
  return length === undefined ? '' : `,"${length}"`;
}

/** Seconds of an interval, at least one. Throws `badTarget`. */
export function secondsOf(length: string): number {
  const seconds = intervalSeconds(length);
  if (seconds > 0) return seconds;
  throw badTarget(`interval "${length}" read, expected one such as "5min"`);
}

/** Series that carry sketches of timers; throws a sentence for others. */
export function timersOf(seriesList: readonly Series[]): readonly Series[] {
  for (const { name, distribution } of seriesList) {
    if (distribution?.kind === 'timer') continue;
    const what =
      distribution === undefined ? 'has numbers only' : 'is a set, which setUnion counts';
    throw badTarget(
      `${name} ${what}: expected timers by base name (stats.timers.web01.latency) or timerMerge`,
    );
  }
  return seriesList;
}
