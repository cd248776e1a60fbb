/**
 * Searches and tagged names as `/tags` reads them: lists of tag expressions, and a path in carbon's
 * spelling (`name;tag=value`) or OpenMetrics' (`name{tag="value"}`).
 */
import { badRequest, UserError } from '../lib/errors.ts';
import { compilePattern } from '../lib/pattern.ts';
import { parseTagExpression } from '../query/target/tag-expression.ts';
import type { TagExpression } from '../storage/roles.ts';
import { clip } from './params.ts';

/** Characters of a tagged name: four times what a metric may have unless told otherwise. */
const PATH_LENGTH_MAX = 4096;
const OPENMETRICS_TAG = /^([^=]+)="((?:\\["\\]|[^"\\])+)"(?:,|$)/;

/** Expressions of a search: at least one must say what a series has, not only what it lacks. */
export function parseTagSearch(texts: readonly string[]): TagExpression[] {
  const expressions = texts.map(parseTagExpression);
  if (expressions.length > 0 && !expressions.some(requiresTag)) {
    throw badRequest('tag expressions: at least one must not match a series without the tag');
  }
  return expressions;
}

function requiresTag({ operator, value }: TagExpression): boolean {
  if (operator === '=') return value !== '';
  if (operator === '!=') return value === '';
  const matchesEmpty = compilePattern(value).matchStart('');
  return operator === '=~' ? !matchesEmpty : matchesEmpty;
}

/** The canonical spelling of a path: tags sorted by name, the last of equal names wins. */
export function canonicalTagged(path: string): string {
  const brace = path.endsWith('}') ? path.indexOf('{') : -1;
  const name = brace === -1 ? path.split(';', 1)[0]! : path.slice(0, brace); // one part at least
  if (name === '') throw badRequest(`path "${clip(path)}": expected a name before the tags`);
  if (path.length > PATH_LENGTH_MAX) {
    throw new UserError(
      'tooLarge',
      `path of ${path.length} characters read, at most ${PATH_LENGTH_MAX} are kept`,
    );
  }
  const tags = new Map<string, string>();
  if (brace === -1) readCarbonTags(path, tags);
  else readOpenMetricsTags(path, path.slice(brace + 1, -1), tags);
  tags.delete('name');
  const sorted = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
  return name + sorted.map(([tag, value]) => `;${tag}=${value}`).join('');
}

function readCarbonTags(path: string, tags: Map<string, string>): void {
  for (const part of path.split(';').slice(1)) {
    const equals = part.indexOf('=');
    if (equals === -1) throw badTag(path, part);
    addTag(path, part.slice(0, equals), part.slice(equals + 1), tags);
  }
}

function readOpenMetricsTags(path: string, text: string, tags: Map<string, string>): void {
  for (let rest = text; rest !== '';) {
    const match = OPENMETRICS_TAG.exec(rest);
    if (match === null) throw badTag(path, rest);
    addTag(path, match[1]!, match[2]!.replace(/\\(["\\])/g, '$1'), tags); // both take part
    rest = rest.slice(match[0].length);
  }
}

/** Carbon's rules: no `; ! ^ =` in a tag; a value has no `;` and does not start with `~`. */
function addTag(path: string, tag: string, value: string, tags: Map<string, string>): void {
  if (!/^[^;!^=]+$/s.test(tag) || !/^[^;~][^;]*$/s.test(value)) {
    throw badTag(path, `${tag}=${value}`);
  }
  tags.set(tag, value);
}

function badTag(path: string, part: string): UserError {
  return badRequest(`path "${clip(path)}": "${clip(part)}" is not tag=value`);
}
