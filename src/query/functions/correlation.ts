/**
 * carbonapi's statistics of two series: Pearson's correlation over a window or over all (to find
 * look-alikes), and the two-sample Kolmogorov-Smirnov test (W. H. Press, Numerical Recipes, 14.3).
 * Times where either series is null are left out.
 */
import { badTarget } from '../../lib/errors.ts';
import { sortedKnown } from '../series/percentile.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { type FunctionSpec, integer, seriesList, string } from './spec.ts';

export const pearson = windowed(
  'pearson',
  [],
  "Pearson's correlation of two series over a window of so many datapoints, -1 to 1.",
  correlation,
);

export const kolmogorovSmirnovTest2 = windowed(
  'kolmogorovSmirnovTest2',
  ['ksTest2'],
  'How likely the last so many datapoints of two series come from one distribution: the p-value ' +
    'of the two-sample Kolmogorov-Smirnov test.',
  sameDistribution,
);

export const pearsonClosest: FunctionSpec = {
  name: 'pearsonClosest',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The n series that correlate most with one, by absolute value (abs), rising together (pos) ' +
    'or one falling while the other rises (neg).',
  params: [
    seriesList('series'),
    seriesList(),
    integer('n', { required: true }),
    string('direction', { default: 'abs', options: ['abs', 'pos', 'neg'] }),
  ],
  async call(context, reference: Series[], seriesList: Series[], n: number, direction: string) {
    if (!['abs', 'pos', 'neg'].includes(direction)) {
      throw badTarget(`direction "${direction}" read, expected abs, pos or neg`);
    }
    if (reference.length === 0) return [];
    const like = only(reference);
    const sign = direction === 'neg' ? -1 : 1;
    const alike = seriesList.filter((series) => series.values.length === like.values.length);
    const scored = await inTurn(context, alike, (series) => {
      const score = correlation(like.values, series.values) * sign;
      return { one: series, score: direction === 'abs' ? Math.abs(score) : score };
    });
    return scored
      .filter(({ score }) => score >= 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, n)
      .map(({ one: series }) => series);
  },
};

/** Values compared between two pauses, a few milliseconds; and what a window costs beside its values. */
const SLICE_VALUES = 100_000;
const WINDOW_VALUES = 50;

/** A function of two series' last datapoints, at each time. */
function windowed(
  name: string,
  aliases: readonly string[],
  description: string,
  compare: (a: Float64Array, b: Float64Array) => number,
): FunctionSpec {
  return {
    name,
    aliases,
    origin: 'carbonapi',
    group: 'Transform',
    description,
    params: [
      seriesList('series1'),
      seriesList('series2'),
      integer('windowSize', { required: true }),
    ],
    async call(context, first: Series[], second: Series[], windowSize: number) {
      if (windowSize < 1) throw badTarget(`windowSize ${windowSize} read, expected 1 or more`);
      if (first.length === 0 || second.length === 0) return [];
      const [a, b] = [only(first), only(second)];
      const values = new Float64Array(a.values.length).fill(NaN);
      const slice = Math.max(1, Math.floor(SLICE_VALUES / (windowSize + WINDOW_VALUES)));
      for (let end = windowSize; end <= values.length; end++) {
        if (end % slice === 0) await context.pause();
        const from = end - windowSize;
        values[end - 1] = compare(a.values.subarray(from, end), b.values.subarray(from, end));
      }
      return [derive(a, { name: `${name}(${a.name},${b.name},${windowSize})`, values })];
    },
  };
}

function only(seriesList: Series[]): Series {
  const [series, ...others] = seriesList;
  if (series !== undefined && others.length === 0) return series;
  throw badTarget(`${seriesList.length} series read, expected exactly one`);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const known: number[] = [];
  for (let i = 0; i < a.length; i++) if (!Number.isNaN(a[i]! + (b[i] ?? NaN))) known.push(i);
  const meanA = known.reduce((sum, i) => sum + a[i]!, 0) / known.length;
  const meanB = known.reduce((sum, i) => sum + b[i]!, 0) / known.length;
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const i of known) {
    both += (a[i]! - meanA) * (b[i]! - meanB);
    squaresA += (a[i]! - meanA) ** 2;
    squaresB += (b[i]! - meanB) ** 2;
  }
  return both / Math.sqrt(squaresA * squaresB);
}

function sameDistribution(first: Float64Array, second: Float64Array): number {
  const [a, b] = [sortedKnown(first), sortedKnown(second)];
  if (a.length === 0 || b.length === 0) return NaN;
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i += 1;
    while (j < b.length && b[j]! <= value) j += 1;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length));
  return kolmogorovTail((root + 0.12 + 0.11 / root) * distance);
}

/** The chance that Kolmogorov's statistic exceeds lambda: an alternating series. */
function kolmogorovTail(lambda: number): number {
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-12) return Math.min(1, Math.max(0, 2 * sum));
  }
  return 1; // converges slowly only where the answer is 1
}
