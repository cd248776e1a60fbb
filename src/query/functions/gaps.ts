/**
 * Functions about nulls: fill them, mark them, drop regular ones; and those that null out values
 * beyond a threshold. Semantics of graphite-web's render/functions.py.
 */
import { formatG, pythonFloat } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import { inTurn } from './in-turn.ts';
import { float, type FunctionSpec, intOrInf, seriesList, type CallContext } from './spec.ts';

export const changed = perSeries({
  name: 'changed',
  origin: 'graphite',
  group: 'Special',
  description:
    '1 where a datapoint differs from the last known one before it, 0 elsewhere and at nulls.',
  each: (series) => {
    let previous = NaN;
    const values = series.values.map((value) => {
      if (Number.isNaN(value)) return 0;
      const differs = !Number.isNaN(previous) && value !== previous;
      previous = value;
      return differs ? 1 : 0;
    });
    return derive(series, { name: `changed(${series.name})`, values, integers: true });
  },
});

export const compressPeriodicGaps = perSeries({
  name: 'compressPeriodicGaps',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Widens the step of a series that has a datapoint only every so many steps, as a sender ' +
    'slower than its archive leaves behind, so that the nulls between go away. The last datapoint ' +
    'stays, also where its wider step ends behind the series (graphite-web leaves it out).',
  each: compress,
});

export const isNonNull = perSeries({
  name: 'isNonNull',
  origin: 'graphite',
  group: 'Transform',
  description: '1 where there is a datapoint, 0 where there is none.',
  each: (series) =>
    derive(series, {
      name: `isNonNull(${series.name})`,
      tags: { isNonNull: '1' },
      values: series.values.map((value) => (Number.isNaN(value) ? 0 : 1)),
      integers: true,
    }),
});

export const keepLastValue = perSeries({
  name: 'keepLastValue',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Repeats the last known datapoint over nulls, at the end of the series too. Runs of more ' +
    'nulls than the limit are left alone.',
  params: [intOrInf('limit', { default: Infinity })],
  each: (series, limit: number) =>
    derive(series, {
      name: `keepLastValue(${series.name})`,
      values: fillForward(series.values, limit),
    }),
});

export const removeAboveValue = beyond('removeAboveValue', 'above', (value, n) => value > n);
export const removeBelowValue = beyond('removeBelowValue', 'below', (value, n) => value < n);

function beyond(
  name: string,
  side: string,
  isBeyond: (value: number, n: number) => boolean,
): FunctionSpec {
  return perSeries({
    name,
    origin: 'graphite',
    group: 'Filter Data',
    description: `Nulls every datapoint ${side} a threshold.`,
    params: [float('n', { required: true })],
    each: (series, n: number) =>
      derive(series, {
        name: `${name}(${series.name}, ${formatG(n)})`,
        values: series.values.map((value) => (isBeyond(value, n) ? NaN : value)),
      }),
  });
}

export const transformNull: FunctionSpec = {
  name: 'transformNull',
  origin: 'graphite',
  group: 'Transform',
  description:
    'Puts a number in the place of nulls. With a reference list, only at those times where any ' +
    'series of that list has a datapoint.',
  params: [
    seriesList(),
    float('default', { default: 0, defaultInBody: true }),
    seriesList('referenceSeries', { required: false, unreadByKeyword: true }),
  ],
  async call(context, seriesList: Series[], given?: number, reference?: Series[]) {
    const fallback = given ?? 0;
    // graphite-web's own default is an integer, and what is given a float.
    const trace = given === undefined ? '0' : pythonFloat(given);
    const isReferred = reference !== undefined && reference.length > 0;
    const known = isReferred ? await knownAnywhere(context, reference) : undefined;
    return inTurn(context, seriesList, (series) => {
      const suffix = isReferred ? ',referenceSeries' : '';
      return derive(series, {
        name: `transformNull(${series.name},${formatG(fallback)}${suffix})`,
        tags: {
          transformNull: trace,
          ...(isReferred ? { referenceSeries: '1' } : {}),
        },
        values: series.values.map((value, i) =>
          Number.isNaN(value) && (known === undefined || known[i] === true) ? fallback : value,
        ),
      });
    });
  },
};

async function knownAnywhere(
  { pause }: CallContext,
  reference: readonly Series[],
): Promise<boolean[]> {
  const known: boolean[] = [];
  for (const { values } of reference) {
    await pause();
    for (let i = 0; i < values.length; i++) known[i] ||= !Number.isNaN(values[i]!);
  }
  return known;
}

function fillForward(values: Float64Array, limit: number): Float64Array {
  const filled = values.slice();
  let lastKnown = -1;
  for (let i = 0; i <= values.length; i++) {
    if (i < values.length && Number.isNaN(values[i]!)) continue;
    const gap = i - lastKnown - 1;
    if (gap > 0 && gap <= limit && lastKnown >= 0) filled.fill(values[lastKnown]!, lastKnown, i);
    lastKnown = i;
  }
  return filled;
}

function compress(series: Series): Series {
  const name = `compressPeriodicGaps(${series.name})`;
  const period = periodOf(series.values);
  if (period === undefined) return derive(series, { name });
  const { first, points } = period;
  const count = Math.ceil((series.values.length - first) / points);
  const values = Float64Array.from({ length: count }, (_, bucket) => {
    const from = first + bucket * points;
    for (let i = Math.min(from + points, series.values.length) - 1; i >= from; i--) {
      if (!Number.isNaN(series.values[i]!)) return series.values[i]!;
    }
    return NaN;
  });
  const step = points * series.step;
  const start = series.start + first * series.step;
  return derive(series, { name, start, end: start + count * step, step, values });
}

/**
 * The period of the datapoints, judged by the first three: the third must lie where the first two
 * say, between nulls.
 */
function periodOf(values: Float64Array): { first: number; points: number } | undefined {
  const first = values.findIndex((value) => !Number.isNaN(value));
  const second = values.findIndex((value, i) => i > first && !Number.isNaN(value));
  if (first === -1 || second === -1) return undefined;
  const points = second - first;
  const third = second + points;
  const isKnown = (i: number): boolean => !Number.isNaN(values[i]!);
  if (points < 2 || third > values.length - 2) return undefined;
  if (!isKnown(third) || isKnown(third - 1) || isKnown(third + 1)) return undefined;
  return { first, points };
}
