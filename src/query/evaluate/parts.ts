/**
 * Lists of series in parts, for functions that answer each series by itself (`isPerSeries`): a call
 * over many datapoints then lets other requests run in between, and ends when its time is up.
 */
import type { Series } from '../series/series.ts';

/** Series in their order, in parts of so many datapoints or one series that has more. */
export function* partsOf(
  seriesList: readonly Series[],
  pointsMax: number,
): Generator<Series[], void, undefined> {
  let part: Series[] = [];
  let points = 0;
  for (const series of seriesList) {
    if (part.length > 0 && points + series.values.length > pointsMax) {
      yield part;
      part = [];
      points = 0;
    }
    part.push(series);
    points += series.values.length;
  }
  if (part.length > 0) yield part;
}
