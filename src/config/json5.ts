/**
 * JSON5 text to plain values, with the place of every one of them. The grammar is momoa's; what is
 * added is StatsD's way of writing it: its `config.js` is one object literal that StatsD evaluates,
 * so a `;` at the end is fine, and whatever is code (`require(…)`, `module.exports =`, `a + b`) is
 * rejected with its place and never run.
 */
import { parse, type ValueNode } from '@humanwhocodes/momoa';

/** Limit of nesting; the deepest real configuration has four levels. */
const DEPTH_MAX = 32;

export interface Located {
  /** Objects have no prototype, so that a key `__proto__` is a key. */
  value: unknown;
  /** `line:column` by path: '' the whole, `/servers/0/port` a value, `/servers/0/port#` its key. */
  places: Map<string, string>;
  /** Keys that occur twice in one object, by path; the last one counts. */
  duplicates: string[];
}

type Json5Result = Located | SyntaxProblem;

interface SyntaxProblem {
  /** What was read, what was expected. */
  problem: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** The key whose value is code, such as `graphite.globalSuffix`. */
  codeOf?: string;
}

/** Reads one JSON5 value; text without any (comments only) is an empty object. */
export function readJson5(textWithMark: string): Json5Result {
  const text = textWithMark.replace(/^\uFEFF/, '');
  const places = new Map<string, string>();
  const duplicates: string[] = [];
  if (isBlank(text)) return { value: Object.create(null), places, duplicates };
  const problem = scan(text);
  if (problem !== undefined) return problem;
  try {
    // The line feed changes nothing, but momoa 3.3.13 does not return from a backslash at the end.
    const document = parse(`${text}\n`, { mode: 'json5', allowTrailingCommas: true });
    return { value: located(document.body, '', { places, duplicates }), places, duplicates };
  } catch (error) {
    const offset = offsetOf(error);
    if (offset === undefined) throw error;
    if (text[offset] === ';' && isBlank(text.slice(offset + 1))) {
      return readJson5(text.slice(0, offset));
    }
    return offset >= text.trimEnd().length ? endsEarly(text) : explain(text, offset);
  }
}

function located(
  node: ValueNode,
  path: string,
  found: { places: Map<string, string>; duplicates: string[] },
): unknown {
  const { line, column } = node.loc.start;
  found.places.set(path, `${line}:${column}`);
  switch (node.type) {
    case 'Object': {
      const object = Object.create(null) as Record<string, unknown>;
      for (const member of node.members) {
        const key = member.name.type === 'Identifier' ? member.name.name : member.name.value;
        const at = `${path}/${key}`;
        const { start } = member.name.loc;
        found.places.set(`${at}#`, `${start.line}:${start.column}`);
        if (key in object) found.duplicates.push(at);
        object[key] = located(member.value, at, found);
      }
      return object;
    }
    case 'Array':
      return node.elements.map((element, i) => located(element.value, `${path}/${i}`, found));
    case 'Null':
      return null;
    case 'NaN':
      return node.sign === '-' ? -NaN : NaN;
    case 'Infinity':
      return node.sign === '-' ? -Infinity : Infinity;
    default:
      return node.value;
  }
}

/** True when nothing but blanks and comments is left. */
function isBlank(text: string): boolean {
  const skip = /\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\//y;
  while (skip.lastIndex < text.length) {
    if (!skip.test(text)) return false;
  }
  return true;
}

/**
 * What the grammar cannot be trusted with: it recurses, so brackets are counted first, and it lets
 * a text in quotes run over the end of its line, so that a forgotten quote is told far from where
 * it is missing.
 */
function scan(text: string): SyntaxProblem | undefined {
  const token =
    /(["'])(?:(?!\1)[^\\\n\r]|\\(?:\r\n|[^]|$))*(\1?)|\/\/[^\n\r]*|\/\*[^]*?\*\/|[[\]{}]/g;
  let depth = 0;
  for (const match of text.matchAll(token)) {
    const [char, quote, closing] = match;
    if (quote !== undefined && closing === '') {
      const problem = `read a text that starts with ${quote}, expected ${quote} at its end as well`;
      return { problem, ...position(text, match.index) };
    }
    if (char === '[' || char === '{') depth += 1;
    if (char === ']' || char === '}') depth -= 1;
    if (depth > DEPTH_MAX) {
      const problem = `a bracket inside ${DEPTH_MAX} others, expected fewer levels`;
      return { problem, ...position(text, match.index) };
    }
  }
  return undefined;
}

function offsetOf(error: unknown): number | undefined {
  return error instanceof Error && 'offset' in error && typeof error.offset === 'number'
    ? error.offset
    : undefined;
}

function endsEarly(text: string): SyntaxProblem {
  const problem = 'the text ends here, expected a value or a closing bracket';
  return { problem, ...position(text, text.trimEnd().length) };
}

/** A sentence for what stands at the offset where the grammar gave up. */
function explain(text: string, offset: number): SyntaxProblem {
  const before = text.slice(0, offset).trimEnd();
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0x20);
  // In `'a' + b` the grammar takes the sign for a number's and stumbles over what follows it.
  const sign = /[+-]$/.exec(before)?.[0];
  if (sign !== undefined || (/[+\-*/%(]/.test(char) && before !== '')) {
    const at = sign === undefined ? offset : before.length - 1;
    const read = JSON.stringify(sign ?? char);
    return code(`read ${read}, ${NOT_CODE}`, text, at);
  }
  const at = position(text, offset);
  const word = /^[\p{L}_$][\p{L}\p{N}_$.]*/u.exec(text.slice(offset))?.[0];
  if (word === undefined) {
    const read = /^["'`]/.test(char) ? `the quote ${char}` : JSON.stringify(char);
    return { problem: `read ${read}, expected a key, a value, a comma or a bracket`, ...at };
  }
  if (isCode(word, text.slice(offset + word.length))) {
    return code(`read "${word}", ${NOT_CODE}`, text, offset);
  }
  const expected = before === '' ? 'an object in braces' : 'a text in quotes, a number or a comma';
  return { problem: `read "${word}", expected ${expected}`, ...at };
}

function code(problem: string, text: string, offset: number): SyntaxProblem {
  const key = keyAt(text, offset);
  return { problem, ...position(text, offset), ...(key === undefined ? {} : { codeOf: key }) };
}

/** The path of the key whose value stands at the offset; undefined in lists, and where there is none. */
function keyAt(text: string, offset: number): string | undefined {
  const token =
    /(["'])((?:(?!\1)[^\\]|\\[^])*)\1|\/\/[^\n\r]*|\/\*[^]*?\*\/|[[\]{},:]|([\p{L}_$][\p{L}\p{N}_$]*)/gu;
  const keys: (string | undefined)[] = [];
  let last: string | undefined;
  for (const { 0: char, 2: quoted, 3: word, index } of text.matchAll(token)) {
    if (index >= offset) break;
    const key = quoted ?? word;
    if (key !== undefined) last = key;
    else if (char === '{' || char === '[') keys.push(undefined);
    else if (char === '}' || char === ']') keys.pop();
    else if (char === ':' || char === ',') keys[keys.length - 1] = char === ':' ? last : undefined;
  }
  return keys.includes(undefined) || keys.length === 0 ? undefined : keys.join('.');
}

const NOT_CODE = 'expected a plain value: code in a configuration is never evaluated';
const CODE_WORDS = /^(?:module|exports|require|function|process|new|var|let|const|return|import)\b/;

function isCode(word: string, after: string): boolean {
  return word.includes('.') || CODE_WORDS.test(word) || /^\s*(?:\(|=|\[|\+)/.test(after);
}

function position(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: lines[lines.length - 1]!.length + 1 }; // never empty
}
