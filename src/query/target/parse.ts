/**
 * Reads a target into a tree. The grammar is graphite-web's (render/grammar.py):
 *
 *     expression = ( template | call | path ) { "|" call }
 *     call       = name "(" [ argument { "," argument } { "," name "=" argument } ] ")"
 *     argument   = boolean | number | none | inf | string | expression
 *     template   = "template(" ( call | path ) [ "," literals | "," named literals ] ")"
 *
 * Where Graphite silently drops what it does not understand (`app.ramp)`, a call with only keyword
 * arguments), this is an error that names the column. Nesting and length are limited, so recursion
 * is safe on any text.
 */
import { badTarget, overLimit, UserError } from '../../lib/errors.ts';
import type { CallNode, LiteralNode, NamedNode, Node, TemplateNode } from './ast.ts';
import {
  type BracketPairs,
  bracketPairs,
  pathText,
  scanName,
  scanNumber,
  scanPath,
  scanString,
  scanWord,
  skipBlanks,
} from './scan.ts';

/** Characters; a Grafana variable with thousands of values still fits. */
export const TARGET_LENGTH_MAX = 1_000_000;
/** Arguments that one call may be given: each is evaluated, and they lie on the stack. */
const ARGUMENTS_MAX = 10_000;
/** Calls inside calls, pipes counted, unless a caller says otherwise. */
export const TARGET_DEPTH_MAX = 100;
/** Greatest depth that a caller may set: nested expressions are read and evaluated by recursion. */
export const TARGET_DEPTH_LIMIT = 1000;

interface Reader {
  text: string;
  pairs: BracketPairs;
  depth: number;
  depthMax: number;
  /** Takes what looks like a path where a call is broken, as Graphite does. */
  lenient: boolean;
}

/** Parses a whole target; throws `badTarget` with a column when it is not one. */
export function parseTarget(text: string, depthMax = TARGET_DEPTH_MAX): Node {
  checkLength(text);
  const pairs = bracketPairs(text);
  const reader: Reader = { text, pairs, depth: 0, depthMax, lenient: false };
  const node = readExpression(reader, skipBlanks(text, 0));
  const rest = skipBlanks(text, node.end);
  if (rest < text.length) throw unexpected(text, rest, 'the end of the target');
  checkDepth(node, depthMax);
  return node;
}

/** Parses as much of the start of a text as is a target; undefined when nothing is. */
export function parseTargetStart(text: string): Node | undefined {
  checkLength(text);
  try {
    const pairs = bracketPairs(text);
    const reader = { text, pairs, depth: 0, depthMax: TARGET_DEPTH_LIMIT, lenient: true };
    return readExpression(reader, skipBlanks(text, 0));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** 1-based column of an offset, for sentences. */
function columnOf(at: number): string {
  return `column ${at + 1}`;
}

function readExpression(reader: Reader, from: number): Node {
  const { text } = reader;
  reader.depth += 1;
  // The argument of the innermost call is an expression too.
  if (reader.depth > reader.depthMax + 1) throw tooDeep(reader.depthMax, from);
  let node = readHead(reader, from);
  for (;;) {
    const bar = skipBlanks(text, node.end);
    if (text[bar] !== '|') break;
    const at = skipBlanks(text, bar + 1);
    if (!startsCall(text, at)) {
      if (reader.lenient) break;
      throw unexpected(text, at, 'a function call after "|"');
    }
    const call = readCall(reader, at);
    node = { ...call, args: [node, ...call.args], at: node.at };
  }
  reader.depth -= 1;
  return node;
}

function readHead(reader: Reader, from: number): Node {
  const { text } = reader;
  if (startsCall(text, from)) {
    const depth = reader.depth;
    try {
      return text.startsWith('template', from) && scanName(text, from) === from + 8
        ? readTemplate(reader, from)
        : readCall(reader, from);
    } catch (error) {
      if (!reader.lenient || !(error instanceof UserError)) throw error;
      reader.depth = depth;
    }
  }
  return readPath(reader, from);
}

function readPath(reader: Reader, from: number): Node {
  const { text, pairs } = reader;
  let end = scanPath(text, from, pairs);
  // A recorded answer says that graphite-web reads no path that starts with a dot.
  if (end === -1 || text[from] === '.') {
    const isNumber = /^\.\d/.test(text.slice(from, from + 2));
    throw unexpected(text, from, isNumber ? 'a number such as 0.5 or 5' : 'a path or a function');
  }
  // In a series' name the bar of a path has lost its backslash.
  while (reader.lenient && text[end] === '|' && !startsCall(text, skipBlanks(text, end + 1))) {
    const next = scanPath(text, end + 1, pairs);
    if (next === -1) break;
    end = next;
  }
  return { kind: 'path', text: pathText(text.slice(from, end)), at: from, end };
}

function readCall(reader: Reader, from: number): CallNode {
  const { text } = reader;
  const nameEnd = scanName(text, from);
  const name = text.slice(from, nameEnd);
  const args: Node[] = [];
  const named: NamedNode[] = [];
  let at = skipBlanks(text, skipBlanks(text, nameEnd) + 1);
  if (text[at] === ')')
    return { kind: 'call', name, nameAt: from, args, named, at: from, end: at + 1 };
  for (;;) {
    // Nor is what a series' name starts with a keyword: `sumSeries(a=b.c)`.
    const isFirst = reader.lenient && args.length === 0;
    const valueAt = isFirst ? undefined : afterKeyword(text, at);
    if (valueAt === undefined) {
      if (named.length > 0) throw unexpected(text, at, 'a keyword argument after another');
      const value = readArgument(reader, at);
      args.push(value);
      if (args.length > ARGUMENTS_MAX) throw tooManyArguments(name);
      at = value.end;
    } else {
      if (args.length === 0) throw unexpected(text, at, 'an argument without keyword first');
      const value = readArgument(reader, valueAt);
      named.push({ name: text.slice(at, scanName(text, at)), value, at });
      at = value.end;
    }
    at = skipBlanks(text, at);
    if (text[at] === ')')
      return { kind: 'call', name, nameAt: from, args, named, at: from, end: at + 1 };
    if (text[at] !== ',') throw unexpected(text, at, `"," or ")" in the call of ${name}`);
    at = skipBlanks(text, at + 1);
  }
}

function readTemplate(reader: Reader, from: number): TemplateNode {
  const { text } = reader;
  const open = skipBlanks(text, from + 8);
  const inner = skipBlanks(text, open + 1);
  const body = startsCall(text, inner) ? readCall(reader, inner) : readPath(reader, inner);
  const variables: [string, string | number][] = [];
  let isNamed: boolean | undefined;
  let count = 0;
  let at = skipBlanks(text, body.end);
  while (text[at] === ',') {
    at = skipBlanks(text, at + 1);
    const valueAt = afterKeyword(text, at);
    if (isNamed !== undefined && isNamed !== (valueAt !== undefined)) {
      throw unexpected(text, at, 'either only plain or only keyword values in template()');
    }
    isNamed = valueAt !== undefined;
    count += 1;
    const name = isNamed ? text.slice(at, scanName(text, at)) : String(count);
    const literal = readLiteral(text, valueAt ?? at);
    if (literal === undefined || (literal.kind !== 'string' && literal.kind !== 'number')) {
      throw unexpected(text, valueAt ?? at, 'a number or a string in template()');
    }
    variables.push([name, literal.value]);
    at = skipBlanks(text, literal.end);
  }
  if (text[at] !== ')') throw unexpected(text, at, '"," or ")" in template()');
  // A variable may be called __proto__.
  const byName = Object.fromEntries(variables);
  return { kind: 'template', body, variables: byName, at: from, end: at + 1 };
}

function readArgument(reader: Reader, from: number): Node {
  return readLiteral(reader.text, from) ?? readExpression(reader, from);
}

function readLiteral(text: string, from: number): LiteralNode | undefined {
  const at = from;
  let end = scanNumber(text, at);
  if (end !== -1) return { kind: 'number', value: Number(text.slice(at, end)), at, end };
  end = scanString(text, at);
  if (end !== -1) return { kind: 'string', value: text.slice(at + 1, end - 1), at, end };
  for (const value of [true, false]) {
    end = scanWord(text, at, String(value));
    if (end !== -1) return { kind: 'boolean', value, at, end };
  }
  end = scanWord(text, at, 'none');
  if (end !== -1) return { kind: 'none', at, end };
  end = scanWord(text, at, 'inf');
  return end === -1 ? undefined : { kind: 'number', value: Infinity, at, end };
}

function startsCall(text: string, from: number): boolean {
  const end = scanName(text, from);
  return end !== -1 && text[skipBlanks(text, end)] === '(';
}

/**
 * Offset of the value when `name =` is written here. Where no value follows it is a path: Base64
 * ends in `=`.
 */
function afterKeyword(text: string, from: number): number | undefined {
  const end = scanName(text, from);
  if (end === -1) return undefined;
  const equals = skipBlanks(text, end);
  if (text[equals] !== '=') return undefined;
  const value = skipBlanks(text, equals + 1);
  return value < text.length && !'=,)'.includes(text[value]!) ? value : undefined;
}

/** Pipes make a tree deeper than its brackets are; this walk needs no stack of its own. */
function checkDepth(root: Node, depthMax: number): void {
  const open: [node: Node, calls: number][] = [[root, 0]];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const [node, calls] = top;
    if (node.kind === 'template') open.push([node.body, calls]);
    if (node.kind !== 'call') continue;
    if (calls >= depthMax) throw tooDeep(depthMax, node.nameAt);
    for (const arg of node.args) open.push([arg, calls + 1]);
    for (const { value } of node.named) open.push([value, calls + 1]);
  }
}

function tooManyArguments(name: string): UserError {
  return overLimit(`${name}: over ${ARGUMENTS_MAX} arguments in one call, expected fewer`);
}

function tooDeep(depthMax: number, at: number): UserError {
  return badTarget(`target: over ${depthMax} calls inside each other at ${columnOf(at)}`);
}

function checkLength(text: string): void {
  if (text.length <= TARGET_LENGTH_MAX) return;
  throw badTarget(`target of ${text.length} characters: at most ${TARGET_LENGTH_MAX} are read`);
}

function unexpected(text: string, at: number, expected: string): UserError {
  const found = at >= text.length ? 'the end' : JSON.stringify(text.slice(at, at + 20));
  return badTarget(`target: ${found} read at ${columnOf(at)}, expected ${expected}`);
}
