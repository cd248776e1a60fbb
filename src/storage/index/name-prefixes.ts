/**
 * Which prefixes hold the names: the branches with the most series, as deep as they do not fan out. The
 * largest is replaced by its children again and again, until there are enough.
 */
import type { InSteps } from '../../lib/in-steps.ts';
import type { NamePrefix } from '../roles.ts';
import { compareNames } from './byte-order.ts';
import type { NameNodes } from './name-nodes.ts';
import type { NodeIndex } from './node-index.ts';
import { pathOf } from './node-path.ts';

const ROOT = 0;
const DEPTH_MAX = 4;
/** A branch with more is one entry. */
const FAN_MAX = 30;
/** Below this part of all series nobody looks closer. */
const SMALL_PART = 0.02;
/** First nodes of names that are looked at. */
const FIRST_NODES_MAX = 50_000;

interface Entry {
  node: number;
  series: number;
  isOpen: boolean;
}

export function* listPrefixes(
  nodes: NameNodes,
  index: NodeIndex,
  most: number,
): InSteps<NamePrefix[]> {
  yield* index.building();
  const all = index.seriesBelow(ROOT);
  const entryOf = (node: number): Entry => {
    const series = index.seriesBelow(node);
    const isOpen = series > all * SMALL_PART && nodes.depthOf(node) < DEPTH_MAX;
    return { node, series, isOpen };
  };
  const largest = (some: Entry[]): Entry[] =>
    some.sort((a, b) => b.series - a.series).slice(0, most);
  let entries = largest(childrenOf(nodes, ROOT, FIRST_NODES_MAX).map(entryOf));
  for (;;) {
    const next = entries.find(({ isOpen }) => isOpen);
    if (next === undefined) break;
    next.isOpen = false;
    const children = childrenOf(nodes, next.node, FAN_MAX + 1);
    if (children.length > FAN_MAX || !children.some((child) => nodes.hasChildren(child))) continue;
    if (children.length > 1 && entries.length + children.length > most) continue;
    entries = largest([...entries.filter((entry) => entry !== next), ...children.map(entryOf)]);
  }
  yield entries.length;
  return entries
    .map(({ node, series }) => ({ prefix: pathOf(nodes, node), series }))
    .sort((a, b) => b.series - a.series || compareNames(a.prefix, b.prefix));
}

function childrenOf(nodes: NameNodes, parent: number, most: number): number[] {
  const children: number[] = [];
  let child = nodes.anyChild(parent);
  for (; child !== 0 && children.length < most; child = nodes.nextSibling(child))
    children.push(child);
  return children;
}
