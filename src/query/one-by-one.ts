/**
 * Functions that answer each series by itself: the list may be given to them in parts. A call over
 * many datapoints then lets other requests run in between, and ends when its time is up.
 */
import type { Series } from './series/series.ts';

/**
 * Those that compute with every datapoint and ask the request for no other series. Renaming takes no
 * time, and what is not here gets its whole list.
 */
const NAMES: ReadonlySet<string> = new Set(
  (
    'absolute add averageAbove averageBelow changed compressPeriodicGaps cumulative currentAbove ' +
    'currentBelow delay derivative ewma exp exponentialWeightedMovingAverage filterSeries integral ' +
    'integralByInterval interpolate invert isNonNull isNotNull keepLastValue legendValue log logit ' +
    'maximumAbove maximumBelow minMax minimumAbove minimumBelow nPercentile nonNegativeDerivative ' +
    'offset offsetToZero perSecond pow removeAbovePercentile removeAboveValue ' +
    'removeBelowPercentile removeBelowValue removeEmptySeries removeZeroSeries round scale ' +
    'scaleToSeconds sigmoid squareRoot stdev timeSlice'
  ).split(' '),
);

/** The names, for tests that hold them to it. */
export const ONE_BY_ONE: readonly string[] = [...NAMES];

export function worksOneByOne(name: string): boolean {
  return NAMES.has(name);
}

/** Series in their order, in parts of so many datapoints or one series that has more. */
export function* partsOf(
  series: readonly Series[],
  pointsMax: number,
): Generator<Series[], void, undefined> {
  let part: Series[] = [];
  let points = 0;
  for (const one of series) {
    if (part.length > 0 && points + one.values.length > pointsMax) {
      yield part;
      part = [];
      points = 0;
    }
    part.push(one);
    points += one.values.length;
  }
  if (part.length > 0) yield part;
}
