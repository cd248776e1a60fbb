/**
 * The nodes of the name tree as columns of integers: about 30 bytes a node, no object. Node 0 is the
 * root. Children hang in a list (first child, next sibling) that is sorted when somebody walks it,
 * in the order of `segment.` (the order of whole paths where all go on), so a find needs no sorting
 * of its own. Used by name-tree.ts and name-find.ts.
 */
import { compareNames } from './byte-order.ts';
import { ChildTable } from './child-table.ts';
import { SegmentTable } from './segment-table.ts';

export const NO_SERIES = -1;
const SORTED = 1;
/** A child is the beginning of another that goes on with a byte below the dot, as `a` and `a-b`. */
const ORDERS_DIFFER = 2;
const DOT = 0x2e;

export class NameNodes {
  readonly segments = new SegmentTable();
  private readonly table = new ChildTable(this);
  private parents = new Uint32Array(1024);
  private segmentIds = new Uint32Array(1024);
  private seriesIds = new Float64Array(1024).fill(NO_SERIES);
  private firstChildren = new Uint32Array(1024);
  private next = new Uint32Array(1024);
  private previous = new Uint32Array(1024);
  private flags = new Uint8Array(1024);
  private readonly free: number[] = [];
  /** Nodes that live or lived, the root among them. */
  private used = 1;

  parentOf(node: number): number {
    return this.parents[node]!;
  }

  segmentOf(node: number): number {
    return this.segmentIds[node]!;
  }

  textOf(node: number): string {
    return this.segments.text(this.segmentIds[node]!);
  }

  seriesOf(node: number): number {
    return this.seriesIds[node]!;
  }

  setSeries(node: number, id: number): void {
    this.seriesIds[node] = id;
  }

  hasChildren(node: number): boolean {
    return this.firstChildren[node] !== 0;
  }

  /** First child in the list's order, 0 when there is none; sorts the list when it has to. */
  firstChild(node: number): number {
    if ((this.flags[node]! & SORTED) === 0) this.sortChildren(node);
    return this.firstChildren[node]!;
  }

  nextSibling(node: number): number {
    return this.next[node]!;
  }

  /** True when `segment.` order of a node's children is not the order of the segments alone. */
  ordersDiffer(node: number): boolean {
    return (this.flags[node]! & ORDERS_DIFFER) !== 0;
  }

  /** The child with this text, 0 when there is none. */
  child(parent: number, text: string): number {
    const segment = this.segments.find(text);
    return segment < 0 ? 0 : this.table.find(parent, segment);
  }

  /** The child with this text, born if need be. */
  childOrNew(parent: number, text: string): number {
    const known = this.child(parent, text);
    if (known !== 0) return known;
    const node = this.free.pop() ?? this.used++;
    if (node >= this.parents.length) this.grow();
    const first = this.firstChildren[parent]!;
    this.parents[node] = parent;
    this.segmentIds[node] = this.segments.acquire(text);
    this.seriesIds[node] = NO_SERIES;
    this.firstChildren[node] = 0;
    this.next[node] = first;
    this.previous[node] = 0;
    this.flags[node] = SORTED;
    if (first !== 0) {
      this.previous[first] = node;
      this.flags[parent]! &= ~SORTED;
    }
    this.firstChildren[parent] = node;
    this.table.add(node);
    return node;
  }

  /** Removes a node without children from its parent. */
  remove(node: number): void {
    this.table.remove(node);
    const next = this.next[node]!;
    const previous = this.previous[node]!;
    if (next !== 0) this.previous[next] = previous;
    if (previous !== 0) this.next[previous] = next;
    else this.firstChildren[this.parents[node]!] = next;
    this.segments.release(this.segmentIds[node]!);
    this.free.push(node);
  }

  private sortChildren(parent: number): void {
    const nodes: number[] = [];
    for (let node = this.firstChildren[parent]!; node !== 0; node = this.next[node]!) {
      nodes.push(node);
    }
    let differ = 0;
    nodes.sort((a, b) => {
      const x = this.textOf(a);
      const y = this.textOf(b);
      const plain = compareNames(x, y);
      const oneBeginsOther = plain < 0 ? y.startsWith(x) : x.startsWith(y);
      if (!oneBeginsOther) return plain;
      const dotted =
        x.length < y.length ? DOT - y.charCodeAt(x.length) : x.charCodeAt(y.length) - DOT;
      if (dotted > 0 !== plain > 0) differ = ORDERS_DIFFER;
      return dotted;
    });
    let previous = 0;
    for (const node of nodes) {
      this.previous[node] = previous;
      if (previous === 0) this.firstChildren[parent] = node;
      else this.next[previous] = node;
      previous = node;
    }
    if (previous !== 0) this.next[previous] = 0;
    this.flags[parent] = SORTED | differ;
  }

  private grow(): void {
    const length = this.parents.length * 2;
    this.parents = grown(this.parents, new Uint32Array(length));
    this.segmentIds = grown(this.segmentIds, new Uint32Array(length));
    this.seriesIds = grown(this.seriesIds, new Float64Array(length));
    this.firstChildren = grown(this.firstChildren, new Uint32Array(length));
    this.next = grown(this.next, new Uint32Array(length));
    this.previous = grown(this.previous, new Uint32Array(length));
    this.flags = grown(this.flags, new Uint8Array(length));
  }
}

function grown<Column extends Uint8Array | Uint32Array | Float64Array>(
  old: Column,
  empty: Column,
): Column {
  empty.set(old);
  return empty;
}
