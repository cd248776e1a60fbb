/**
 * Walks the name tree along a find pattern: one compiled glob for each dotted part of the pattern,
 * asked once per distinct text. `**` stands for any number of nodes (at the end: at least one), as
 * in graphite-web; with it a node can be reached in several ways at once, so the walk carries a set
 * of positions and still visits each node once. Called by name-tree.ts.
 */
import type { FoundNode } from '../roles.ts';
import { UserError } from '../../lib/errors.ts';
import { type InSteps, STEPS_AT_ONCE, sortInSteps } from '../../lib/in-steps.ts';
import { compareNames } from './byte-order.ts';
import { type Glob, compileGlob } from './glob.ts';
import { NameCursor } from './name-cursor.ts';
import { type NameNodes, NO_SERIES } from './name-nodes.ts';

const ROOT = 0;
/** Nodes of a pattern: a name of a thousand characters has no more. */
const PARTS_MAX = 500;
/** What a node found costs beside looking at it: a path, an object. */
const HIT_STEPS = 10;
const NO = 1;
const YES = 2;

interface Part {
  globstar: boolean;
  glob: Glob;
  /** The id of the only text that matches, when there is no wildcard; -1 when no node has it. */
  textId: number | undefined;
  /** Answers by text id: 0 (unknown), NO or YES. Made at the first question. */
  answers: Uint8Array | undefined;
}

/** A set of positions: indexes of the part that comes next; parts.length is a whole match. */
interface Front {
  positions: readonly number[];
  full: boolean;
  /** Positions whose part a child must match to go on. */
  asking: readonly number[];
  /** The set that is left when a child matches none of them: the positions at a `**`. */
  passed: Front | undefined;
  /** The set with one more position, by that position. */
  joined: (Front | undefined)[];
}

export class NameFind {
  private readonly nodes: NameNodes;
  private readonly pattern: string;
  private parts: Part[];
  private readonly limit: number;
  private readonly names: readonly (string | undefined)[];
  private readonly found: FoundNode[] = [];
  private readonly fronts = new Map<string, Front>();
  private readonly cursor: NameCursor;
  /** By depth of the cursor, on a walk with `**`. */
  private readonly reached: Front[] = [];
  private isSorted = true;
  private steps = 0;
  /** The parent whose path was asked for last, and that path with a dot. */
  private prefixNode = ROOT;
  private prefix = '';

  /** `names` holds the whole names of series by id, where they are stored anyway. */
  constructor(
    nodes: NameNodes,
    pattern: string,
    limit: number,
    names: readonly (string | undefined)[],
  ) {
    this.nodes = nodes;
    this.pattern = pattern;
    this.parts = compileParts(pattern, nodes);
    this.limit = limit;
    this.names = names;
    this.cursor = new NameCursor(nodes);
  }

  /** Sorted by path; throws `overLimit` when there are more than the limit. */
  *run(): InSteps<FoundNode[]> {
    if (this.parts.length === 0) return [];
    const isDeep = this.parts.some((part) => part.globstar);
    if (isDeep) {
      this.isSorted = false;
      this.enterDeep(ROOT, this.frontOf([0]));
    } else this.enter(ROOT);
    const { cursor } = this;
    while (cursor.depth >= 0) {
      if (cursor.isUnsorted) {
        cursor.note();
        yield* this.nodes.sorting(cursor.parent);
        if (!this.goOn()) cursor.begin();
      } else if (this.steps >= STEPS_AT_ONCE) {
        cursor.note();
        yield this.steps;
        this.steps = 0;
        this.goOn();
      } else if (isDeep) this.walkDeep();
      else this.walk();
    }
    if (this.isSorted) return this.found;
    return yield* sortInSteps(this.found, (a, b) => compareNames(a.path, b.path));
  }

  /** After a pause, in which names may have come and gone; whether any have gone. */
  private goOn(): boolean {
    if (!this.cursor.find()) return false;
    // Ids of texts may stand for others now, numbers of nodes too.
    this.prefixNode = ROOT;
    this.prefix = '';
    this.parts = compileParts(this.pattern, this.nodes);
    return true;
  }

  /** Without `**`: every node found is parts.length deep, and the walk is in order. */
  private walk(): void {
    const { cursor, parts } = this;
    while (cursor.depth >= 0 && this.steps < STEPS_AT_ONCE && !cursor.isUnsorted) {
      const part = parts[cursor.depth]!; // depth < parts.length
      if (cursor.depth === parts.length - 1) this.list(part);
      else this.follow(part);
    }
  }

  /** The children that match the last part. */
  private list(part: Part): void {
    const { nodes, cursor } = this;
    const { parent } = cursor;
    const { all } = part.glob;
    if (nodes.ordersDiffer(parent)) this.isSorted = false;
    let child = cursor.next;
    for (; child !== 0 && this.steps < STEPS_AT_ONCE; child = nodes.nextSibling(child)) {
      this.steps += 1;
      if (all || this.matches(part, child)) this.hit(child, parent);
    }
    cursor.next = child;
    if (child === 0) cursor.leave();
  }

  /** The children that match a part before the last, up to one that is entered. */
  private follow(part: Part): void {
    const { nodes, cursor } = this;
    let child = cursor.next;
    while (child !== 0 && this.steps < STEPS_AT_ONCE) {
      const branch = child;
      child = nodes.nextSibling(child);
      this.steps += 1;
      if (!nodes.hasChildren(branch) || !this.matches(part, branch)) continue;
      cursor.next = child;
      if (this.enter(branch)) return;
    }
    cursor.next = child;
    if (child === 0) cursor.leave();
  }

  /**
   * Enters the branch at which the next part with a wildcard is asked, along the parts without one;
   * false when there is none. What those parts alone lead to is found.
   */
  private enter(from: number): boolean {
    const { nodes, cursor, parts } = this;
    const start = cursor.depth;
    for (let node = from; ;) {
      const depth = cursor.depth + 1;
      const { textId } = parts[depth]!; // only branches above the last part are entered
      const isLast = depth === parts.length - 1;
      if (textId === undefined) {
        cursor.enter(node);
        return true;
      }
      const child = textId < 0 ? 0 : nodes.childByTextId(node, textId);
      this.steps += 1;
      if (isLast && child !== 0) this.hit(child, node);
      if (isLast || child === 0 || !nodes.hasChildren(child)) {
        cursor.depth = start;
        return false;
      }
      cursor.pass(node);
      node = child;
    }
  }

  private walkDeep(): void {
    const { cursor, reached } = this;
    while (cursor.depth >= 0 && this.steps < STEPS_AT_ONCE && !cursor.isUnsorted) {
      this.followDeep(reached[cursor.depth]!); // one for each depth
    }
  }

  /** The children that go on from a front, up to one that is entered. */
  private followDeep(front: Front): void {
    const { nodes, parts, cursor } = this;
    const { parent } = cursor;
    const { asking, passed } = front;
    let next = cursor.next;
    while (next !== 0 && this.steps < STEPS_AT_ONCE) {
      const child = next;
      next = nodes.nextSibling(child);
      this.steps += 1 + asking.length;
      let reached = passed;
      for (const position of asking) {
        if (!this.matches(parts[position]!, child)) continue; // asking holds indexes of parts
        reached = this.join(reached, position + 1);
      }
      if (reached === undefined) continue;
      if (reached.full) this.hit(child, parent);
      if (!nodes.hasChildren(child)) continue;
      cursor.next = next;
      this.enterDeep(child, reached);
      return;
    }
    cursor.next = next;
    if (next === 0) cursor.leave();
  }

  private enterDeep(node: number, front: Front): void {
    this.cursor.enter(node);
    this.reached[this.cursor.depth] = front;
  }

  private join(front: Front | undefined, position: number): Front {
    if (front === undefined) return this.frontOf([position]);
    return (front.joined[position] ??= this.frontOf([...front.positions, position]));
  }

  /** The positions and those behind each `**`, which may stand for nothing. */
  private frontOf(starts: readonly number[]): Front {
    const reached = new Set<number>();
    for (const start of starts) {
      let position = start;
      reached.add(position);
      while (this.parts[position]?.globstar === true) reached.add(++position);
    }
    const positions = [...reached].sort((a, b) => a - b);
    const key = positions.join();
    const known = this.fronts.get(key);
    if (known !== undefined) return known;
    const front: Front = {
      positions,
      full: positions.at(-1) === this.parts.length,
      asking: positions.filter((position) => this.parts[position]?.globstar === false),
      passed: undefined,
      joined: [],
    };
    this.fronts.set(key, front);
    const passing = positions.filter((position) => this.parts[position]?.globstar === true);
    if (passing.length > 0) front.passed = this.frontOf(passing);
    return front;
  }

  private matches(part: Part, node: number): boolean {
    if (part.glob.all) return true;
    const textId = this.nodes.textIdOf(node);
    part.answers ??= new Uint8Array(this.nodes.texts.limit);
    const known = part.answers[textId];
    if (known === YES || known === NO) return known === YES;
    const text = this.nodes.texts.text(textId);
    this.steps += part.glob.spellings * text.length;
    const yes = part.glob.matches(text);
    // Texts that are newer than the answers are asked each time.
    part.answers[textId] = yes ? YES : NO;
    return yes;
  }

  private hit(node: number, parent: number): void {
    const { nodes, found } = this;
    if (found.length >= this.limit) {
      const sentence = `the pattern matches more than ${this.limit} names, expected fewer: narrow it`;
      throw new UserError('overLimit', sentence);
    }
    this.steps += HIT_STEPS;
    const id = nodes.seriesOf(node);
    const leaf = id !== NO_SERIES;
    const text = nodes.textOf(node);
    const path = (leaf ? this.names[id] : undefined) ?? this.prefixOf(parent) + text;
    found.push({ path, text, leaf, branch: nodes.hasChildren(node), id });
  }

  /** What comes before the texts of a node's children, which are asked for one after another. */
  private prefixOf(parent: number): string {
    if (parent === this.prefixNode) return this.prefix;
    const { nodes } = this;
    let prefix = '';
    for (let node = parent; node !== ROOT; node = nodes.parentOf(node)) {
      prefix = `${nodes.textOf(node)}.${prefix}`;
    }
    this.prefixNode = parent;
    return (this.prefix = prefix);
  }
}

/** Parts of a pattern; empty ones are left out, as in a path with two slashes. */
function compileParts(pattern: string, nodes: NameNodes): Part[] {
  const texts = pattern
    .replaceAll('\\', '')
    .split('.', PARTS_MAX + 1)
    .filter(Boolean);
  if (texts.length > PARTS_MAX) {
    const sentence = `a pattern of over ${PARTS_MAX} nodes, no name is as deep`;
    throw new UserError('overLimit', `${sentence}: expected fewer`);
  }
  // A closing `**` takes at least one part: `**` then `*`.
  if (texts.at(-1) === '**') texts.push('*');
  return texts.map((text) => {
    const glob = compileGlob(text);
    const textId = glob.literal === undefined ? undefined : nodes.texts.find(glob.literal);
    return { globstar: text === '**', glob, textId, answers: undefined };
  });
}
