/**
 * The words of a target: paths, strings, numbers and names, read from a position onwards. Each
 * scanner answers the end of what it read, or -1 when there is no such word. The shapes are those
 * of graphite-web's render/grammar.py.
 *
 *     servers.web{01,02}.cpu.*   path: elements of any characters but blanks and ( ) { } , . ' " \ |
 *     a\.b  x;tag=v              which a backslash lets in; braces hold alternatives and do not nest
 *     "5min" '5min'              string: up to the same quote, unless after a backslash or doubled
 *     -12  0.5  1e-2             number: only when `,` or `)` or the end follows
 */

const SYMBOLS = '(){},.\'"\\|';

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
 * A path. An empty element between two dots is read too (it matches nothing); one at the start or
 * the end is not.
 */
export function scanPath(text: string, from: number): number {
  let at = scanElement(text, from);
  if (at === -1) return -1;
  while (text[at] === '.') {
    let next = at;
    while (text[next] === '.') next += 1;
    const end = scanElement(text, next);
    if (end === -1) return at;
    at = end;
  }
  return at;
}

function scanElement(text: string, from: number): number {
  let at = from;
  for (;;) {
    const end = text[at] === '{' ? scanBraces(text, at) : scanPlain(text, at);
    if (end === -1) return at === from ? -1 : at;
    at = end;
  }
}

function scanBraces(text: string, from: number): number {
  let at = from;
  do {
    at = scanPlain(text, at + 1);
    if (at === -1) return -1;
  } while (text[at] === ',');
  return text[at] === '}' ? at + 1 : -1;
}

/** Characters without meaning, and those that a backslash takes theirs from. */
function scanPlain(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '\\') {
      const next = text[at + 1];
      if (next === undefined || (!SYMBOLS.includes(next) && next !== '=')) break;
      at += 2;
    } else if (SYMBOLS.includes(char) || isBlank(char)) break;
    else at += 1;
  }
  return at === from ? -1 : at;
}

function isBlank(char: string): boolean {
  return char <= ' ' || /\s/.test(char);
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
