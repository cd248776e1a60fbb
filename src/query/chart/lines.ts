/** A series on its way to the sheet: its points, and what it is drawn with. */
import type { ChartSeries, SeriesStyle } from './chart-series.ts';
import type { Color } from './color.ts';
import type { Points } from './line-points.ts';

export interface Line {
  series: ChartSeries;
  style: SeriesStyle;
  color: Color;
  /** Filled down to the zero line, or to the area below it. */
  isArea: boolean;
  /** Pixels; undefined until all points are known when nobody says. */
  lineWidth: number | undefined;
  /** Pixels; 0 for a line without gaps. */
  dash: number;
  points: Points;
}

/**
 * Each line's values on top of those of the lines before it, at the same times; what is below zero
 * hangs from those below zero, so that it is seen.
 */
export function stackLines(lines: readonly Line[]): void {
  const totals: { up: Points | undefined; down: Points | undefined } = {
    up: undefined,
    down: undefined,
  };
  for (const line of lines) {
    if (!line.isArea) continue;
    const { times, values, step } = line.points;
    const held = (total: Points | undefined): Float64Array =>
      values.map((_, i) => (total === undefined ? 0 : heldAt(total, times[i]!, i))); // as many times
    const [up, down] = [held(totals.up), held(totals.down)];
    line.points = {
      times,
      values: values.map((value, i) => value + (value < 0 ? down : up)[i]!), // as many
      step,
    };
    // What is null adds nothing.
    const sums = line.points.values;
    totals.up = { times, values: up.map((from, i) => (values[i]! >= 0 ? sums[i]! : from)), step };
    totals.down = {
      times,
      values: down.map((from, i) => (values[i]! < 0 ? sums[i]! : from)),
      step,
    };
  }
}

/** The value of the last point up to a time; 0 outside. `guess`: the likeliest index. */
function heldAt({ times, values, step }: Points, time: number, guess: number): number {
  if (times[guess] === time) return values[guess]!; // as many values as times
  let low = 0;
  let high = times.length - 1;
  if (high < 0 || time < times[0]! || time >= times[high]! + step) return 0;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  return values[low]!;
}
