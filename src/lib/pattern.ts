/**
 * Patterns that come from outside (schemas, `grep`, `aliasSub`, tag `=~`), on the linear-time
 * engine only: no pattern can hang the process. Python's spelling is accepted, as Graphite users
 * write it (python-pattern.ts); replacements use `\1`, `\g<1>` and `\g<name>`.
 */
import { RE2JS } from 're2js';
import { UserError } from './errors.ts';
import { translatePattern } from './python-pattern.ts';
import { requiredLiteral } from './required-literal.ts';

/** Longest pattern accepted, in characters; RE2 programs grow with it. */
const PATTERN_LENGTH_MAX = 2000;

export interface Pattern {
  readonly source: string;
  /** Instructions of the compiled pattern: a match takes up to that many steps a character. */
  readonly size: number;
  /** True when the pattern occurs anywhere in the text (Python's `re.search`). */
  search(text: string): boolean;
  /** True when the pattern occurs at the start of the text (Python's `re.match`). */
  matchStart(text: string): boolean;
  /** Group texts of the first occurrence, index 0 the whole; undefined when there is none. */
  groups(text: string): (string | undefined)[] | undefined;
  /**
   * Texts of these named groups where the pattern first occurs, in their order, empty where one took
   * no part; undefined when there is no occurrence.
   */
  namedGroups(text: string, names: readonly string[]): string[] | undefined;
  /** Throws a `badPattern` UserError for a replacement that refers to a group which is not there. */
  checkReplacement(replacement: string): void;
  /** Replaces every occurrence (Python's `re.sub`). */
  replaceAll(text: string, replacement: string): string;
  /**
   * As `replaceAll`, one occurrence at a time; yields how long the answer has become. Each
   * occurrence may be looked for up to the end of the text.
   */
  replacing(text: string, replacement: string): Generator<number, string, undefined>;
}

/**
 * Compiles a pattern; throws a `badPattern` UserError with a sentence when it cannot. A pattern that
 * is asked at the start of texts only (`matchStart`) is `isAnchored`.
 */
export function compilePattern(source: string, isAnchored = false): Pattern {
  if (source.length > PATTERN_LENGTH_MAX) {
    throw new UserError(
      'badPattern',
      `pattern of ${source.length} characters: at most ${PATTERN_LENGTH_MAX} are allowed`,
    );
  }
  const { pattern, unless } = translatePattern(source, isAnchored);
  const compiled = compileRe2(pattern, source);
  const exceptions = unless.map((one) => compileRe2(one, source));
  const isTaken = (text: string): boolean =>
    !exceptions.some((exception) => exception.matcher(text).lookingAt());
  // Schemas are asked about every new name, and few match: this takes a fifth of the time.
  const literal = requiredLiteral(pattern);
  const isAny = pattern === '.*';
  return {
    source,
    size: exceptions.reduce((size, one) => size + one.programSize(), compiled.programSize()),
    search: (text) =>
      text.includes(literal) && (isAny || compiled.matcher(text).find()) && isTaken(text),
    matchStart: (text) => compiled.matcher(text).lookingAt() && isTaken(text),
    groups(text) {
      const matcher = compiled.matcher(text);
      if (!isTaken(text) || !matcher.find()) return undefined;
      const found: (string | undefined)[] = [];
      for (let i = 0; i <= matcher.groupCount(); i++) found.push(matcher.group(i) ?? undefined);
      return found;
    },
    namedGroups(text, names) {
      const matcher = compiled.matcher(text);
      if (!isTaken(text) || !matcher.find()) return undefined;
      return names.map((name) => matcher.group(name) ?? '');
    },
    checkReplacement: (replacement) => void readReplacement(replacement, source, compiled),
    replaceAll(text, replacement) {
      if (!isTaken(text)) return text;
      const steps = replacing(compiled, source, text, replacement);
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
      }
    },
    *replacing(text, replacement) {
      return isTaken(text) ? yield* replacing(compiled, source, text, replacement) : text;
    },
  };
}

function compileRe2(pattern: string, source: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const reason = text.replace(/^error parsing regexp: /, '');
    throw new UserError('badPattern', `pattern "${source}": ${reason}`);
  }
}

function* replacing(
  compiled: RE2JS,
  source: string,
  text: string,
  replacement: string,
): Generator<number, string, undefined> {
  const matcher = compiled.matcher(text);
  let parts: ReplacementPart[] | undefined;
  let out = '';
  let at = 0;
  while (matcher.find()) {
    parts ??= readReplacement(replacement, source, compiled);
    out += text.slice(at, matcher.start());
    for (const part of parts) {
      out += 'text' in part ? part.text : (groupText(matcher, part.group) ?? '');
    }
    at = matcher.end();
    yield out.length;
  }
  return out + text.slice(at);
}

type ReplacementPart = { text: string } | { group: number | string };

/** Reads Python's replacement template: `\1`…`\99`, `\g<1>`, `\g<name>`, `\\`, `\n`, `\t`. */
function readReplacement(replacement: string, source: string, compiled: RE2JS): ReplacementPart[] {
  const groupCount = compiled.groupCount();
  const parts: ReplacementPart[] = [];
  let at = 0;
  for (const match of replacement.matchAll(/\\(?:(\d{1,2})|g<(\w+)>|(.))/gsu)) {
    if (match.index > at) parts.push({ text: replacement.slice(at, match.index) });
    at = match.index + match[0].length;
    const escaped = match[3];
    if (escaped !== undefined) {
      parts.push({ text: ESCAPED.get(escaped) ?? match[0] });
      continue;
    }
    const key = match[1] ?? match[2]!; // one of the three alternatives matched
    const group = /^\d+$/.test(key) ? Number(key) : key;
    if (typeof group === 'number' && group > groupCount) {
      throw new UserError(
        'badPattern',
        `replacement "${clip(replacement)}" refers to group ${group}, ` +
          `pattern "${source}" has ${groupCount}`,
      );
    }
    if (typeof group === 'string' && !Object.hasOwn(compiled.namedGroups(), group)) {
      throw new UserError(
        'badPattern',
        `replacement "${clip(replacement)}" refers to group "${group}", ` +
          `pattern "${source}" has no such group`,
      );
    }
    parts.push({ group });
  }
  if (at < replacement.length) parts.push({ text: replacement.slice(at) });
  return parts;
}

const ESCAPED = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['\\', '\\'],
]);

function groupText(matcher: ReturnType<RE2JS['matcher']>, group: number | string): string | null {
  return typeof group === 'number' ? matcher.group(group) : matcher.group(group);
}

/** A text from outside, short enough for a sentence. */
function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
