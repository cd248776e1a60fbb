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

/** What ends a path, unless after a backslash, beside blanks. */
const ENDS = codesOf('(),\'"|');
/** What ends one also between braces or brackets. */
const ENDS_INSIDE = codesOf('()\'"');
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
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

/** Index of the partner by that of each `{` and `[`, 0 where there is none. */
export type BracketPairs = Int32Array;

const NO_PAIRS: BracketPairs = new Int32Array(0);

/**
 * Which braces and brackets are pairs: as far as find pairs them, which
 * knows no classes across dots. One pass, because any argument may start with a lone brace.
 */
export function bracketPairs(text: string): BracketPairs {
  if (!/[{[]/.test(text)) return NO_PAIRS;
  const pairs = new Int32Array(text.length);
  const braces: number[] = [];
  let bracket = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (ENDS_INSIDE[code] === 1 || isBlank(code)) {
      braces.length = 0;
      bracket = -1;
    } else if (code === DOT) bracket = -1;
    else if (code === OPEN_BRACE) braces.push(at);
    else if (code === CLOSE_BRACE) {
      const from = braces.pop();
      if (from !== undefined) pairs[from] = at;
    } else if (code === OPEN_BRACKET && bracket === -1) {
      bracket = at;
      // A `]` right behind the start of a class is one of its characters.
      if (text[at + 1] === '!') at += 1;
      if (text[at + 1] === ']') at += 1;
    } else if (code === CLOSE_BRACKET && bracket !== -1) {
      pairs[bracket] = at;
      bracket = -1;
    }
  }
  return pairs;
}

/**
 * A path, empty elements between two dots and at its end too. A bracket or brace without
 * a partner is a character as any other, which is what find takes it for.
 */
export function scanPath(text: string, from: number, pairs: BracketPairs): number {
  let at = from;
  let insideUntil = -1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      insideUntil = Math.max(insideUntil, pairs[at] ?? 0);
    } else if (at >= insideUntil && (ENDS[code] === 1 || isBlank(code))) break;
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

/** By the code of an ASCII character, whether it is one of these. */
function codesOf(chars: string): Uint8Array {
  const codes = new Uint8Array(0x80);
  for (let i = 0; i < chars.length; i++) codes[chars.charCodeAt(i)] = 1;
  return codes;
}

/** U+00A0 is the only other one below U+1680. */
function isBlank(code: number): boolean {
  if (code < 0x1680) return code <= 0x20 || code === 0xa0;
  return /\s/.test(String.fromCharCode(code));
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
