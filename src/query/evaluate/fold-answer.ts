/**
 * Folds the series of an answer down to `maxDataPoints` where their values come from sketches:
 * several slots make one value from their merged sketch, where the formats would make one average.
 * Buckets start at multiples of their length, so a graph that is refreshed does not jitter. What is
 * folded here is short enough for the formats, which fold the rest.
 */
import type { Evaluation } from './evaluation.ts';
import { reducerOf, count } from '../series/aggregate.ts';
import { leastCommonMultiple } from '../series/consolidate.ts';
import { type Grid, readOnto } from '../series/distribution.ts';
import { readMerged } from '../series/merged-buckets.ts';
import type { Series } from '../series/series.ts';
import { withoutSource } from '../series/series.ts';

export async function foldAnswer(
  evaluation: Evaluation,
  seriesList: readonly Series[],
  maxDataPoints: number,
): Promise<Series[]> {
  const start = seriesList.reduce((least, series) => Math.min(least, series.start), Infinity);
  const end = seriesList.reduce((most, series) => Math.max(most, series.end), -Infinity);
  const isLong = (series: Series): boolean => (end - start) / series.step > maxDataPoints;
  const behind = await evaluation.sketchesBehind(
    seriesList.map((series) =>
      isLong(series) && series.consolidateBy === 'average' ? series : { start: series.start },
    ),
  );
  const folded: Series[] = [];
  for (const [i, series] of seriesList.entries()) {
    const sketched = behind[i];
    const isRead = series.distribution !== undefined && isLong(series);
    if (!isRead && sketched === undefined) {
      folded.push(series);
      continue;
    }
    const slot = leastCommonMultiple(series.step, sketched?.step ?? series.step);
    const seconds = (end - start) / maxDataPoints;
    const isPartial = evaluation.request.partialFirstBucket === true;
    const grid = answerGrid(series, slot, seconds, maxDataPoints, isPartial);
    const pause = (): Promise<void> => evaluation.limit.pause();
    let values: Float64Array;
    if (sketched === undefined) {
      values = await readOnto(grid, [series], series.distribution!, pause); // isRead
    } else {
      values = averages(series, grid);
      await readMerged(values, grid, series, sketched, pause);
    }
    folded.push({
      ...withoutSource(series),
      start: grid.start,
      step: grid.step,
      values,
      valuesPerPoint: grid.step / series.step,
    });
  }
  return folded;
}

/**
 * Whole buckets of whole slots, of `seconds` or longer; a first part of one is left out, or with
 * `isPartial` shown as well.
 */
function answerGrid(
  series: Series,
  slot: number,
  seconds: number,
  most: number,
  isPartial: boolean,
): Grid {
  if (most === 1) return { start: series.start, step: series.end - series.start, count: 1 };
  const round = isPartial ? Math.floor : Math.ceil;
  for (let step = Math.ceil(seconds / slot) * slot; ; step += slot) {
    const start = round(series.start / step) * step;
    const buckets = Math.max(Math.ceil((series.end - start) / step), 0);
    if (!isPartial || buckets <= most) return { start, step, count: buckets };
  }
}

function averages(series: Series, { start, step, count: buckets }: Grid): Float64Array {
  const average = reducerOf('average');
  const values = new Float64Array(buckets).fill(NaN);
  const indexAt = (time: number): number =>
    Math.min(Math.max(Math.ceil((time - series.start) / series.step), 0), series.values.length);
  for (let i = 0; i < buckets; i++) {
    const from = indexAt(start + i * step);
    const to = indexAt(start + (i + 1) * step);
    const known = count(series.values, from, to);
    const isEnough = known > 0 && (known * series.step) / step >= series.xFilesFactor;
    if (isEnough) values[i] = average(series.values, from, to);
  }
  return values;
}
