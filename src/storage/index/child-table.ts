/**
 * The children of a tree's nodes, found by (parent, segment): one open-addressing table of node
 * numbers for the whole tree, 4 bytes a slot, at most three quarters full. Parents and segments are
 * read from the tree's own columns, so that they are not kept twice. Used by name-tree.ts.
 */
const EMPTY = 0;

export interface ChildKeys {
  parentOf(node: number): number;
  segmentOf(node: number): number;
}

export class ChildTable {
  private readonly keys: ChildKeys;
  private slots = new Uint32Array(1024);
  private count = 0;

  constructor(keys: ChildKeys) {
    this.keys = keys;
  }

  /** The child of a node, 0 (the root, nobody's child) when there is none. */
  find(parent: number, segment: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(parent, segment) & mask;
    for (;;) {
      const node = this.slots[slot]!;
      if (node === EMPTY) return 0;
      if (this.keys.parentOf(node) === parent && this.keys.segmentOf(node) === segment) return node;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds a node whose parent and segment are already in the columns. */
  add(node: number): void {
    if ((this.count + 1) * 4 > this.slots.length * 3) this.grow();
    this.place(node);
    this.count += 1;
  }

  /** Removes a node, moving later ones of its run back so that no gap breaks a search. */
  remove(node: number): void {
    const mask = this.slots.length - 1;
    let gap = this.home(node);
    while (this.slots[gap] !== node) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; this.slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const moved = this.slots[slot]!;
      const fromHome = (slot - this.home(moved)) & mask;
      if (fromHome < ((slot - gap) & mask)) continue;
      this.slots[gap] = moved;
      gap = slot;
    }
    this.slots[gap] = EMPTY;
    this.count -= 1;
  }

  private home(node: number): number {
    const { keys } = this;
    return hash(keys.parentOf(node), keys.segmentOf(node)) & (this.slots.length - 1);
  }

  private place(node: number): void {
    const mask = this.slots.length - 1;
    let slot = this.home(node);
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.slots[slot] = node;
  }

  /** Makes room for so many more nodes at once. */
  reserve(count: number): void {
    let length = this.slots.length;
    while ((this.count + count) * 4 > length * 3) length *= 2;
    if (length > this.slots.length) this.grow(length);
  }

  private grow(length = this.slots.length * 2): void {
    const old = this.slots;
    this.slots = new Uint32Array(length);
    for (const node of old) if (node !== EMPTY) this.place(node);
  }
}

function hash(parent: number, segment: number): number {
  let mixed = Math.imul(parent ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(segment + 1, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
