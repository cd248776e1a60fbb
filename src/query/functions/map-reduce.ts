/**
 * Targets made from series' names: `mapSeries` sorts series into lists by a node, `reduceSeries`
 * calls a function on each list, `applyByNode` and `useSeriesAbove` evaluate what a name turns
 * into.
 */
import { compilePattern } from '../../lib/pattern.ts';
import { groupBy } from '../../lib/group-by.ts';
import { maximum } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { replacedIn } from './name-patterns.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import {
  float,
  type FunctionSpec,
  node,
  nodeOrTag,
  seriesList,
  seriesLists,
  string,
} from './spec.ts';

export const mapSeries: FunctionSpec = {
  name: 'mapSeries',
  aliases: ['map'],
  origin: 'graphite',
  group: 'Combine',
  description: 'Sorts series into one list for each value of a node or tag, for reduceSeries.',
  params: [seriesList(), nodeOrTag('mapNodes', { required: true, multiple: true })],
  call: (_context, seriesList: Series[], ...mapNodes: NodeOrTag[]) => [
    ...groupBy(seriesList, (series) => groupKey(series, mapNodes)).values(),
  ],
};

export const reduceSeries: FunctionSpec = {
  name: 'reduceSeries',
  aliases: ['reduce'],
  origin: 'graphite',
  group: 'Combine',
  description:
    'Calls a function on each list of mapSeries, its arguments the series whose node is each of ' +
    'the matchers: user and idle of every host to asPercent, say.',
  params: [
    seriesLists(),
    string('reduceFunction', { required: true }),
    node('reduceNode', { required: true }),
    string('reduceMatchers', { required: true, multiple: true }),
  ],
  async call(
    context,
    lists: Series[][],
    reduceFunction: string,
    reduceNode: number,
    ...matchers: string[]
  ) {
    const matched = new Map<string, Series[][]>();
    for (const series of lists.flat()) {
      const nodes = series.name.split('.');
      const at = matchers.indexOf(nodes.at(reduceNode) ?? '');
      if (at === -1) continue;
      const key = `${nodes.slice(0, reduceNode).join('.')}.reduce.${reduceFunction}`;
      const args = matched.get(key) ?? matchers.map(() => []);
      args[at] = [series];
      matched.set(key, args);
    }
    const reduced: Series[] = [];
    for (const [key, args] of matched) {
      const [first] = await context.apply(reduceFunction, ...args);
      if (first !== undefined) reduced.push({ ...first, name: key });
    }
    return reduced;
  },
};

export const applyByNode: FunctionSpec = {
  name: 'applyByNode',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Evaluates a target once for every different start of the names, up to a node; % stands for ' +
    'that start, in the new name too.',
  params: [
    seriesList(),
    node('nodeNum', { required: true }),
    string('templateFunction', { required: true }),
    string('newName'),
  ],
  async call(
    context,
    seriesList: Series[],
    nodeNum: number,
    templateFunction: string,
    newName?: string,
  ) {
    const stop = nodeNum === -1 ? undefined : nodeNum + 1;
    const prefixes = new Set(
      seriesList.map(({ name }) => name.split('.').slice(0, stop).join('.')),
    );
    const applied: Series[] = [];
    for (const prefix of [...prefixes].sort()) {
      const found = await context.evaluate(templateFunction.replaceAll('%', () => prefix));
      for (const series of found) {
        const name = newName?.replaceAll('%', () => prefix) ?? series.name;
        applied.push({ ...series, name, pathExpression: prefix });
      }
    }
    return applied;
  },
};

export const useSeriesAbove: FunctionSpec = {
  name: 'useSeriesAbove',
  origin: 'graphite',
  group: 'Filter Series',
  description:
    'For each series that ever is above the value, another one: the target that its name turns ' +
    'into by search and replace.',
  params: [
    seriesList(),
    float('value', { required: true }),
    string('search', { required: true }),
    string('replace', { required: true }),
  ],
  async call(context, seriesList: Series[], value: number, search: string, replace: string) {
    const pattern = compilePattern(search);
    const used: Series[] = [];
    for (const series of seriesList) {
      if (!(maximum(series.values) > value)) continue;
      const target = await replacedIn(context, pattern, series.name, replace);
      const [first] = await context.evaluate(target);
      if (first !== undefined) used.push(first);
    }
    return used;
  },
};
