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

/** Each line's values on top of those of the lines before it, at the same times. */
export function stackLines(lines: readonly Line[]): void {
  let total: Points | undefined;
  for (const line of lines) {
    if (!line.isArea) continue;
    const { times, values, step } = line.points;
    const below = total;
    const sums = values.map(
      (value, i) => value + (below === undefined ? 0 : heldAt(below, times[i]!, i)),
    );
    line.points = { times, values: sums, step };
    // What is null adds nothing.
    const heights = sums.map((sum, i) =>
      Number.isNaN(sum) ? (below === undefined ? 0 : heldAt(below, times[i]!, i)) : sum,
    );
    total = { times, values: heights, step };
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
