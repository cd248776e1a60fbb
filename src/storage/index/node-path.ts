/** Paths of the tree's nodes, and words with dots in them, which go over several nodes. */
import type { NameNodes } from './name-nodes.ts';
import { AT_START, INSIDE, NOT, WHOLE } from './search-words.ts';

const ROOT = 0;

export function pathOf(nodes: NameNodes, node: number): string {
  const texts: string[] = [];
  for (let at = node; at !== ROOT; at = nodes.parentOf(at)) texts.push(nodes.textOf(at));
  return texts.reverse().join('.');
}

/** Characters of its path. */
export function pathLength(nodes: NameNodes, node: number): number {
  let length = -1;
  for (let at = node; at !== ROOT; at = nodes.parentOf(at)) length += 1 + nodes.textOf(at).length;
  return length;
}

/**
 * How well a node and those above it answer the pieces of a word: the last begins its text, those
 * before are whole texts, the first ends one. An empty first piece asks for nothing.
 */
export function dottedMatch(nodes: NameNodes, pieces: readonly string[], node: number): number {
  const last = pieces.at(-1)!; // there are two
  const text = nodes.textOf(node).toLowerCase();
  if (!text.startsWith(last)) return NOT;
  let at = node;
  for (let i = pieces.length - 2; i > 0; i--) {
    at = nodes.parentOf(at);
    if (at === ROOT || nodes.textOf(at).toLowerCase() !== pieces[i]) return NOT;
  }
  at = nodes.parentOf(at);
  const first = pieces[0]!;
  const above = at === ROOT ? '' : nodes.textOf(at).toLowerCase();
  if (!above.endsWith(first)) return NOT;
  const isStart = first === '' || above === first;
  if (!isStart) return INSIDE;
  return text === last ? WHOLE : AT_START;
}
