/**
 * Many series into one, row by row: `aggregate` and its short forms. Names, tags and the
 * xFilesFactor gate are graphite-web's. Other functions that combine series call `aggregated`.
 */
import { reducerOf, isWhole } from '../series/aggregate.ts';
import { normalize } from '../series/consolidate.ts';
import { makeSeries, type Series, tagOf } from '../series/series.ts';
import { power } from './powers.ts';
import { combined, foldRows, joinPathExpressions } from './rows.ts';
import { aggFunc, type CallContext, float, type FunctionSpec, seriesList } from './spec.ts';

const lists = seriesList('seriesLists', { required: true, multiple: true });

export const aggregate: FunctionSpec = {
  name: 'aggregate',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Combines all series into one by an aggregate of their datapoints at each time. Nulls are ' +
    'skipped; where fewer than xFilesFactor of the datapoints are known, the answer is null.',
  params: [seriesList(), aggFunc('func', { required: true }), float('xFilesFactor')],
  call: (context, seriesList: Series[], func: string, xFilesFactor?: number) =>
    aggregated(context, seriesList, func, xFilesFactor),
};

export const averageSeries = shortForm('averageSeries', 'average', 'The average', ['avg']);
export const diffSeries = shortForm('diffSeries', 'diff', 'The first less all others, out');
export const maxSeries = shortForm('maxSeries', 'max', 'The highest');
export const minSeries = shortForm('minSeries', 'min', 'The lowest');
export const rangeOfSeries = shortForm('rangeOfSeries', 'rangeOf', 'The highest less the lowest');
export const stddevSeries = shortForm('stddevSeries', 'stddev', 'The standard deviation');
export const sumSeries = shortForm('sumSeries', 'sum', 'The sum', ['sum']);

export const countSeries: FunctionSpec = {
  name: 'countSeries',
  origin: 'graphite',
  group: 'Combine',
  description: 'The number of series, as a flat line; those without datapoints count too.',
  params: [seriesList('seriesLists', { multiple: true })],
  async call(context, ...seriesLists: Series[][]) {
    if (seriesLists.length === 0) return [zeroLine(context)];
    const seriesList = seriesLists.flat();
    const name = `countSeries(${joinPathExpressions(seriesList)})`;
    const answer = await combined(context, name, seriesList, () => seriesList.length);
    return answer === undefined ? [] : [{ ...answer, integers: true }];
  },
};

export const multiplySeries: FunctionSpec = {
  name: 'multiplySeries',
  origin: 'graphite',
  group: 'Combine',
  description:
    'The product of all series at each time; null where any of them is. A single series is ' +
    'returned as it is.',
  params: [lists],
  call: (context, ...seriesLists: Series[][]) =>
    seriesLists.length === 1 && seriesLists[0]!.length === 1
      ? seriesLists[0]!
      : aggregated(context, seriesLists.flat(), 'multiply'),
};

export const powSeries: FunctionSpec = {
  name: 'powSeries',
  origin: 'graphite',
  group: 'Combine',
  description:
    'The first series to the power of the second, that to the power of the third, and so on, at ' +
    'each time; null where any of them is.',
  params: [
    seriesList('seriesList', { required: true, multiple: true, signatureName: 'seriesLists' }),
  ],
  async call(context, ...seriesLists: Series[][]) {
    const seriesList = seriesLists.flat();
    const name = `powSeries(${seriesList.map((series) => series.name).join(',')})`;
    const answer = await combined(context, name, seriesList, (row) => row.reduce(power));
    return answer === undefined ? [] : [answer];
  },
};

function shortForm(
  name: string,
  func: string,
  prose: string,
  aliases: readonly string[] = [],
): FunctionSpec {
  return {
    name,
    aliases,
    origin: 'graphite',
    group: 'Combine',
    description: `${prose} of all series at each time; nulls are skipped.`,
    params: [lists],
    call: (context, ...seriesLists: Series[][]) => aggregated(context, seriesLists.flat(), func),
  };
}

/**
 * The series of an aggregate, or none of none. `func` may be spelled as a function, sumSeries; the
 * name of the answer keeps the spelling otherwise: avg gives avgSeries(…).
 */
export async function aggregated(
  context: CallContext,
  seriesList: readonly Series[],
  func: string,
  xFilesFactor = context.xFilesFactor,
): Promise<Series[]> {
  const bare = func.endsWith('Series') ? func.slice(0, -'Series'.length) : func;
  // A name that is no aggregate is an error, even when there is nothing to aggregate.
  reducerOf(bare);
  const name = `${bare}Series(${joinPathExpressions(seriesList)})`;
  const rows = await normalize(context, seriesList);
  if (rows === undefined) return [];
  const values = await foldRows(context, rows, bare, xFilesFactor);
  const { start, end, step } = rows;
  const integers = isWhole(
    bare,
    seriesList.every((series) => series.integers),
  );
  const answer = makeSeries({ name, start, end, step, values, integers });
  const tags = { name, ...commonTags(seriesList), aggregatedBy: bare };
  return [{ ...answer, tags, xFilesFactor }];
}

/** The tags that all series have alike. */
export function commonTags(seriesList: readonly Series[]): Series['tags'] {
  const [first, ...others] = seriesList;
  const shared = Object.entries(first?.tags ?? {}).filter(([tag, value]) =>
    others.every((series) => tagOf(series, tag) === value),
  );
  return Object.fromEntries(shared);
}

/** Three points of 0 over the window, as constantLine draws it. */
function zeroLine({ from, until, xFilesFactor }: CallContext): Series {
  const step = Math.trunc((until - from) / 2);
  return makeSeries({
    name: '0',
    pathExpression: 'countSeries()',
    start: from,
    end: until,
    step,
    values: new Float64Array(3),
    integers: true,
    xFilesFactor,
  });
}
