/** Tag expressions as seriesByTag and the tag endpoints take them: `tag=v`, `!=`, `=~`, `!=~`. */
import { badTarget } from '../../lib/errors.ts';

interface TagTerm {
  tag: string;
  operator: '=' | '!=' | '=~' | '!=~';
  value: string;
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
