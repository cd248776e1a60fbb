/**
 * The nodes of the name tree as integers: 32 bytes a node, no object. The fields of a node lie
 * together, because a walk reads most of them: half a cache line instead of six. Node 0 is the
 * root. Children are a list (first child, next sibling) that is sorted when it is walked, in the
 * order of `text.` (the order of whole paths where all of them go on), so that a find need not
 * sort. Used by name-tree.ts and name-find.ts.
 */
import { grown } from '../../lib/grown.ts';
import { type InSteps, sortInSteps } from '../../lib/in-steps.ts';
import { ChildOrder } from './child-order.ts';
import { ChildTable } from './child-table.ts';
import { NodeTexts } from './node-texts.ts';

export const NO_SERIES = -1;
const SORTED = 1;
/** The text of one child begins another's that goes on with a byte below the dot: `a` and `a-b`. */
const ORDERS_DIFFER = 2;
const NEAR_CHILDREN = 4;

/** Fields of a node: NODE_CELLS integers from `node * NODE_CELLS` on. */
const NODE_CELLS = 8;
const PARENT = 0;
const TEXT_ID = 1;
const SERIES = 2;
const FIRST_CHILD = 3;
const NEXT = 4;
const PREVIOUS = 5;
const FLAGS = 6;
/** Nodes above it and itself, without the root. */
const DEPTH = 7;
/** The text of a node that is not in use. */
const UNUSED = -1;

/** Whoever wants to know of nodes as they come and go. */
export interface NodeWatch {
  /** It has its text, its parent and no series. */
  added(node: number): void;
  /** It has them still. */
  removing(node: number): void;
  /** A series came to stand at it (1), or left it (-1). */
  counted(node: number, by: number): void;
}

export class NameNodes {
  readonly texts = new NodeTexts();
  private readonly table = new ChildTable(this);
  private cells = new Int32Array(1024 * NODE_CELLS);
  private readonly free: number[] = [];
  /** Nodes that were ever in use, the root included. */
  private used = 1;
  /** Nodes ever removed. */
  removals = 0;
  watch: NodeWatch | undefined;

  constructor() {
    this.cells[SERIES] = NO_SERIES;
  }

  parentOf(node: number): number {
    return this.cells[node * NODE_CELLS + PARENT]!;
  }

  textIdOf(node: number): number {
    return this.cells[node * NODE_CELLS + TEXT_ID]!;
  }

  textOf(node: number): string {
    return this.texts.text(this.textIdOf(node));
  }

  seriesOf(node: number): number {
    return this.cells[node * NODE_CELLS + SERIES]!;
  }

  setSeries(node: number, id: number): void {
    const by = Number(id !== NO_SERIES) - Number(this.seriesOf(node) !== NO_SERIES);
    this.cells[node * NODE_CELLS + SERIES] = id;
    if (by !== 0) this.watch?.counted(node, by);
  }

  depthOf(node: number): number {
    return this.cells[node * NODE_CELLS + DEPTH]!;
  }

  /** All nodes are below this. */
  get limit(): number {
    return this.used;
  }

  isUsed(node: number): boolean {
    return this.textIdOf(node) !== UNUSED;
  }

  hasChildren(node: number): boolean {
    return this.cells[node * NODE_CELLS + FIRST_CHILD] !== 0;
  }

  /** Makes room for that many more nodes at once: a start's inserts take a fifth less time. */
  reserve(count: number): void {
    this.table.reserve(count);
    let length = this.cells.length;
    while ((this.used + count) * NODE_CELLS > length) length *= 2;
    if (length > this.cells.length) this.grow(length);
  }

  /** The first child in order, 0 when there is none; sorts the list first when it is not sorted. */
  firstChild(node: number): number {
    if ((this.cells[node * NODE_CELLS + FLAGS]! & SORTED) === 0) this.sortChildren(node);
    return this.cells[node * NODE_CELLS + FIRST_CHILD]!;
  }

  /** A child, 0 when there is none: with its siblings it is all of them, in no order. */
  anyChild(node: number): number {
    return this.cells[node * NODE_CELLS + FIRST_CHILD]!;
  }

  /** Whether the children are in order as they lie. */
  isSorted(node: number): boolean {
    return (this.cells[node * NODE_CELLS + FLAGS]! & SORTED) !== 0;
  }

  nextSibling(node: number): number {
    return this.cells[node * NODE_CELLS + NEXT]!;
  }

  /** True when the order of the children by `text.` is not their order by text alone. */
  ordersDiffer(node: number): boolean {
    return (this.cells[node * NODE_CELLS + FLAGS]! & ORDERS_DIFFER) !== 0;
  }

  /** The child with this text, 0 when there is none. */
  child(parent: number, text: string): number {
    const textId = this.texts.find(text);
    return textId < 0 ? 0 : this.table.find(parent, textId);
  }

  /** The child whose text has this id, 0 when there is none. */
  childByTextId(parent: number, textId: number): number {
    const { cells } = this;
    // The first few children mostly lie beside their parent in memory, slots of the table do not.
    let child = cells[parent * NODE_CELLS + FIRST_CHILD]!;
    for (let i = 0; i < NEAR_CHILDREN; i++) {
      if (child === 0 || cells[child * NODE_CELLS + TEXT_ID] === textId) return child;
      child = cells[child * NODE_CELLS + NEXT]!;
    }
    return this.table.find(parent, textId);
  }

  /** The child with this text, made when there is none. */
  childOrNew(parent: number, text: string): number {
    const known = this.child(parent, text);
    if (known !== 0) return known;
    const node = this.free.pop() ?? this.used++;
    if ((node + 1) * NODE_CELLS > this.cells.length) this.grow();
    const { cells } = this;
    const at = node * NODE_CELLS;
    const first = cells[parent * NODE_CELLS + FIRST_CHILD]!;
    cells[at + PARENT] = parent;
    cells[at + TEXT_ID] = this.texts.acquire(text);
    cells[at + SERIES] = NO_SERIES;
    cells[at + FIRST_CHILD] = 0;
    cells[at + NEXT] = first;
    cells[at + PREVIOUS] = 0;
    cells[at + FLAGS] = SORTED;
    cells[at + DEPTH] = cells[parent * NODE_CELLS + DEPTH]! + 1;
    if (first !== 0) {
      cells[first * NODE_CELLS + PREVIOUS] = node;
      cells[parent * NODE_CELLS + FLAGS]! &= ~SORTED;
    }
    cells[parent * NODE_CELLS + FIRST_CHILD] = node;
    this.table.add(node);
    this.watch?.added(node);
    return node;
  }

  /** Removes a node without children from its parent. */
  remove(node: number): void {
    this.watch?.removing(node);
    this.table.remove(node);
    this.removals += 1;
    const { cells } = this;
    const at = node * NODE_CELLS;
    const next = cells[at + NEXT]!;
    const previous = cells[at + PREVIOUS]!;
    if (next !== 0) cells[next * NODE_CELLS + PREVIOUS] = previous;
    if (previous !== 0) cells[previous * NODE_CELLS + NEXT] = next;
    else cells[cells[at + PARENT]! * NODE_CELLS + FIRST_CHILD] = next;
    this.texts.release(cells[at + TEXT_ID]!);
    cells[at + TEXT_ID] = UNUSED;
    this.free.push(node);
  }

  private sortChildren(parent: number): void {
    const order = new ChildOrder(this);
    this.link(parent, this.children(parent, 0).sort(order.compare), order);
  }

  /** Sorts the children in steps, if they are not sorted. */
  *sorting(parent: number): InSteps<void> {
    if (this.isSorted(parent)) return;
    const { removals } = this;
    const order = new ChildOrder(this);
    const nodes = this.children(parent, 0);
    const [first = 0] = nodes;
    const work = sortInSteps(nodes, order.compare);
    let step = work.next();
    for (; step.done !== true; step = work.next()) {
      yield step.value;
      if (removals === this.removals && !this.isSorted(parent)) continue;
      // The numbers may be other nodes' now.
      if (this.isUsed(parent)) this.firstChild(parent);
      return;
    }
    const sorted = step.value;
    // What was added lies before the others; nearly all in order are soon sorted.
    const added = this.children(parent, first);
    const all = added.length === 0 ? sorted : sorted.concat(added).sort(order.compare);
    this.link(parent, all, order);
  }

  /** The children as they lie, up to one of them. */
  private children(parent: number, end: number): number[] {
    const nodes: number[] = [];
    let child = this.cells[parent * NODE_CELLS + FIRST_CHILD]!;
    for (; child !== end; child = this.nextSibling(child)) nodes.push(child);
    return nodes;
  }

  private link(parent: number, nodes: readonly number[], { differ }: ChildOrder): void {
    const { cells } = this;
    let previous = 0;
    for (const node of nodes) {
      cells[node * NODE_CELLS + PREVIOUS] = previous;
      if (previous === 0) cells[parent * NODE_CELLS + FIRST_CHILD] = node;
      else cells[previous * NODE_CELLS + NEXT] = node;
      previous = node;
    }
    if (previous !== 0) cells[previous * NODE_CELLS + NEXT] = 0;
    cells[parent * NODE_CELLS + FLAGS] = SORTED | (differ ? ORDERS_DIFFER : 0);
  }

  private grow(length = this.cells.length * 2): void {
    this.cells = grown(this.cells, new Int32Array(length));
  }
}
