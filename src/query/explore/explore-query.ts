/**
 * What is typed to explore: `service=shop stat=upper_9* sum by host checkout`.
 *
 *     tag=value   tag!=value    the value is a glob: `web*`, `{a,b}`
 *     word                      a part of the name
 *     by host   by host,stat    one group for each
 *     sum by host               one line for each group; also avg, max, min; alone: one line
 */
import { badRequest } from '../../lib/errors.ts';

const TERMS_MAX = 30;
const LENGTH_MAX = 2000;
const TAGS_MAX = 5;
const JOINS = ['sum', 'avg', 'max', 'min'] as const;

export type Join = (typeof JOINS)[number];

export interface ExploreQuery {
  terms: { tag: string; value: string; isNot: boolean }[];
  /** In small letters. */
  words: string[];
  by: string[];
  join: Join | undefined;
}

/** Throws `badRequest`. */
export function readExploreQuery(text: string): ExploreQuery {
  if (text.length > LENGTH_MAX) {
    throw badRequest(`query of ${text.length} characters, expected up to ${LENGTH_MAX}`);
  }
  const parts = text.trim().split(/\s+/).filter(Boolean);
  if (parts.length > TERMS_MAX) {
    throw badRequest(`${parts.length} terms read, expected up to ${TERMS_MAX}`);
  }
  const query: ExploreQuery = { terms: [], words: [], by: [], join: undefined };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!; // i < length
    const isLast = i === parts.length - 1;
    const join = JOINS.find((name) => name === part.toLowerCase());
    if (part.toLowerCase() === 'by') {
      if (isLast) throw badRequest('by: expected a tag behind it, such as by host');
      i += 1;
      query.by.push(...parts[i]!.split(',').filter(Boolean));
    } else if (join !== undefined && (isLast || parts[i + 1]!.toLowerCase() === 'by')) {
      query.join = join;
    } else readTerm(part, query);
  }
  if (query.terms.every(({ isNot }) => isNot) && query.words.length === 0) {
    throw badRequest('query: expected tag=value or a part of names, such as service=shop by host');
  }
  if (query.by.length > TAGS_MAX) {
    throw badRequest(`${query.by.length} tags to group by, expected up to ${TAGS_MAX}`);
  }
  return query;
}

function readTerm(part: string, { terms, words }: ExploreQuery): void {
  const equals = part.indexOf('=');
  if (equals <= 0) {
    words.push(part.toLowerCase());
    return;
  }
  const isNot = part[equals - 1] === '!';
  const tag = part.slice(0, isNot ? equals - 1 : equals);
  const value = part.slice(equals + 1);
  if (tag === '' || value === '') throw badRequest(`"${part}" read, expected tag=value`);
  terms.push({ tag, value, isNot });
}
