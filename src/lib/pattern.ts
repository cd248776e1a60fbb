/**
 * Patterns that come from outside (schemas, `grep`, `aliasSub`, tag `=~`), on the linear-time
 * engine only: no pattern can hang the process. Python's spelling is accepted, as Graphite users
 * write it: `(?P<name>…)` is RE2's own, replacements use `\1`, `\g<1>` and `\g<name>`.
 */
import { RE2JS } from 're2js';
import { UserError } from './errors.ts';
import { requiredLiteral } from './required-literal.ts';

/** Longest pattern accepted, in characters; RE2 programs grow with it. */
const PATTERN_LENGTH_MAX = 2000;

export interface Pattern {
  readonly source: string;
  /** True when the pattern occurs anywhere in the text (Python's `re.search`). */
  search(text: string): boolean;
  /** True when the pattern occurs at the start of the text (Python's `re.match`). */
  matchStart(text: string): boolean;
  /** Group texts of the first occurrence, index 0 the whole; undefined when there is none. */
  groups(text: string): (string | undefined)[] | undefined;
  /** Replaces every occurrence (Python's `re.sub`). */
  replaceAll(text: string, replacement: string): string;
}

/** Compiles a pattern; throws a `badPattern` UserError with a sentence when it cannot. */
export function compilePattern(source: string): Pattern {
  if (source.length > PATTERN_LENGTH_MAX) {
    throw new UserError(
      'badPattern',
      `pattern of ${source.length} characters: at most ${PATTERN_LENGTH_MAX} are allowed`,
    );
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (error) {
    throw new UserError('badPattern', `pattern "${source}": ${reason(error)}`);
  }
  // Schemas are asked about every new name, and few match: this takes a fifth of the time.
  const literal = requiredLiteral(source);
  const isAny = source === '.*';
  return {
    source,
    search: (text) => text.includes(literal) && (isAny || compiled.matcher(text).find()),
    matchStart: (text) => compiled.matcher(text).lookingAt(),
    groups(text) {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const found: (string | undefined)[] = [];
      for (let i = 0; i <= matcher.groupCount(); i++) found.push(matcher.group(i) ?? undefined);
      return found;
    },
    replaceAll: (text, replacement) => replaceAll(compiled, source, text, replacement),
  };
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('(?=') || text.includes('(?!') || text.includes('(?<')) {
    return 'lookahead and lookbehind are not supported, patterns run in linear time (RE2 syntax)';
  }
  return text.replace(/^error parsing regexp: /, '');
}

function replaceAll(compiled: RE2JS, source: string, text: string, replacement: string): string {
  const matcher = compiled.matcher(text);
  let out = '';
  let at = 0;
  while (matcher.find()) {
    out += text.slice(at, matcher.start());
    out += expand(replacement, source, matcher.groupCount(), (group) =>
      typeof group === 'number' ? matcher.group(group) : matcher.group(group),
    );
    at = matcher.end();
  }
  return out + text.slice(at);
}

/** Writes Python's replacement template out: `\1`…`\99`, `\g<1>`, `\g<name>`, `\\`, `\n`, `\t`. */
function expand(
  template: string,
  source: string,
  groupCount: number,
  group: (key: number | string) => string | null,
): string {
  let out = '';
  for (let i = 0; i < template.length; i++) {
    const char = template[i]!; // i < length
    if (char !== '\\' || i + 1 === template.length) {
      out += char;
      continue;
    }
    const rest = template.slice(i + 1);
    const reference = /^(\d{1,2})|^g<(\w+)>/.exec(rest);
    if (reference === null) {
      const escaped = rest[0]!; // i + 1 < length
      out +=
        escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped === '\\' ? '\\' : '\\' + escaped;
      i += 1;
      continue;
    }
    const key = reference[1] ?? reference[2]!; // one of the two alternatives matched
    const number = /^\d+$/.test(key) ? Number(key) : undefined;
    if (number !== undefined && number > groupCount) {
      throw new UserError(
        'badPattern',
        `replacement "${template}" refers to group ${number}, pattern "${source}" has ${groupCount}`,
      );
    }
    try {
      out += group(number ?? key) ?? '';
    } catch {
      throw new UserError(
        'badPattern',
        `replacement "${template}" refers to group "${key}", pattern "${source}" has no such group`,
      );
    }
    i += reference[0].length;
  }
  return out;
}
