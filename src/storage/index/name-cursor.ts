/**
 * A place in the name tree on a walk through it, which outlives what is added and removed while the
 * walk pauses: the texts of the place are noted then, and found again. Used by name-find.ts and
 * name-tree.ts.
 */
import { compareNames } from './byte-order.ts';
import type { NameNodes } from './name-nodes.ts';

const ROOT = 0;
/** In the place of the next child: the children are to be sorted first. */
const UNSORTED = -1;

export class NameCursor {
  /** Branches entered and not left, less one. */
  depth = -1;
  private readonly nodes: NameNodes;
  private readonly parents: number[] = [];
  /** By depth, the child that comes next: 0 after the last. */
  private readonly nexts: number[] = [];
  private noted: { parents: string[]; nexts: string[]; removals: number } | undefined;

  constructor(nodes: NameNodes) {
    this.nodes = nodes;
  }

  get parent(): number {
    return this.parents[this.depth]!; // a branch was entered
  }

  /** The child of the branch entered last that comes next, 0 after the last. */
  get next(): number {
    return this.nexts[this.depth]!; // a branch was entered
  }

  set next(child: number) {
    this.nexts[this.depth] = child;
  }

  /** Enters a branch before its first child. */
  enter(parent: number): void {
    const { nodes } = this;
    this.depth += 1;
    this.parents[this.depth] = parent;
    this.nexts[this.depth] = nodes.isSorted(parent) ? nodes.firstChild(parent) : UNSORTED;
  }

  /** Whether the branch entered last is to be sorted, by `sorting` of its nodes, and then begun. */
  get isUnsorted(): boolean {
    return this.depth >= 0 && this.next === UNSORTED;
  }

  begin(): void {
    this.next = this.nodes.firstChild(this.parent);
  }

  /** Enters a branch of which no child is wanted beside the one that is dealt with now. */
  pass(parent: number): void {
    this.depth += 1;
    this.parents[this.depth] = parent;
    this.nexts[this.depth] = 0;
  }

  leave(): void {
    this.depth -= 1;
  }

  /** The next child of the branch entered last, 0 after the last one. */
  take(): number {
    const child = this.next;
    if (child !== 0) this.next = this.nodes.nextSibling(child);
    return child;
  }

  /** Before others run. */
  note(): void {
    const { nodes } = this;
    const textOf = (node: number): string => (node <= 0 ? '' : nodes.textOf(node));
    const parents = this.parents.slice(0, this.depth + 1).map(textOf);
    const nexts = this.nexts.slice(0, this.depth + 1).map(textOf);
    this.noted = { parents, nexts, removals: nodes.removals };
  }

  /** After `note`: whether nodes were removed since. What was under them is left. */
  find(): boolean {
    const { nodes, noted, nexts } = this;
    if (noted === undefined || noted.removals === nodes.removals) return false;
    for (let depth = 0; depth < noted.parents.length; depth++) {
      const above =
        depth === 0 ? ROOT : nodes.child(this.parents[depth - 1]!, noted.parents[depth]!);
      if (depth > 0 && above === ROOT) {
        this.depth = depth - 1;
        break;
      }
      this.parents[depth] = above;
      if (nexts[depth]! > 0) nexts[depth] = this.childFrom(above, noted.nexts[depth]!);
    }
    return true;
  }

  /** The child with a text, or else the one behind where it was. */
  private childFrom(parent: number, text: string): number {
    const { nodes } = this;
    const known = nodes.child(parent, text);
    if (known !== 0) return known;
    let child = nodes.firstChild(parent);
    while (child !== 0 && compareNames(`${nodes.textOf(child)}.`, `${text}.`) <= 0) {
      child = nodes.nextSibling(child);
    }
    return child;
  }
}
