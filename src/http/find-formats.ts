/**
 * The shapes in which `/metrics/find` lists nodes: treejson (Grafana and Graphite's own tree),
 * completer, nodelist and json (its binary kin are in find-bytes.ts).
 */
import type { Store } from '../storage/store.ts';

/** A node as Graphite lists it: one that is leaf and branch is listed twice. */
export interface ListedNode {
  path: string;
  text: string;
  leaf: boolean;
  /** The series of a leaf, else -1. */
  id: number;
}

interface TreeEntry {
  text: string;
  id: string;
  allowChildren: 0 | 1;
  expandable: 0 | 1;
  leaf: 0 | 1;
}

/** One entry a text, branches first; the id is what the user typed before the last dot + text. */
export function treeEntries(nodes: ListedNode[], base: string, wildcards: boolean): TreeEntry[] {
  const branches: TreeEntry[] = [];
  const leaves: TreeEntry[] = [];
  const seen = new Set<string>();
  for (const node of nodes) {
    if (seen.has(node.text)) continue;
    seen.add(node.text);
    (node.leaf ? leaves : branches).push(treeEntry(node.text, base, node.leaf));
  }
  const star =
    wildcards && nodes.length > 1
      ? [
          treeEntry(
            '*',
            base,
            nodes.every((node) => node.leaf),
          ),
        ]
      : [];
  return [...star, ...branches, ...leaves];
}

function treeEntry(text: string, base: string, leaf: boolean): TreeEntry {
  const more = leaf ? 0 : 1;
  return { text, id: base + text, allowChildren: more, expandable: more, leaf: leaf ? 1 : 0 };
}

export function completerEntries(nodes: ListedNode[], wildcards: boolean): object[] {
  const entries: object[] = nodes.map((node) => ({
    path: node.leaf ? node.path : `${node.path}.`,
    name: node.text,
    is_leaf: node.leaf ? '1' : '0',
  }));
  if (wildcards && entries.length > 1) entries.push({ name: '*' });
  return entries;
}

/** The distinct texts at one position of the paths, negative counting from the end. */
export function nodeParts(nodes: ListedNode[], position: number): string[] {
  const parts = new Set<string>();
  for (const node of nodes) {
    const part = node.path.split('.').at(position);
    if (part !== undefined) parts.add(part);
  }
  return [...parts].sort();
}

export interface NodeInfo {
  path: string;
  is_leaf: boolean;
  /** What a leaf can hold, epoch seconds. */
  intervals?: { start: number; end: number }[];
}

export function nodeInfos(store: Store, nodes: ListedNode[], now: number): NodeInfo[] {
  return nodes.map(({ path, leaf, id }) => {
    if (!leaf) return { path, is_leaf: false };
    const archives = store.info(id)?.archives ?? [];
    const retention = Math.max(0, ...archives.map((archive) => archive.step * archive.points));
    return { path, is_leaf: true, intervals: [{ start: now - retention, end: now }] };
  });
}
