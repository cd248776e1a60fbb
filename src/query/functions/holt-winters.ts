/**
 * Forecasts that know a daily (or weekly) shape: triple exponential smoothing after Holt and
 * Winters, with Brutlag's confidence bands ("Aberrant Behavior Detection in Time Series for Network
 * Monitoring", LISA 2000). The series is read again from a week earlier to learn from. Answers are
 * series of their own: averages fold them, whatever `consolidateBy` said of what they were made of.
 */
import { intervalSeconds } from '../series/interval.ts';
import { derive, type Series } from '../series/series.ts';
import { between } from './area-between.ts';
import { inTurn } from './in-turn.ts';
import { type CallContext, type FunctionSpec, integer, interval, seriesList } from './spec.ts';

/** How fast level, trend and season follow; graphite-web's constants. */
const ALPHA = 0.1;
const BETA = 0.0035;
const GAMMA = 0.1;

/** The traces that graphite-web leaves. */
const ANALYSIS_TAGS = { holtWintersForecast: '1', holtWintersDeviation: '1' };
const BAND_TAGS = {
  ...ANALYSIS_TAGS,
  holtWintersConfidenceUpper: '1',
  holtWintersConfidenceLower: '1',
};

const delta = integer('delta', { default: 3, fractions: true });
const bootstrapInterval = interval('bootstrapInterval', {
  default: '7d',
  suggestions: ['7d', '30d'],
});
const seasonality = interval('seasonality', { default: '1d', suggestions: ['1d', '7d'] });

export const holtWintersForecast: FunctionSpec = {
  name: 'holtWintersForecast',
  origin: 'graphite',
  group: 'Calculate',
  description: 'What the series was to be expected to be, judging by the days before.',
  params: [seriesList(), bootstrapInterval, seasonality],
  async call(context, _series: Series[], bootstrap: string, season: string) {
    const analyses = await analysed(context, bootstrap, season);
    return inTurn(context, analyses, ({ one: series, start, predictions }) =>
      derive(series, {
        name: `holtWintersForecast(${series.name})`,
        tags: ANALYSIS_TAGS,
        consolidateBy: 'average',
        start,
        values: predictions,
      }),
    );
  },
};

export const holtWintersConfidenceBands = ofBands(
  'holtWintersConfidenceBands',
  'The range that the series was to be expected in: a lower and an upper band each.',
  async (_context, bands) => bands.flat(),
);

export const holtWintersConfidenceArea = ofBands(
  'holtWintersConfidenceArea',
  'The range that the series was to be expected in, as a filled surface.',
  async (context, bands) => {
    const surfaces = await inTurn(context, bands, ([lower, upper]) =>
      between(lower, upper, 'holtWintersConfidenceArea'),
    );
    return surfaces.flat().map((surface) => ({ ...surface, pathExpression: surface.name }));
  },
);

export const holtWintersAberration = ofBands(
  'holtWintersAberration',
  'How far the series was outside the range that was to be expected; 0 inside.',
  async (context, bands, seriesList) => {
    // By name: what stands inside may sort or pick otherwise over the longer time.
    const byName = new Map(bands.map(([lower, upper]) => [lower.name, { lower, upper }]));
    return inTurn(context, seriesList, (series) => {
      const { lower, upper } = byName.get(`holtWintersConfidenceLower(${series.name})`) ?? {};
      return derive(series, {
        name: `holtWintersAberration(${series.name})`,
        tags: { holtWintersAberration: '1' },
        consolidateBy: 'average',
        values: series.values.map((value, at) => {
          const low = lower?.values[at] ?? NaN;
          const high = upper?.values[at] ?? NaN;
          return value > high ? value - high : value < low ? value - low : 0;
        }),
      });
    });
  },
);

/** A function of the lower and upper band that each series was to be expected in. */
function ofBands(
  name: string,
  description: string,
  answer: (
    context: CallContext,
    bands: [Series, Series][],
    seriesList: Series[],
  ) => Promise<Series[]>,
): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Calculate',
    description,
    params: [seriesList(), delta, bootstrapInterval, seasonality],
    call: async (context, all: Series[], width: number, bootstrap: string, season: string) =>
      answer(context, await bandsOf(context, width, bootstrap, season), all),
  };
}

async function bandsOf(
  context: CallContext,
  width: number,
  bootstrap: string,
  season: string,
): Promise<[Series, Series][]> {
  const analyses = await analysed(context, bootstrap, season);
  return inTurn(context, analyses, ({ one: series, start, predictions, deviations }) => {
    const band = (name: string, side: number): Series =>
      derive(series, {
        name: `${name}(${series.name})`,
        pathExpression: series.pathExpression,
        tags: BAND_TAGS,
        consolidateBy: 'average',
        start,
        values: predictions.map((value, i) => value + side * width * deviations[i]!), // as long
      });
    return [band('holtWintersConfidenceLower', -1), band('holtWintersConfidenceUpper', 1)] as [
      Series,
      Series,
    ];
  });
}

/**
 * Each series with all that was read before the window, and predictions and deviations from `start`
 * on, cut to the window.
 */
async function analysed(context: CallContext, bootstrap: string, season: string) {
  const seconds = Math.abs(intervalSeconds(bootstrap));
  const seasonSeconds = Math.abs(intervalSeconds(season));
  const previewed = await context.refetch(0, { from: context.from - seconds });
  return inTurn(context, previewed, (series) => {
    const perSeason = Math.floor(seasonSeconds / series.step);
    const { predictions, deviations } = smooth(series.values, perSeason);
    const skipped = Math.floor(seconds / series.step);
    return {
      one: series,
      start: series.start + seconds,
      predictions: predictions.subarray(skipped),
      deviations: deviations.subarray(skipped),
    };
  });
}

/** `season`: datapoints in a season. A null breaks the chain: no level, no trend, no season. */
function smooth(values: Float64Array, season: number) {
  const { length } = values;
  const seasonals = new Float64Array(length);
  const predictions = new Float64Array(length);
  const deviations = new Float64Array(length);
  let level = NaN;
  let trend = 0;
  let next = NaN;
  for (let i = 0; i < length; i++) {
    const actual = values[i]!; // i < length
    const prediction = i === 0 && !Number.isNaN(actual) ? actual : next;
    predictions[i] = prediction;
    if (Number.isNaN(actual)) {
      [level, trend, next] = [NaN, 0, NaN];
      continue;
    }
    const lastSeasonal = seasonals[i - season] ?? 0;
    const lastDeviation = deviations[i - season] ?? 0;
    const lastLevel = Number.isNaN(level) ? actual : level;
    level = ALPHA * (actual - lastSeasonal) + (1 - ALPHA) * (lastLevel + trend);
    trend = BETA * (level - lastLevel) + (1 - BETA) * trend;
    seasonals[i] = GAMMA * (actual - level) + (1 - GAMMA) * lastSeasonal;
    // A season of one datapoint repeats the one just computed.
    next = level + trend + (seasonals[i + 1 - season] ?? 0);
    const error = Math.abs(actual - (Number.isNaN(prediction) ? 0 : prediction));
    deviations[i] = GAMMA * error + (1 - GAMMA) * lastDeviation;
  }
  return { predictions, deviations };
}
