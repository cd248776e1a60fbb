/**
 * Walks the name tree along a find pattern: one compiled glob a dotted part, asked once per distinct
 * segment. `**` stands for any number of parts (at the end: at least one), as in graphite-web; with
 * it a node can be reached in several ways at once, so the walk carries a set of positions and
 * still visits each node once. Called by name-tree.ts.
 */
import type { FoundNode } from '../store.ts';
import { UserError } from '../../lib/errors.ts';
import { compareNames } from './byte-order.ts';
import { type Glob, compileGlob } from './glob.ts';
import { type NameNodes, NO_SERIES } from './name-nodes.ts';

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

interface Part {
  globstar: boolean;
  glob: Glob;
  /** Answers by segment number: UNKNOWN, NO or YES. Made when first asked. */
  answers: Uint8Array | undefined;
}

export class NameFind {
  private readonly nodes: NameNodes;
  private readonly parts: Part[];
  private readonly limit: number;
  private readonly found: FoundNode[] = [];

  constructor(nodes: NameNodes, pattern: string, limit: number) {
    this.nodes = nodes;
    this.parts = compileParts(pattern);
    this.limit = limit;
  }

  /** Sorted by path; throws `overLimit` when there are more than the limit. */
  run(): FoundNode[] {
    if (this.parts.length === 0) return [];
    if (this.parts.some((part) => part.globstar)) {
      this.walkDeep(0, '', this.reach([0]));
      this.found.sort((a, b) => compareNames(a.path, b.path));
    } else this.walk(0, '', 0);
    return this.found;
  }

  /** Without `**`: every node of the answer is parts.length deep, and the walk is in order. */
  private walk(node: number, prefix: string, depth: number): void {
    const { nodes } = this;
    const part = this.parts[depth]!; // depth < parts.length
    const last = depth === this.parts.length - 1;
    const literal = part.glob.literal;
    if (literal !== undefined) {
      const child = nodes.child(node, literal);
      if (child !== 0) this.step(child, prefix, depth);
      return;
    }
    const from = this.found.length;
    for (let child = nodes.firstChild(node); child !== 0; child = nodes.nextSibling(child)) {
      if (this.matches(part, child)) this.step(child, prefix, depth);
    }
    if (last && nodes.ordersDiffer(node)) {
      const sorted = this.found.splice(from).sort((a, b) => compareNames(a.path, b.path));
      for (const one of sorted) this.found.push(one);
    }
  }

  private step(child: number, prefix: string, depth: number): void {
    const text = this.nodes.textOf(child);
    if (depth === this.parts.length - 1) this.hit(child, prefix, text);
    else if (this.nodes.hasChildren(child)) this.walk(child, `${prefix}${text}.`, depth + 1);
  }

  /** Positions are indexes of the part that comes next; parts.length is a full match. */
  private walkDeep(node: number, prefix: string, positions: readonly number[]): void {
    const { nodes, parts } = this;
    const passing = positions.filter((position) => parts[position]?.globstar === true);
    const asking = positions.filter((position) => parts[position]?.globstar === false);
    const onlyPassing = this.reach(passing);
    for (let child = nodes.firstChild(node); child !== 0; child = nodes.nextSibling(child)) {
      let reached = onlyPassing;
      for (const position of asking) {
        if (!this.matches(parts[position]!, child)) continue; // asking holds indexes of parts
        reached = this.reach([...reached, position + 1]);
      }
      if (reached.length === 0) continue;
      const full = reached.at(-1) === parts.length;
      if (full) this.hit(child, prefix, nodes.textOf(child));
      if (nodes.hasChildren(child))
        this.walkDeep(child, `${prefix}${nodes.textOf(child)}.`, reached);
    }
  }

  /** Adds the positions behind each `**`, which may stand for nothing; ascending, each once. */
  private reach(positions: readonly number[]): number[] {
    const reached = new Set<number>();
    for (const start of positions) {
      let position = start;
      reached.add(position);
      while (this.parts[position]?.globstar === true) reached.add(++position);
    }
    return [...reached].sort((a, b) => a - b);
  }

  private matches(part: Part, node: number): boolean {
    if (part.glob.all) return true;
    const segment = this.nodes.segmentOf(node);
    part.answers ??= new Uint8Array(this.nodes.segments.limit);
    const known = part.answers[segment]!;
    if (known !== UNKNOWN) return known === YES;
    const yes = part.glob.matches(this.nodes.segments.text(segment));
    part.answers[segment] = yes ? YES : NO;
    return yes;
  }

  private hit(node: number, prefix: string, text: string): void {
    const { nodes, found } = this;
    if (found.length >= this.limit) {
      const sentence = `the pattern matches more than ${this.limit} names, expected fewer: narrow it`;
      throw new UserError('overLimit', sentence);
    }
    const id = nodes.seriesOf(node);
    const branch = nodes.hasChildren(node);
    found.push({ path: prefix + text, text, leaf: id !== NO_SERIES, branch, id });
  }
}

/** Parts of a pattern; empty ones stand for nothing, as in a path with two slashes. */
function compileParts(pattern: string): Part[] {
  const texts = pattern.replaceAll('\\', '').split('.').filter(Boolean);
  // A closing `**` takes at least one part: `**` then `*`.
  if (texts.at(-1) === '**') texts.push('*');
  return texts.map((text) => ({
    globstar: text === '**',
    glob: compileGlob(text),
    answers: undefined,
  }));
}
