/**
 * How people name the series they mean (StoreAdmin.names), over the finds of a store:
 *
 *     servers.*.cpu         plain names, a glob of dotted parts
 *     disk.*;**             tagged series whose metric name the glob matches
 *     **                    every series, tagged ones too
 *     disk.used;host=a      one series, in any order of its tags
 *     seriesByTag('a=b')    tagged series that match all expressions
 */
import { UserError } from '../../lib/errors.ts';
import { compareNames } from './byte-order.ts';
import { NameTree } from './name-tree.ts';
import type { SeriesReader, TagExpression, TagReader } from '../roles.ts';

const ALL_TAGGED = ';**';

/** Canonical names in byte order, each once; throws `badRequest` for a query that is none. */
export function queryNames(store: SeriesReader & TagReader, query: string): string[] {
  if (query === '') throw new UserError('badRequest', 'no query, expected such as servers.*.cpu');
  if (query === '**') return store.allNames();
  const expressions = readTagQuery(query);
  if (expressions !== undefined) return store.findTagged(expressions).map(({ name }) => name);
  const exact = store.lookup(query);
  if (exact !== undefined && query.includes(';')) return [exact.name];
  if (query.endsWith(ALL_TAGGED)) return taggedNames(store, query.slice(0, -ALL_TAGGED.length));
  return store
    .find(query)
    .filter(({ leaf }) => leaf)
    .map(({ path }) => path);
}

/** The queries for plain names that a glob matches, and tagged series whose metric name it does. */
export function metricQueries(glob: string): string[] {
  const isGlob = glob !== '**' && !/[;(]/.test(glob);
  return isGlob ? [glob, `${glob}${ALL_TAGGED}`] : [glob];
}

function taggedNames(store: SeriesReader & TagReader, glob: string): string[] {
  const tree = new NameTree();
  const metrics = store.tagValues('name', { expressions: [] });
  metrics.forEach(({ value }, i) => tree.insert(value, i));
  return tree
    .find(glob, Infinity)
    .filter(({ leaf }) => leaf)
    .flatMap(({ path }) => store.findTagged([{ tag: 'name', operator: '=', value: path }]))
    .map(({ name }) => name)
    .sort(compareNames);
}

/** The expressions of `seriesByTag('a=b', "c=~d")`; undefined for other queries. */
function readTagQuery(query: string): TagExpression[] | undefined {
  const inside = /^\s*seriesByTag\s*\((.*)\)\s*$/s.exec(query)?.[1];
  if (inside === undefined) return undefined;
  const expressions: TagExpression[] = [];
  const quoted = /\s*(?:'([^']*)'|"([^"]*)")\s*(?:,|$)/sy;
  while (quoted.lastIndex < inside.length) {
    const match = quoted.exec(inside);
    const text = match?.[1] ?? match?.[2];
    const parts = text === undefined ? null : /^([^;!=~]+)(!?=~?)([^;]*)$/s.exec(text);
    if (parts === null) {
      throw new UserError(
        'badRequest',
        `"${query.slice(0, 80)}" read, expected such as seriesByTag('dc=eu', 'host=~web')`,
      );
    }
    const operator = parts[2] as TagExpression['operator'];
    expressions.push({ tag: parts[1]!, operator, value: parts[3]! }); // all groups take part
  }
  if (expressions.length === 0) {
    throw new UserError('badRequest', `"${query}" read, expected a tag expression in it`);
  }
  return expressions;
}
