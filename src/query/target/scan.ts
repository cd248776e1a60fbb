/**
 * The words of a target: paths, strings, numbers and names, read from a position onwards. Each
 * scanner answers the end of what it read, or -1 when there is no such word. The shapes are those
 * of graphite-web's render/grammar.py, and a path is whatever pattern find would answer.
 *
 *     servers.web{01,02}.cpu.*   path: any characters but blanks and ( ) , ' " |
 *     a\|b.c\ d  x;tag=v         which a backslash lets in: it takes in any character
 *     {a,{b,}}  [,|]             in paired braces and brackets `,` and `|` stand for themselves
 *     "5min" '5min'              string: up to the same quote, unless after a backslash or doubled
 *     -12  0.5  1e-2             number: only when `,` or `)` or the end follows
 */

/** What ends a path, unless after a backslash. */
const ENDS = '(),\'"|';
/** What ends one also between braces or brackets. */
const ENDS_INSIDE = '()\'"';

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at]!)) at += 1;
  return at;
}

/** `movingAverage`, `_x1`. */
export function scanName(text: string, from: number): number {
  return endOf(/[A-Za-z_][A-Za-z0-9_]*/y, text, from);
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE]-?\d+)?(?=\s*(?:[,)]|$))/y;

export function scanNumber(text: string, from: number): number {
  return endOf(NUMBER, text, from);
}

/** `word` in any case, when it ends there. */
export function scanWord(text: string, from: number, word: string): number {
  const end = from + word.length;
  if (text.slice(from, end).toLowerCase() !== word) return -1;
  const next = text[skipBlanks(text, end)];
  return next === undefined || next === ',' || next === ')' ? end : -1;
}

/** The end of a string that starts with a quote at `from`. */
export function scanString(text: string, from: number): number {
  const quote = text[from];
  if (quote !== '"' && quote !== "'") return -1;
  let end = -1;
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]!; // at < length
    if (char === '\\') at += 1;
    else if (char === quote) {
      end = at + 1;
      if (text[end] !== quote) return end;
      at = end; // a doubled quote goes on, if another one ends the string
    } else if (char === '\n' || char === '\r') break;
  }
  return end;
}

/**
 * Index of the partner by that of each `{` and `[` that has one: as far as find pairs them, which
 * knows no classes across dots. One pass, because any argument may start with a lone brace.
 */
export function bracketPairs(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  if (!/[{[]/.test(text)) return pairs;
  const braces: number[] = [];
  let bracket = -1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!; // at < length
    if (char === '\\') at += 1;
    else if (ENDS_INSIDE.includes(char) || isBlank(char)) {
      braces.length = 0;
      bracket = -1;
    } else if (char === '.') bracket = -1;
    else if (char === '{') braces.push(at);
    else if (char === '}') {
      const from = braces.pop();
      if (from !== undefined) pairs.set(from, at);
    } else if (char === '[' && bracket === -1) {
      bracket = at;
      // A `]` right behind the start of a class is one of its characters.
      if (text[at + 1] === '!') at += 1;
      if (text[at + 1] === ']') at += 1;
    } else if (char === ']' && bracket !== -1) {
      pairs.set(bracket, at);
      bracket = -1;
    }
  }
  return pairs;
}

/**
 * A path, empty elements between two dots and at its end too. A bracket or brace without
 * a partner is a character as any other, which is what find takes it for.
 */
export function scanPath(text: string, from: number, pairs: ReadonlyMap<number, number>): number {
  let at = from;
  let insideUntil = -1;
  for (; at < text.length; at++) {
    const char = text[at]!; // at < length
    if (char === '\\') at += 1;
    else if (char === '{' || char === '[') insideUntil = Math.max(insideUntil, pairs.get(at) ?? -1);
    else if (at >= insideUntil && (ENDS.includes(char) || isBlank(char))) break;
  }
  const end = Math.min(at, text.length);
  return /[^.]/.test(text.slice(from, end)) ? end : -1;
}

/** The text that a path as written stands for: backslashes only let characters in. */
export function pathText(written: string): string {
  return written.replaceAll('\\', '');
}

/** A name as a path that stands for it: what would end the path gets a backslash. */
export function writtenPath(name: string): string {
  return name.replaceAll(/[(),'"|\s\0- ]/g, '\\$&');
}

/** A text as a string that stands for it; undefined where the grammar, which has no escapes, has none. */
export function writtenString(text: string): string | undefined {
  for (const quote of ['"', "'"]) {
    const written = quote + text + quote;
    if (!text.includes(quote) && scanString(written, 0) === written.length) return written;
  }
  return undefined;
}

function isBlank(char: string): boolean {
  return char <= ' ' || /\s/.test(char);
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
