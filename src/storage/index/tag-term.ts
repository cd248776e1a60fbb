/**
 * One tag expression, ready to be asked about values. A series without the tag has the empty value:
 * `tag=` finds those, `tag!=x` finds them too, as does a pattern that matches nothing. Patterns are
 * anchored at the start only (Python's `re.match`), as in graphite-web. Used by tag-index.ts.
 */
import type { TagExpression } from '../roles.ts';
import { compilePattern } from '../../lib/pattern.ts';
import { joinNodes } from '../../wire/series-name.ts';

/** What a character costs that a pattern looks at. */
const PATTERN_STEPS = 10;

export interface TagTerm {
  tag: string;
  /** The only value that can match, when the expression names one that is not empty. */
  only: string | undefined;
  /** Whether a series without the tag matches. */
  matchesEmpty: boolean;
  matches(value: string): boolean;
  /** What it costs to ask about a value. */
  steps(value: string): number;
}

/** Throws `badPattern` when a pattern does not compile. */
export function compileTerm({ tag, operator, value: asked }: TagExpression): TagTerm {
  // A metric's name stands in the index in its one form.
  const isName = tag === 'name' && (operator === '=' || operator === '!=');
  const value = isName ? joinNodes(asked) : asked;
  const matches = valueTest(operator, value);
  const only = operator === '=' && value !== '' ? value : undefined;
  const isPattern = operator === '=~' || operator === '!=~';
  const steps = (text: string): number => (isPattern ? PATTERN_STEPS * (1 + text.length) : 1);
  return { tag, only, matchesEmpty: matches(''), matches, steps };
}

function valueTest(operator: TagExpression['operator'], value: string): TagTerm['matches'] {
  switch (operator) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
    case '!=~': {
      const pattern = compilePattern(value, true);
      const wanted = operator === '=~';
      return (text) => pattern.matchStart(text) === wanted;
    }
  }
}
