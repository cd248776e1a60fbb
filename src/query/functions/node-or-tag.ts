/**
 * What `aliasByNode`, `groupByNodes` and others take for a key: parts of the dotted path by number
 * and values of tags by name, joined by dots. Follows graphite-web's `aggKey`.
 */
import { type Series, tagOf } from '../series/series.ts';
import { firstPathExpression } from '../target/first-path.ts';

export type NodeOrTag = number | string;

/** The key of a series; parts that it does not have are empty. */
export function groupKey(series: Series, nodes: readonly NodeOrTag[]): string {
  // A name such as scale(a.b.c,10) is not a path, the first path inside it is meant.
  const path = series.name.endsWith(')')
    ? (firstPathExpression(series.name) ?? series.name)
    : series.name;
  const parts = path.split(';', 1)[0]!.split('.'); // split gives at least one part
  return nodes.map((node) => nodeOrTagText(series, parts, node)).join('.');
}

function nodeOrTagText(series: Series, nodes: string[], node: NodeOrTag): string {
  const part = Number.isInteger(node) ? nodes.at(Number(node)) : undefined; // no part has number 0.5
  return part ?? String(tagOf(series, String(node)) ?? '');
}
