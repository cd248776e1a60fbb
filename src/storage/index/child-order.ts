/**
 * The order of the children of a node: that of `text.`, which is the order of whole paths where all of
 * them go on. Any sort compares those that become neighbours, which is how it is noticed where the
 * order of the texts alone is another. Used by name-nodes.ts.
 */
import { compareNames } from './byte-order.ts';

const DOT = 0x2e;

export class ChildOrder {
  /** Whether the text of one child begins another's that goes on with a byte below the dot. */
  differ = false;
  private readonly nodes: { textOf(node: number): string };

  constructor(nodes: { textOf(node: number): string }) {
    this.nodes = nodes;
  }

  readonly compare = (a: number, b: number): number => {
    const x = this.nodes.textOf(a);
    const y = this.nodes.textOf(b);
    const plain = compareNames(x, y);
    const oneBeginsOther = plain < 0 ? y.startsWith(x) : x.startsWith(y);
    if (!oneBeginsOther) return plain;
    const dotted =
      x.length < y.length ? DOT - y.charCodeAt(x.length) : x.charCodeAt(y.length) - DOT;
    if (dotted > 0 !== plain > 0) this.differ = true;
    return dotted;
  };
}
