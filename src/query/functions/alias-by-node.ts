/**
 * Names cut out of the dotted path or the tags: `aliasByNode` and its kin, and the older `substr`.
 */
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import { rename, type Series } from '../series/series.ts';
import { type FunctionSpec, node, nodeOrTag, seriesList } from './spec.ts';

export const aliasByMetric: FunctionSpec = {
  name: 'aliasByMetric',
  origin: 'graphite',
  group: 'Alias',
  isPerSeries: true,
  description: 'Shows only the last part of the dotted name.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) =>
    seriesList.map((series) => rename(series, partsOf(series.name, -1, 0))),
};

export const aliasByNode: FunctionSpec = byNodes('aliasByNode', 'nodes');
export const aliasByTags: FunctionSpec = byNodes('aliasByTags', 'tags');

function byNodes(name: string, param: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Alias',
    isPerSeries: true,
    description:
      'Shows parts of the dotted name, counted from 0 (from the end when negative), and values ' +
      'of tags, joined by dots.',
    params: [seriesList(), nodeOrTag(param, { required: true, multiple: true })],
    call: (_context, seriesList: Series[], ...nodes: NodeOrTag[]) =>
      seriesList.map((series) => rename(series, groupKey(series, nodes))),
  };
}

export const substr: FunctionSpec = {
  name: 'substr',
  origin: 'graphite',
  group: 'Special',
  isPerSeries: true,
  description:
    'Shows the parts of the dotted name from start up to, not including, stop; 0 for all the rest.',
  params: [seriesList(), node('start', { default: 0 }), node('stop', { default: 0 })],
  call: (_context, seriesList: Series[], start: number, stop: number) =>
    seriesList.map((series) => rename(series, partsOf(series.name, start, stop))),
};

/** Parts of the first path inside the innermost call of a name. */
function partsOf(name: string, start: number, stop: number): string {
  const open = name.lastIndexOf('(') + 1;
  const close = name.indexOf(')');
  const path = name.slice(open, close === -1 ? name.length : Math.max(open, close));
  const nodes = path.split('.').slice(start, stop === 0 ? undefined : stop);
  return nodes.join('.').replace(/,.*$/, '');
}
