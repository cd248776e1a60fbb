/**
 * carbonapi's views on many series at once: Tukey's outliers, differences of neighbours for heat
 * maps, and the low-pass cut of an fft.
 */
import { badTarget } from '../../lib/errors.ts';
import { slices } from '../../lib/slices.ts';
import { intervalSeconds } from '../series/interval.ts';
import { sortedKnown } from '../series/percentile.ts';
import { formatG } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { perSeries } from './per-series.ts';
import { checkAlike } from './rows.ts';
import { sortedBy } from './sort.ts';
import {
  type CallContext,
  float,
  type FunctionSpec,
  integer,
  intOrInterval,
  seriesList,
} from './spec.ts';

/** Values merged between two looks at the clock. */
const SLICE_VALUES = 100_000;

export const tukeyAbove = tukey('tukeyAbove', 'above', (value, _low, high) => value >= high);
export const tukeyBelow = tukey('tukeyBelow', 'below', (value, low) => value <= low);

export const heatMap: FunctionSpec = {
  name: 'heatMap',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'Orders the series by the sum of their first five datapoints and subtracts from each the one ' +
    'before it: buckets that count up to a bound become buckets of their own.',
  params: [seriesList()],
  async call(context, seriesList: Series[]) {
    const ordered = await sortedBy(
      context,
      seriesList,
      ({ values }) =>
        values.subarray(0, 5).reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0),
      false,
    );
    return inTurn(context, ordered.slice(1), (series, i) => {
      const before = ordered[i]!; // i is one behind
      checkAlike(series, before);
      return derive(series, {
        name: `heatMap(${series.name},${before.name})`,
        values: series.values.map((value, at) => value - before.values[at]!),
      });
    });
  },
};

export const lowPass = perSeries({
  name: 'lowPass',
  aliases: ['lpf'],
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'Keeps the outer cutPercent of the datapoints, half at either end, and nulls the middle: of ' +
    'an fft that leaves the low frequencies.',
  params: [float('cutPercent', { required: true })],
  each(series, cutPercent: number) {
    const edgeCount = Math.trunc((cutPercent / 200) * series.values.length);
    const values = series.values.map((value, i) =>
      i < edgeCount || i >= series.values.length - edgeCount ? value : NaN,
    );
    return derive(series, { name: `lowPass(${series.name},${formatG(cutPercent)})`, values });
  },
});

function tukey(
  name: string,
  side: string,
  isOutlier: (value: number, low: number, high: number) => boolean,
): FunctionSpec {
  return {
    name,
    origin: 'carbonapi',
    group: 'Transform',
    description:
      `The n series with most datapoints far ${side} the rest: beyond the quartiles of all by ` +
      'basis times their distance. An interval looks at the last datapoints only, a negative one ' +
      'at all before them.',
    params: [
      seriesList(),
      float('basis', { required: true }),
      integer('n', { required: true }),
      intOrInterval('interval', { default: 0 }),
    ],
    async call(context, seriesList: Series[], basis: number, n: number, interval: number | string) {
      if (n < 1 || basis <= 0) {
        throw badTarget(`basis ${basis} and n ${n} read, expected both above 0`);
      }
      const looked = seriesList.map((series) => part(series, interval));
      const all = await sortedOf(context, looked);
      const first = all[Math.trunc(all.length * 0.25)] ?? NaN;
      const third = all[Math.trunc(all.length * 0.75)] ?? NaN;
      const reach = basis * (third - first);
      const counts = await inTurn(context, looked, (values) => {
        return values.filter((value) => isOutlier(value, first - reach, third + reach)).length;
      });
      const outliers = new Map(seriesList.map((series, i) => [series, counts[i]!]));
      const counted = seriesList.filter((series) => outliers.get(series)! > 0);
      const ordered = await sortedBy(context, counted, (series) => outliers.get(series)!, true);
      return ordered.slice(0, n);
    },
  };
}

/** All known values, ascending: each column sorted, then merged two by two. */
async function sortedOf(
  context: CallContext,
  columns: readonly Float64Array[],
): Promise<Float64Array> {
  let sorted = await inTurn(context, columns, sortedKnown);
  while (sorted.length > 1) {
    const merged: Float64Array[] = [];
    for (const [a, b] of slices(sorted, 2)) merged.push(await mergedOf(context, a!, b));
    sorted = merged;
  }
  return sorted[0] ?? new Float64Array(0);
}

async function mergedOf(
  { pause }: CallContext,
  a: Float64Array,
  b: Float64Array | undefined,
): Promise<Float64Array> {
  if (b === undefined) return a;
  const merged = new Float64Array(a.length + b.length);
  let [i, j] = [0, 0];
  for (let at = 0; at < merged.length; at++) {
    if (at % SLICE_VALUES === 0) await pause();
    const takesFirst = j === b.length || (i < a.length && a[i]! <= b[j]!);
    merged[at] = takesFirst ? a[i++]! : b[j++]!;
  }
  return merged;
}

/** The datapoints that an interval (points, or a length of time) speaks of. */
function part({ values, step }: Series, interval: number | string): Float64Array {
  const points =
    typeof interval === 'number' ? interval : Math.trunc(intervalSeconds(interval) / step);
  if (points === 0 || Math.abs(points) >= values.length) return values;
  return points > 0 ? values.subarray(values.length - points) : values.subarray(0, points);
}
