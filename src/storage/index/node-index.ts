/**
 * What a search for parts of names needs beside the tree: the distinct texts of its nodes, for each
 * text and depth the nodes that have it, and how many series are at and below each node. Made when
 * first asked for, in steps that whoever asks takes, and kept true from then on: the tree tells of
 * each node that comes or goes (`NodeWatch`). About 16 bytes a node, and the texts once more.
 *
 * Nodes of one text and depth are a list; its first one is found by a hash table.
 */
import { grown } from '../../lib/grown.ts';
import { type InSteps, STEPS_AT_ONCE } from '../../lib/in-steps.ts';
import { ChildTable } from './child-table.ts';
import { FoldedTexts } from './folded-texts.ts';
import { type NameNodes, type NodeWatch, NO_SERIES } from './name-nodes.ts';

const ROOT = 0;
/** What it costs to take in a node, in steps. */
const NODE_STEPS = 20;

export class NodeIndex implements NodeWatch {
  texts = new FoldedTexts();
  private readonly nodes: NameNodes;
  private heads: ChildTable;
  private nexts = new Int32Array(1024);
  private previous = new Int32Array(1024);
  private counts = new Int32Array(1024);
  /** Nodes below this one are in. */
  private until = 1;
  /** Whether all nodes are. */
  isWhole = false;

  constructor(nodes: NameNodes) {
    this.nodes = nodes;
    this.heads = this.noHeads();
  }

  /** Bytes of memory. */
  get byteLength(): number {
    const { nexts, previous, counts, heads, texts } = this;
    const lists = nexts.byteLength + previous.byteLength + counts.byteLength;
    return lists + heads.byteLength + texts.byteLength;
  }

  /** Takes in what is not in yet; whoever calls meanwhile goes on with the same work. */
  *building(): InSteps<void> {
    this.nodes.watch = this;
    if (this.isWhole && this.texts.isWasteful) this.clear();
    while (!this.isWhole) {
      const { limit } = this.nodes;
      const end = Math.min(this.until + STEPS_AT_ONCE / NODE_STEPS, limit);
      for (; this.until < end; this.until++) {
        if (this.nodes.isUsed(this.until)) this.take(this.until);
      }
      this.isWhole = this.until >= limit;
      yield STEPS_AT_ONCE;
    }
  }

  /** The first node that has this text at this depth, 0 when there is none. */
  first(textId: number, depth: number): number {
    return this.heads.find(depth, textId);
  }

  /** The next node of the same text and depth, 0 after the last. */
  after(node: number): number {
    return this.nexts[node]!;
  }

  /** Series at and below a node. */
  seriesBelow(node: number): number {
    return this.counts[node]!;
  }

  /** Called once it has its text and its parent. */
  added(node: number): void {
    if (this.isWhole) this.until = Math.max(this.until, node + 1);
    if (node < this.until) this.take(node);
  }

  /** Called while it has them still. */
  removing(node: number): void {
    if (node >= this.until) return;
    const { nexts, previous, heads, nodes } = this;
    const [before, next] = [previous[node]!, nexts[node]!];
    if (before === 0) {
      heads.remove(node);
      if (next !== 0) heads.add(next);
    } else nexts[before] = next;
    if (next !== 0) previous[next] = before;
    if (nodes.texts.usesOf(nodes.textIdOf(node)) === 1) this.texts.remove(nodes.textIdOf(node));
  }

  /** A series came to stand at a node (1), or left it (-1). */
  counted(node: number, by: number): void {
    if (node < this.until) this.count(node, by);
  }

  private count(node: number, by: number): void {
    for (let at = node; ; at = this.nodes.parentOf(at)) {
      this.reserve(at);
      this.counts[at]! += by;
      if (at === ROOT) return;
    }
  }

  private take(node: number): void {
    const { nodes, heads, texts } = this;
    this.reserve(node);
    const textId = nodes.textIdOf(node);
    const head = heads.find(nodes.depthOf(node), textId);
    const next = head === 0 ? 0 : this.nexts[head]!;
    this.nexts[node] = next;
    this.previous[node] = head;
    if (next !== 0) this.previous[next] = node;
    if (head === 0) heads.add(node);
    else this.nexts[head] = node;
    if (!texts.has(textId)) texts.add(textId, nodes.textOf(node));
    if (nodes.seriesOf(node) !== NO_SERIES) this.count(node, 1);
  }

  private clear(): void {
    this.texts = new FoldedTexts();
    this.heads = this.noHeads();
    this.counts.fill(0);
    this.until = 1;
    this.isWhole = false;
  }

  private noHeads(): ChildTable {
    const { nodes } = this;
    return new ChildTable({
      parentOf: (node) => nodes.depthOf(node),
      textIdOf: (node) => nodes.textIdOf(node),
    });
  }

  private reserve(node: number): void {
    if (node < this.nexts.length) return;
    const length = Math.max(node + 1, this.nexts.length * 2);
    this.nexts = grown(this.nexts, new Int32Array(length));
    this.previous = grown(this.previous, new Int32Array(length));
    this.counts = grown(this.counts, new Int32Array(length));
  }
}
