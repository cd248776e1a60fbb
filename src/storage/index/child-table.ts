/**
 * Finds the child of a tree's node by (parent, text id): one open-addressing table of node numbers
 * for the whole tree, 4 bytes a slot, at most three quarters full. Parents and text ids are read
 * from the nodes themselves, so that they are not stored twice. Used by name-nodes.ts.
 */
const EMPTY = 0;

interface ChildKeys {
  parentOf(node: number): number;
  textIdOf(node: number): number;
}

export class ChildTable {
  private readonly keys: ChildKeys;
  private slots = new Uint32Array(1024);
  private count = 0;

  constructor(keys: ChildKeys) {
    this.keys = keys;
  }

  get byteLength(): number {
    return this.slots.byteLength;
  }

  /** The child of a node, 0 (the root, nobody's child) when there is none. */
  find(parent: number, textId: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(parent, textId) & mask;
    for (;;) {
      const node = this.slots[slot]!;
      if (node === EMPTY) return 0;
      if (this.keys.parentOf(node) === parent && this.keys.textIdOf(node) === textId) return node;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds a node whose parent and text id are already set. */
  add(node: number): void {
    if ((this.count + 1) * 4 > this.slots.length * 3) this.grow();
    this.place(node);
    this.count += 1;
  }

  /** Removes a node and moves later ones of its run back, so that no gap ends a search early. */
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
    return hash(keys.parentOf(node), keys.textIdOf(node)) & (this.slots.length - 1);
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

function hash(parent: number, textId: number): number {
  let mixed = Math.imul(parent ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(textId + 1, 0xc2b2ae35);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
