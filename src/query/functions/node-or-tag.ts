/**
 * What `aliasByNode`, `groupByNodes` and others take for a key: parts of the dotted path by number
 * and values of tags by name, joined by dots. Follows graphite-web's `aggKey`.
 */
import type { Series } from '../series/series.ts';
import { firstPathExpression } from '../target/first-path.ts';

export type NodeOrTag = number | string;

/** The key of a series; parts that it does not have are empty. */
export function groupKey(one: Series, nodes: readonly NodeOrTag[]): string {
  // A name such as scale(a.b.c,10) is not a path, the first path inside it is meant.
  const path = one.name.endsWith(')') ? (firstPathExpression(one.name) ?? one.name) : one.name;
  const parts = path.split(';', 1)[0]!.split('.'); // split gives at least one part
  return nodes.map((node) => partOrTag(one, parts, node)).join('.');
}

/** Groups in the order of their first series. */
export function groupByKey(
  series: readonly Series[],
  keyOf: (one: Series) => string,
): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

function partOrTag(one: Series, parts: string[], node: NodeOrTag): string {
  const part = Number.isInteger(node) ? parts.at(Number(node)) : undefined; // no part has number 0.5
  return part ?? String(one.tags[String(node)] ?? '');
}
