/**
 * The points of a line that are worth drawing: a million of them cost no more than the pixels they
 * cover. Of each pixel column its first, lowest, highest and last value are kept (M4: Jugel et al.,
 * "M4: A Visualization-Oriented Time Series Data Aggregation", 2014), which draws the same line as
 * all of them: a peak of one point is seen. Where the series says how its points are folded
 * together, or areas need points at common times, Graphite's consolidation is followed instead.
 */
import { consolidate } from '../series/consolidate.ts';
import { makeSeries } from '../series/series.ts';
import type { ChartSeries } from './chart-series.ts';

/** NaN is a gap. Times are epoch seconds and go up. */
export interface Points {
  times: Float64Array;
  values: Float64Array;
  /** Seconds that a value stands for. */
  step: number;
}

interface LineSettings {
  /** Pixels of the plot. */
  columns: number;
  /** Pixels between two points at least: from more than 1 on, points are folded. */
  minXStep: number;
  nullsAreZero: boolean;
}

export function linePoints(series: ChartSeries, settings: LineSettings, folded: boolean): Points {
  const { columns, minXStep, nullsAreZero } = settings;
  const wanted = Math.max(1, Math.floor(columns / Math.max(minXStep, 1)));
  const fits = series.values.length <= (minXStep > 1 ? wanted : columns * 2);
  const points =
    fits || series.values.length <= wanted
      ? allPoints(series)
      : folded || minXStep > 1 || series.consolidateBy !== 'average'
        ? foldedPoints(series, wanted)
        : extremes(series, wanted);
  if (nullsAreZero) {
    for (let i = 0; i < points.values.length; i++) {
      if (Number.isNaN(points.values[i])) points.values[i] = 0;
    }
  }
  return points;
}

/** Two values so far apart still have a difference; what is beyond has no place, like Infinity. */
const LARGEST = 1e300;

function isDrawable(value: number): boolean {
  return value <= LARGEST && value >= -LARGEST;
}

function drawable(value: number): number {
  return isDrawable(value) ? value : NaN;
}

function allPoints({
  start,
  step,
  values,
}: Pick<ChartSeries, 'start' | 'step' | 'values'>): Points {
  const times = values.map((_, i) => start + i * step);
  return { times, values: values.map(drawable), step };
}

function foldedPoints(series: ChartSeries, wanted: number): Points {
  const valuesPerPoint = Math.ceil(series.values.length / wanted);
  return allPoints(consolidate(makeSeries(series), valuesPerPoint));
}

/** First, lowest, highest and last of each column, in their order. */
function extremes({ start, step, values }: ChartSeries, columns: number): Points {
  const times = new Float64Array(columns * 4);
  const kept = new Float64Array(columns * 4);
  let length = 0;
  const keep = (at: number): void => {
    times[length] = start + at * step;
    kept[length++] = drawable(values[at]!); // at < values.length
  };
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    let first = -1;
    let last = -1;
    let low = -1;
    let high = -1;
    for (let at = from; at < to; at++) {
      const value = values[at]!;
      if (!isDrawable(value)) continue; // NaN among them
      if (first < 0) {
        first = at;
        low = at;
        high = at;
      } else if (value < values[low]!) low = at;
      else if (value > values[high]!) high = at;
      last = at;
    }
    if (first < 0) {
      if (to > from) keep(from);
      continue;
    }
    keep(first);
    const [a, b] = low < high ? [low, high] : [high, low];
    if (a !== first && a !== last) keep(a);
    if (b !== a && b !== first && b !== last) keep(b);
    if (last !== first) keep(last);
  }
  return { times: times.subarray(0, length), values: kept.subarray(0, length), step };
}
