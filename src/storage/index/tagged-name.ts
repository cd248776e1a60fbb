/**
 * Tagged names: `name;tag=value;…`, as carbon reads and writes them, and the other spelling that
 * graphite-web accepts, `name{tag="value",…}`. The canonical form has its tags sorted by tag, one
 * value each (the last one given), so that one series has one name.
 *
 * Valid: a metric name before the tags; tags of at least one character without `; ! ^ =`; values
 * of at least one character without `;` that do not start with `~`. A tag called `name` is dropped:
 * the tag index uses that word for the metric name itself.
 */
import { compareNames } from './byte-order.ts';

interface TaggedName {
  /** The name before the tags. */
  path: string;
  /** Sorted by tag, each tag once. */
  tags: [string, string][];
}

/** The one spelling of a series' name; a plain name, or one that is not valid, stays as it is. */
export function canonicalName(name: string): string {
  const tagged = parseTaggedName(name);
  return tagged === undefined ? name : formatTaggedName(tagged);
}

function formatTaggedName({ path, tags }: TaggedName): string {
  return path + tags.map(([tag, value]) => `;${tag}=${value}`).join('');
}

/** Name and tags; undefined for a plain name and for one whose tags carbon refuses. */
export function parseTaggedName(name: string): TaggedName | undefined {
  const parts = name.includes(';') ? splitCarbon(name) : splitBraces(name);
  if (parts === undefined || parts.path === '' || parts.pairs.length === 0) return undefined;
  const byTag = new Map<string, string>();
  for (const [tag, value] of parts.pairs) {
    if (!/^[^;!^=]+$/s.test(tag) || !/^[^;~][^;]*$/s.test(value)) return undefined;
    byTag.set(tag, value);
  }
  byTag.delete('name');
  if (byTag.size === 0) return undefined;
  const tags = [...byTag].sort(([a], [b]) => compareNames(a, b));
  return { path: parts.path, tags };
}

interface NameAndTags {
  path: string;
  pairs: [string, string][];
}

/** `path;tag=value;tag=value` */
function splitCarbon(name: string): NameAndTags | undefined {
  const [path, ...rest] = name.split(';');
  const pairs: [string, string][] = [];
  for (const text of rest) {
    const equals = text.indexOf('=');
    if (equals < 0) return undefined;
    pairs.push([text.slice(0, equals), text.slice(equals + 1)]);
  }
  return { path: path!, pairs }; // split gives at least one part
}

/** `path{tag="value",tag="value"}`, quotes within a value escaped by a backslash */
function splitBraces(name: string): NameAndTags | undefined {
  const open = name.indexOf('{');
  if (open < 0 || !name.endsWith('}')) return undefined;
  const inside = name.slice(open + 1, -1);
  const pairs: [string, string][] = [];
  const pair = /([^=]+)="((?:[^"\\]|\\.)*)"(?:,|$)/sy;
  while (pair.lastIndex < inside.length) {
    const match = pair.exec(inside);
    if (match === null) return undefined;
    pairs.push([match[1]!, match[2]!.replace(/\\(.)/gs, '$1')]); // both groups always take part
  }
  return { path: name.slice(0, open), pairs };
}
