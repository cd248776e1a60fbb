/** Tag expressions as seriesByTag and the tag endpoints take them: `tag=v`, `!=`, `=~`, `!=~`. */
import { badTarget, overLimit } from '../../lib/errors.ts';

interface TagTerm {
  tag: string;
  operator: '=' | '!=' | '=~' | '!=~';
  value: string;
}

/** Expressions in one search. */
const EXPRESSIONS_MAX = 1000;
/** Characters of all patterns of a search: compiling one may take 20 ns for each, squared. */
const PATTERNS_LENGTH_MAX = 8000;

/** The expressions of a search; throws `badTarget` and, for what would cost too much, `overLimit`. */
export function parseTagExpressions(texts: readonly string[]): TagTerm[] {
  if (texts.length > EXPRESSIONS_MAX) {
    throw overLimit(`${texts.length} tag expressions in one search, at most ${EXPRESSIONS_MAX}`);
  }
  const terms = texts.map(parseTagExpression);
  let length = 0;
  for (const { operator, value } of terms) if (operator.endsWith('~')) length += value.length;
  if (length <= PATTERNS_LENGTH_MAX) return terms;
  throw overLimit(
    `patterns of ${length} characters in one search by tags, at most ${PATTERNS_LENGTH_MAX}`,
  );
}

/** Splits one expression; throws `badTarget` when it is none. */
export function parseTagExpression(text: string): TagTerm {
  const match = /^([^;!=~]+)(!?=~?)([^;]*)$/s.exec(text);
  if (match === null) {
    throw badTarget(
      `tag expression "${text.slice(0, 80)}" read, expected tag=value, !=, =~ or !=~`,
    );
  }
  return { tag: match[1]!, operator: match[2] as TagTerm['operator'], value: match[3]! };
}

/** The tags of a canonical name: `name;a=1;b=2` has name, a and b, a dotted one only name. */
export function tagsOf(name: string): Record<string, string> {
  const [path, ...pairs] = name.split(';') as [string, ...string[]];
  if (pairs.length === 0) return { name: path };
  const tags = [['name', path]];
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals > 0) tags.push([pair.slice(0, equals), pair.slice(equals + 1)]);
  }
  // A tag may be called __proto__.
  return Object.fromEntries(tags) as Record<string, string>;
}
