/**
 * Sliding windows: each datapoint becomes an aggregate of itself and those before it. The series is
 * read again from a window earlier, so that the first datapoints are complete. A window of points
 * is as long as that many steps of the coarsest series.
 */
import { badTarget } from '../../lib/errors.ts';
import { average, isWhole } from '../series/aggregate.ts';
import { intervalSeconds } from '../series/interval.ts';
import { pythonRound } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { slidingCount, slidingOf } from '../series/sliding.ts';
import { inSteps, inTurn } from './in-turn.ts';
import {
  aggFunc,
  type CallContext,
  float,
  type FunctionSpec,
  intOrInterval,
  seriesList,
  WINDOW_SUGGESTIONS,
} from './spec.ts';

type Window = number | string;

const windowSize = intOrInterval('windowSize', {
  required: true,
  suggestions: WINDOW_SUGGESTIONS,
});

export const movingWindow: FunctionSpec = {
  name: 'movingWindow',
  origin: 'graphite',
  group: 'Calculate',
  description:
    'An aggregate of each datapoint and those before it, over a number of points or an interval ' +
    'such as "5min".',
  params: [
    seriesList(),
    windowSize,
    aggFunc('func', { default: 'average' }),
    float('xFilesFactor'),
  ],
  call: moving,
};

export const movingAverage = shortForm('movingAverage', 'average', 'The average');
export const movingMax = shortForm('movingMax', 'max', 'The highest');
export const movingMedian = shortForm('movingMedian', 'median', 'The median');
export const movingMin = shortForm('movingMin', 'min', 'The lowest');
export const movingSum = shortForm('movingSum', 'sum', 'The sum');

function shortForm(name: string, func: string, prose: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Calculate',
    description:
      `${prose} of each datapoint and those before it, over a number of points or an interval ` +
      'such as "5min".',
    params: [seriesList(), windowSize, float('xFilesFactor')],
    call: (context, seriesList: Series[], window: Window, xFilesFactor?: number) =>
      moving(context, seriesList, window, func, xFilesFactor),
  };
}

async function moving(
  context: CallContext,
  seriesList: Series[],
  window: Window,
  func: string,
  xFilesFactor = context.xFilesFactor,
): Promise<Series[]> {
  const sliding = slidingOf(func);
  if (seriesList.length === 0) return [];
  const tag = `moving${func[0]!.toUpperCase()}${func.slice(1).toLowerCase()}`; // not empty
  const previewed = await preview(context, seriesList, window);
  const moved: Series[] = [];
  for (const { one: series, seconds, points } of previewed) {
    await context.pause();
    // A window of no points has no count, and no value.
    const known = slidingCount(series.values, points);
    const values = await inSteps(context, sliding(series.values, points, known));
    for (let i = 0; i < values.length; i++) {
      const count = known[i]!; // as long
      if (!(count > 0 && count / points >= xFilesFactor)) values[i] = NaN;
    }
    moved.push(
      derive(series, {
        name: `${tag}(${series.name},${spelled(window)})`,
        start: series.start + seconds,
        tags: { [tag]: String(window) },
        values,
        integers: isWhole(func, series.integers === true),
      }),
    );
  }
  return moved;
}

export const exponentialMovingAverage: FunctionSpec = {
  name: 'exponentialMovingAverage',
  origin: 'graphite',
  group: 'Calculate',
  description:
    'An average that weighs the newest datapoint most, older ones less and less. Starts from the ' +
    'mean of the window before; rounded to six decimals.',
  params: [seriesList(), windowSize],
  async call(context, seriesList: Series[], window: Window) {
    if (seriesList.length === 0) return [];
    const previewed = await preview(context, seriesList, window);
    return inTurn(context, previewed, ({ one: series, seconds, points }) => {
      const weight = 2 / ((typeof window === 'string' ? seconds : Math.trunc(window)) + 1);
      const values = new Float64Array(Math.max(series.values.length - points, 0) + 1);
      const mean = average(series.values, 0, Math.min(Math.max(points, 0), series.values.length));
      let smoothed = Number.isNaN(mean) ? 0 : mean;
      values[0] = pythonRound(smoothed, 6);
      for (let i = 1; i < values.length; i++) {
        const value = series.values[points + i - 1]!; // values is one longer than what follows points
        if (!Number.isNaN(value)) smoothed = weight * value + (1 - weight) * smoothed;
        values[i] = Number.isNaN(value) ? NaN : pythonRound(smoothed, 6);
      }
      return derive(series, {
        name: `exponentialMovingAverage(${series.name},${spelled(window)})`,
        start: series.start + seconds,
        tags: { exponentialMovingAverage: String(window) },
        values,
        integers: false,
      });
    });
  },
};

/** The series from a window earlier, the window's length in seconds and in points of each. */
async function preview(context: CallContext, seriesList: Series[], window: Window) {
  const isInterval = typeof window === 'string';
  if (!isInterval && window < 0) {
    throw badTarget(`window ${window} read, expected 0 points or more`);
  }
  const step = seriesList.reduce((largest, series) => Math.max(largest, series.step), 0);
  // A fraction of a point shows in the name, and is cut.
  const seconds = isInterval ? Math.abs(intervalSeconds(window)) : step * Math.trunc(window);
  const found = await context.refetch(0, { from: context.from - seconds });
  return found.map((series) => ({
    one: series,
    seconds,
    points: isInterval ? Math.floor(seconds / series.step) : Math.trunc(window),
  }));
}

function spelled(window: Window): string {
  return typeof window === 'string' ? `"${window}"` : String(window);
}
