/**
 * Groups of series that agree in parts of the name or in tags, each group handed to a callback: an
 * aggregate (`max`) or a function that combines (`asPercent`).
 */
import { badTarget } from '../../lib/errors.ts';
import { groupBy } from '../../lib/group-by.ts';
import { isReducer } from '../series/aggregate.ts';
import { type Series, tagOf } from '../series/series.ts';
import { aggregated } from './combine.ts';
import { inTurn } from './in-turn.ts';
import { compareNames } from './sort.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import {
  AGGREGATION_NAMES,
  aggOrSeriesFunc,
  type CallContext,
  type FunctionSpec,
  nodeOrTag,
  seriesList,
  tag,
} from './spec.ts';

/** Functions that take one list and combine it; what `/functions` lists beside the aggregates. */
const COMBINING_FUNCTIONS = [
  'asPercent',
  'averageSeries',
  'averageSeriesWithWildcards',
  'countSeries',
  'diffSeries',
  'diffSeriesLists',
  'maxSeries',
  'minSeries',
  'multiplySeries',
  'multiplySeriesLists',
  'multiplySeriesWithWildcards',
  'pct',
  'powSeries',
  'rangeOfSeries',
  'stddevSeries',
  'sumSeries',
  'sumSeriesLists',
  'sumSeriesWithWildcards',
] as const;
/** `sum` and `avg` are both; the function is what is meant, its answers are sumSeries(…). */
const FUNCTION_NAMES: ReadonlySet<string> = new Set([...COMBINING_FUNCTIONS, 'avg', 'sum']);
const options = [...AGGREGATION_NAMES, ...COMBINING_FUNCTIONS].sort();

export const groupByNode: FunctionSpec = {
  name: 'groupByNode',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Combines the series that have the same part at a position of their name (or the same value ' +
    'of a tag) by an aggregate or a combining function. The answers are named by that part.',
  params: [
    seriesList(),
    nodeOrTag('nodeNum', { required: true }),
    aggOrSeriesFunc('callback', { default: 'average', options }),
  ],
  call: (context, seriesList: Series[], node: NodeOrTag, callback: string) =>
    groupedByNodes(context, seriesList, callback, [node]),
};

export const groupByNodes: FunctionSpec = {
  name: 'groupByNodes',
  origin: 'graphite',
  group: 'Combine',
  description:
    'As groupByNode, over several parts of the name or tags; the answers are named by all of them.',
  params: [
    seriesList(),
    aggOrSeriesFunc('callback', { required: true, options }),
    nodeOrTag('nodes', { multiple: true }),
  ],
  call: (context, seriesList: Series[], callback: string, ...nodes: NodeOrTag[]) =>
    groupedByNodes(context, seriesList, callback, nodes),
};

export const groupByTags: FunctionSpec = {
  name: 'groupByTags',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Combines the series that have the same values of some tags. The answers are tagged names ' +
    'themselves: the common name, or else the callback, and the tags grouped by.',
  params: [
    seriesList(),
    aggOrSeriesFunc('callback', { required: true, options }),
    tag('tags', { required: true, multiple: true }),
  ],
  async call(context, seriesList: Series[], callback: string, ...tags: string[]) {
    if (tags.length === 0) throw badTarget('no tags read, expected at least one to group by');
    const names = new Set(seriesList.map(nameTag));
    const common = names.size === 1 ? [...names][0]! : callback;
    const others = tags.filter((tag) => tag !== 'name');
    const keyOf = (series: Series): string => {
      const values = others.map((key) => `${key}=${tagOf(series, key) ?? ''}`);
      const name = others.length < tags.length ? nameTag(series) : common;
      return [name, ...values.sort(compareNames)].join(';');
    };
    const keys = await inTurn(context, seriesList, (series) => {
      context.spend(tags.length);
      return keyOf(series);
    });
    const keyed = new Map(seriesList.map((series, i) => [series, keys[i]!]));
    const groups = groupBy(seriesList, (series) => keyed.get(series)!);
    const answers = await combineGroups(context, groups, callback);
    return answers.map((series) => ({
      ...series,
      pathExpression: series.name,
      tags: tagsOf(series.name),
    }));
  },
};

async function groupedByNodes(
  context: CallContext,
  seriesList: Series[],
  callback: string,
  nodes: NodeOrTag[],
): Promise<Series[]> {
  const groups = groupBy(seriesList, (series) => groupKey(series, nodes));
  return combineGroups(context, groups, callback);
}

/** The first series that the callback makes of each group, named by the group's key. */
async function combineGroups(
  context: CallContext,
  groups: Map<string, Series[]>,
  callback: string,
): Promise<Series[]> {
  const bare = callback.endsWith('Series') ? callback.slice(0, -'Series'.length) : callback;
  const isFunction = FUNCTION_NAMES.has(callback) || !isReducer(bare);
  const answers: Series[] = [];
  for (const [name, group] of groups) {
    await context.pause();
    const [answer] = isFunction
      ? await context.apply(callback, group)
      : await aggregated(context, group, callback);
    if (answer !== undefined) answers.push({ ...answer, name });
  }
  return answers;
}

function nameTag(series: Series): string {
  return String(tagOf(series, 'name') ?? series.name);
}

/** Tags of a name that this file put together: `name;tag=value;…`. */
function tagsOf(taggedName: string): Record<string, string> {
  const [name, ...pairs] = taggedName.split(';') as [string, ...string[]];
  const tags = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return { ...Object.fromEntries(tags), name };
}
