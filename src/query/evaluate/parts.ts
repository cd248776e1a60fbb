/**
 * Lists of series in parts, for functions that answer each series by itself (`isPerSeries`): a call
 * over many datapoints then lets other requests run in between, and ends when its time is up.
 */
import type { Series } from '../series/series.ts';
import { SERIES_STEPS } from './request-limit.ts';

/** Series in their order, in parts of so many steps or one series that takes more. */
export function* partsOf(
  seriesList: readonly Series[],
  stepsMax: number,
): Generator<Series[], void, undefined> {
  let part: Series[] = [];
  let steps = 0;
  for (const series of seriesList) {
    const more = series.values.length + SERIES_STEPS;
    if (part.length > 0 && steps + more > stepsMax) {
      yield part;
      part = [];
      steps = 0;
    }
    part.push(series);
    steps += more;
  }
  if (part.length > 0) yield part;
}
