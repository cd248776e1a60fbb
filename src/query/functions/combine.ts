/**
 * Many series into one, datapoint by datapoint: `aggregate` and its short forms. Names, tags and
 * the xFilesFactor gate are graphite-web's. Other functions that combine call `aggregated`.
 */
import { aggregatorOf, count } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { fillRow, joinPathExpressions, normalize } from './normalize.ts';
import { aggFunc, float, type FunctionContext, type FunctionSpec, newSeries, seriesList } from './spec.ts';

export const aggregate: FunctionSpec = {
  name: 'aggregate',
  group: 'Combine',
  description:
    'Combines all series into one by an aggregate of their datapoints at each time. Nulls are ' +
    'skipped, unless more than xFilesFactor allows are null.',
  params: [seriesList(), aggFunc('func', { required: true }), float('xFilesFactor')],
  call: (context, series: Series[], func: string, xFilesFactor?: number) =>
    aggregated(context, series, func, xFilesFactor),
};

export const averageSeries = shortForm('averageSeries', 'average', 'The average');
export const avg = shortForm('avg', 'average', 'The average');
export const diffSeries = shortForm('diffSeries', 'diff', 'The first less all others,');
export const maxSeries = shortForm('maxSeries', 'max', 'The highest');
export const minSeries = shortForm('minSeries', 'min', 'The lowest');
export const rangeOfSeries = shortForm('rangeOfSeries', 'rangeOf', 'The highest less the lowest');
export const stddevSeries = shortForm('stddevSeries', 'stddev', 'The standard deviation');
export const sum = shortForm('sum', 'sum', 'The sum');
export const sumSeries = shortForm('sumSeries', 'sum', 'The sum');

export const countSeries: FunctionSpec = {
  name: 'countSeries',
  group: 'Combine',
  description: 'The number of series, as a flat line; those without datapoints count too.',
  params: [seriesList('seriesLists', { required: false, multiple: true })],
  isAggregator: true,
  call(context, ...lists: Series[][]) {
    if (lists.length === 0) return [flatLine(context)];
    const series = lists.flat();
    if (series.length === 0) return [];
    const rows = normalize(series);
    const name = `countSeries(${joinPathExpressions(series)})`;
    const values = new Float64Array(rows.length).fill(series.length);
    return [newSeries(context, name, rows, values, { integers: true })];
  },
};

export const multiplySeries: FunctionSpec = {
  name: 'multiplySeries',
  group: 'Combine',
  description:
    'The product of all series at each time; null where any of them is. A single series is ' +
    'returned as it is.',
  params: [seriesList('seriesLists', { multiple: true })],
  isAggregator: true,
  call: (context, ...lists: Series[][]) =>
    lists.length === 1 && lists[0]!.length === 1
      ? lists[0]!
      : aggregated(context, lists.flat(), 'multiply'),
};

function shortForm(name: string, func: string, prose: string): FunctionSpec {
  return {
    name,
    group: 'Combine',
    description: `${prose} of all series at each time; nulls are skipped.`,
    params: [seriesList('seriesLists', { multiple: true })],
    isAggregator: true,
    call: (context, ...lists: Series[][]) => aggregated(context, lists.flat(), func),
  };
}

/**
 * The series of an aggregate, or none of none. `func` may be spelled as a function, sumSeries; the
 * name of the answer keeps the spelling otherwise: avg gives avgSeries(…).
 */
export function aggregated(
  context: FunctionContext,
  series: Series[],
  func: string,
  xFilesFactor = context.xFilesFactor,
): Series[] {
  const bare = func.endsWith('Series') ? func.slice(0, -'Series'.length) : func;
  const aggregator = aggregatorOf(bare);
  if (series.length === 0) return [];
  const rows = normalize(series);
  const row = new Float64Array(series.length);
  const values = new Float64Array(rows.length);
  for (let i = 0; i < values.length; i++) {
    const known = count(fillRow(rows, i, row));
    values[i] = known > 0 && known / row.length >= xFilesFactor ? aggregator(row) : NaN;
  }
  const name = `${bare}Series(${joinPathExpressions(series)})`;
  const tags = { name, ...commonTags(series), aggregatedBy: bare };
  return [newSeries(context, name, rows, values, { tags, xFilesFactor, integers: bare === 'count' })];
}

/** The tags that all series have alike. */
function commonTags(series: Series[]): Record<string, string> {
  const [first, ...others] = series;
  const shared = Object.entries(first?.tags ?? {}).filter(([tag, value]) =>
    others.every((one) => one.tags[tag] === value),
  );
  return Object.fromEntries(shared);
}
