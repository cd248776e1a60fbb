/**
 * Macros of the configuration (`define`), with the meaning that carbonapi documents: a call of a
 * macro's name, or its bare name, is replaced by the macro's text with the arguments filled in, as
 * they were written; the result is expanded again.
 *
 *     perMinute: 'perSecond({{.argString}})|scale(60)'
 *     sum(perMinute(a.*))  ->  sum(scale(perSecond(a.*),60))
 */
import { badTarget, overLimit, UserError } from '../../lib/errors.ts';
import { fillTemplate, readTemplate, type TemplatePart } from '../../lib/template.ts';
import type { CallNode, Node, PathNode } from './ast.ts';
import { parseTarget, TARGET_DEPTH_MAX, TARGET_LENGTH_MAX } from './parse.ts';

/** Macros that may stand inside each other, those in arguments counted. */
const DEFINE_DEPTH_MAX = 20;

const SAMPLE_ARGUMENTS = Array.from({ length: 10 }, () => 'x').join(',');

export type Defines = ReadonlyMap<string, readonly TemplatePart[]>;

/** Templates by macro name; throws `badConfig` for one that cannot be read. */
export function readDefines(texts: Readonly<Record<string, string>>): Defines {
  const defines = new Map<string, readonly TemplatePart[]>();
  for (const [name, text] of Object.entries(texts)) {
    const parts = readTemplate(text);
    if (!Array.isArray(parts)) throw new UserError('badConfig', `define ${name}: ${parts.wrong}`);
    defines.set(name, parts);
  }
  return defines;
}

/** The target without macros; one that uses none stays as it is, to the character. */
export function expandDefines(
  target: string,
  defines: Defines,
  depthMax = TARGET_DEPTH_MAX,
): string {
  if (defines.size === 0 || target.trim() === '') return target;
  if (![...defines.keys()].some((name) => target.includes(name))) return target;
  const expansion = new Expansion(defines, depthMax);
  const expanded = expansion.textOf(target, parseTarget(target, depthMax), 0);
  return expansion.count === 0 ? target : expanded;
}

/** Those that no target can use, as their texts name each other in a circle. */
export function circularDefines(texts: Readonly<Record<string, string>>): string[] {
  const defines = readDefines(texts);
  return [...defines.keys()].filter((name) => {
    const expansion = new Expansion(defines, TARGET_DEPTH_MAX);
    const target = `${name}(${SAMPLE_ARGUMENTS})`;
    try {
      expansion.textOf(target, parseTarget(target), 0);
    } catch (error) {
      // What else is wrong may be so with these arguments alone.
      if (!(error instanceof UserError)) throw error;
    }
    return expansion.isEndless;
  });
}

class Expansion {
  /** Macros replaced so far. */
  count = 0;
  /** Given up: macros stand inside each other without an end. */
  isEndless = false;
  private length = 0;
  private readonly defines: Defines;
  private readonly depthMax: number;
  private nested = 0;

  constructor(defines: Defines, depthMax: number) {
    this.defines = defines;
    this.depthMax = depthMax;
  }

  /** A node as text without macros; pipes are written as calls, which fit everywhere. */
  textOf(text: string, node: Node, depth: number, own?: string): string {
    this.nested += 1;
    // Macros inside macros make deeper targets than each of their texts.
    if (this.nested > this.depthMax + DEFINE_DEPTH_MAX + 1) {
      throw badTarget(`target: over ${this.depthMax} calls inside each other`);
    }
    const expanded = this.expand(text, node, depth, own);
    this.nested -= 1;
    return expanded;
  }

  private expand(text: string, node: Node, depth: number, own?: string): string {
    if (node.kind === 'call') {
      const parts = node.name === own ? undefined : this.defines.get(node.name);
      if (parts !== undefined) return this.replace(text, node, node.name, parts, depth);
      if (!isPiped(node)) return this.splice(text, node, childrenOf(node), depth);
      const args = node.args.map((arg) => this.textOf(text, arg, depth));
      const named = node.named.map(
        (argument) => `${argument.name}=${this.textOf(text, argument.value, depth)}`,
      );
      return `${node.name}(${[...args, ...named].join(',')})`;
    }
    if (node.kind === 'path') {
      const parts = node.text === own ? undefined : this.defines.get(node.text);
      if (parts !== undefined) return this.replace(text, node, node.text, parts, depth);
    }
    if (node.kind === 'template') return this.splice(text, node, [node.body], depth);
    return text.slice(node.at, node.end);
  }

  private replace(
    text: string,
    node: CallNode | PathNode,
    name: string,
    parts: readonly TemplatePart[],
    depth: number,
  ): string {
    if (depth >= DEFINE_DEPTH_MAX) {
      this.isEndless = true;
      throw badTarget(`define ${name}: over ${DEFINE_DEPTH_MAX} macros inside each other`);
    }
    const filled = fillTemplate(parts, argumentsOf(text, node));
    if (typeof filled !== 'string') {
      throw badTarget(`define ${name}: argument ${filled.missing + 1} is missing`);
    }
    this.count += 1;
    this.length += filled.length;
    if (this.length > TARGET_LENGTH_MAX) {
      throw overLimit(
        `define ${name}: macros make over ${TARGET_LENGTH_MAX} characters of a target`,
      );
    }
    // A macro may hide the function of its own name, as in carbonapi.
    return this.textOf(filled, parseFilled(name, filled, this.depthMax), depth + 1, name);
  }

  private splice(text: string, node: Node, children: Node[], depth: number): string {
    let out = '';
    let at = node.at;
    for (const child of children) {
      out += text.slice(at, child.at) + this.textOf(text, child, depth);
      at = child.end;
    }
    return out + text.slice(at, node.end);
  }
}

function parseFilled(name: string, filled: string, depthMax: number): Node {
  try {
    return parseTarget(filled, depthMax);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw badTarget(`define ${name}: its text with arguments: ${error.message}`);
  }
}

function argumentsOf(text: string, node: CallNode | PathNode) {
  if (node.kind === 'path') return { all: '', positional: [], named: new Map<string, string>() };
  const positional = node.args.map((arg) => text.slice(arg.at, arg.end));
  const named = new Map(
    node.named.map(({ name, value }) => [name, text.slice(value.at, value.end)] as const),
  );
  const pairs = node.named.map(({ at, value }) => text.slice(at, value.end));
  const first = node.args[0];
  const last = childrenOf(node).at(-1);
  const all =
    first === undefined || last === undefined || isPiped(node)
      ? [...positional, ...pairs].join(',')
      : text.slice(first.at, last.end);
  return { all, positional, named };
}

function isPiped(node: CallNode): boolean {
  return node.at < node.nameAt;
}

function childrenOf(node: CallNode): Node[] {
  return [...node.args, ...node.named.map(({ value }) => value)];
}
