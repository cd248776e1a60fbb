/**
 * Folds the series of an answer down to `maxDataPoints` where their values come from sketches:
 * several slots make one value off their merged sketch, as the formats would make one average.
 * Buckets start at multiples of their length, so a graph that is refreshed does not jitter. What is
 * folded here is short enough for the formats, which fold the rest.
 */
import type { Evaluation } from './evaluation.ts';
import { aggregatorOf, count } from '../series/aggregate.ts';
import { leastCommonMultiple } from '../series/consolidate.ts';
import { type Grid, readOnto } from '../series/distribution.ts';
import { readMerged } from '../series/merged-buckets.ts';
import type { Series } from '../series/series.ts';
import { withoutSource } from '../series/series.ts';

export async function foldAnswer(
  evaluation: Evaluation,
  series: readonly Series[],
  maxDataPoints: number,
): Promise<Series[]> {
  const start = series.reduce((least, one) => Math.min(least, one.start), Infinity);
  const end = series.reduce((most, one) => Math.max(most, one.end), -Infinity);
  const isLong = (one: Series): boolean => (end - start) / one.step > maxDataPoints;
  const behind = await evaluation.sketchesBehind(
    series.map((one) =>
      isLong(one) && one.consolidateBy === 'average' ? one : { start: one.start },
    ),
  );
  const folded: Series[] = [];
  for (const [i, one] of series.entries()) {
    const sketched = behind[i];
    const isRead = one.distribution !== undefined && isLong(one);
    if (!isRead && sketched === undefined) {
      folded.push(one);
      continue;
    }
    const slot = leastCommonMultiple(one.step, sketched?.step ?? one.step);
    const grid = answerGrid(one, slot, (end - start) / maxDataPoints, maxDataPoints);
    const pause = (): Promise<void> => evaluation.budget.pause();
    let values: Float64Array;
    if (sketched === undefined) {
      values = await readOnto(grid, [one], one.distribution!, pause); // isRead
    } else {
      values = averages(one, grid);
      await readMerged(values, grid, one, sketched, pause);
    }
    folded.push({
      ...withoutSource(one),
      start: grid.start,
      step: grid.step,
      values,
      valuesPerPoint: grid.step / one.step,
    });
  }
  return folded;
}

/** Whole buckets of whole slots, of `seconds` or longer; a first part of one is left out. */
function answerGrid(one: Series, slot: number, seconds: number, most: number): Grid {
  if (most === 1) return { start: one.start, step: one.end - one.start, count: 1 };
  const step = Math.ceil(seconds / slot) * slot;
  const start = Math.ceil(one.start / step) * step;
  return { start, step, count: Math.max(Math.ceil((one.end - start) / step), 0) };
}

function averages(one: Series, { start, step, count: buckets }: Grid): Float64Array {
  const average = aggregatorOf('average');
  const values = new Float64Array(buckets).fill(NaN);
  const indexAt = (time: number): number =>
    Math.min(Math.max(Math.ceil((time - one.start) / one.step), 0), one.values.length);
  for (let i = 0; i < buckets; i++) {
    const from = indexAt(start + i * step);
    const to = indexAt(start + (i + 1) * step);
    const known = count(one.values, from, to);
    const isEnough = known > 0 && (known * one.step) / step >= one.xFilesFactor;
    if (isEnough) values[i] = average(one.values, from, to);
  }
  return values;
}
