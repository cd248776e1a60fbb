/**
 * Searches and tagged names as `/tags` reads them: lists of tag expressions, and a path in carbon's
 * spelling (`name;tag=value`) or OpenMetrics' (`name{tag="value"}`).
 */
import { badRequest, UserError } from '../lib/errors.ts';
import { compilePattern } from '../lib/pattern.ts';
import { parseTagExpressions } from '../query/target/tag-expression.ts';
import type { TagExpression } from '../storage/roles.ts';
import { requireName } from '../wire/series-name.ts';

/** Characters of a tagged name: four times what a metric may have unless told otherwise. */
const PATH_LENGTH_MAX = 4096;

/** Expressions of a search: at least one must say what a series has, not only what it lacks. */
export function parseTagSearch(texts: readonly string[]): TagExpression[] {
  const expressions = parseTagExpressions(texts);
  if (expressions.length > 0 && !expressions.some(requiresTag)) {
    throw badRequest('tag expressions: at least one must not match a series without the tag');
  }
  return expressions;
}

function requiresTag({ operator, value }: TagExpression): boolean {
  if (operator === '=') return value !== '';
  if (operator === '!=') return value === '';
  const matchesEmpty = compilePattern(value, true).matchStart('');
  return operator === '=~' ? !matchesEmpty : matchesEmpty;
}

/** The form of a path; throws `badRequest` for what is none, `tooLarge` for what is too long. */
export function canonicalTagged(path: string): string {
  if (path.length > PATH_LENGTH_MAX) {
    throw new UserError(
      'tooLarge',
      `path of ${path.length} characters read, at most ${PATH_LENGTH_MAX} are kept`,
    );
  }
  return requireName(path);
}
