/**
 * The tree of dotted names behind `find`: a leaf is a series, a branch goes on, a node can be both.
 * Names stay exactly as given; tagged names are in tag-index.ts instead. Built for a million names:
 * texts of nodes are shared (node-texts.ts), nodes are integers (name-nodes.ts).
 */
import type { FoundNode, NamePrefix } from '../roles.ts';
import { atOnce, type InSteps, STEPS_AT_ONCE, sortInSteps } from '../../lib/in-steps.ts';
import { compareNames } from './byte-order.ts';
import { NameCursor } from './name-cursor.ts';
import { NameFind } from './name-find.ts';
import { listPrefixes } from './name-prefixes.ts';
import { NameNodes, NO_SERIES } from './name-nodes.ts';
import { NameSearch } from './name-search.ts';
import { NodeIndex } from './node-index.ts';
import type { RankedHits, SearchWord } from './search-words.ts';

const ROOT = 0;

export class NameTree {
  private readonly nodes = new NameNodes();
  /** What searches need, made by the first of them. */
  readonly index = new NodeIndex(this.nodes);
  private readonly wholeNames: readonly (string | undefined)[];
  /** The name added last, its branches and where each ends: names that come sorted share most. */
  private readonly last = { name: '', depth: 0, nodes: [] as number[], ends: [] as number[] };

  /** `names` holds the names of series by id, where they are stored anyway. */
  constructor(names: readonly (string | undefined)[] = []) {
    this.wholeNames = names;
  }

  /** Makes room for that many more series at once. */
  reserve(count: number): void {
    this.nodes.reserve(count);
  }

  /** Adds a series, or gives a known name a new id; `id` is not negative. */
  insert(name: string, id: number): void {
    const { last } = this;
    let depth = this.sharedNodes(name);
    let node = depth === 0 ? ROOT : last.nodes[depth - 1]!;
    let from = depth === 0 ? 0 : last.ends[depth - 1]!;
    for (let dot = name.indexOf('.', from); dot >= 0; dot = name.indexOf('.', from)) {
      node = this.nodes.childOrNew(node, name.slice(from, dot));
      from = dot + 1;
      last.nodes[depth] = node;
      last.ends[depth++] = from;
    }
    last.name = name;
    last.depth = depth;
    node = this.nodes.childOrNew(node, name.slice(from));
    this.nodes.setSeries(node, id);
  }

  /** How many leading branches a name has in common with the one before. */
  private sharedNodes(name: string): number {
    const { last } = this;
    const length = Math.min(name.length, last.depth === 0 ? 0 : last.ends[last.depth - 1]!);
    let same = 0;
    while (same < length && name.charCodeAt(same) === last.name.charCodeAt(same)) same += 1;
    let depth = last.depth;
    while (depth > 0 && last.ends[depth - 1]! > same) depth -= 1;
    return depth;
  }

  /** Removes a series and the branches that end with it; false when it was not there. */
  remove(name: string): boolean {
    const { nodes } = this;
    let node = this.locate(name);
    if (node === ROOT || nodes.seriesOf(node) === NO_SERIES) return false;
    nodes.setSeries(node, NO_SERIES);
    this.last.depth = 0; // its branches may be removed
    while (node !== ROOT && !nodes.hasChildren(node) && nodes.seriesOf(node) === NO_SERIES) {
      const parent = nodes.parentOf(node);
      nodes.remove(node);
      node = parent;
    }
    return true;
  }

  /** The id of a series by its exact name, -1 when there is none. */
  get(name: string): number {
    const node = this.locate(name);
    return node === ROOT ? NO_SERIES : this.nodes.seriesOf(node);
  }

  /**
   * Nodes that a glob matches (glob.ts; `**` any number of nodes), sorted by path in byte order,
   * one entry a node. Where nothing matches, a name that is the pattern letter by letter is found,
   * such as `a[b` or `a..b`. More than `limit` throws `overLimit`.
   */
  find(pattern: string, limit: number): FoundNode[] {
    return atOnce(this.finding(pattern, limit));
  }

  /** As `find`, in steps; what comes or goes meanwhile may be in the answer or not. */
  *finding(pattern: string, limit: number): InSteps<FoundNode[]> {
    const found = yield* new NameFind(this.nodes, pattern, limit, this.wholeNames).run();
    const id = found.length === 0 ? this.get(pattern) : NO_SERIES;
    if (id === NO_SERIES || limit < 1) return found;
    const node = this.locate(pattern);
    const text = this.nodes.textOf(node);
    return [{ path: pattern, text, leaf: true, branch: this.nodes.hasChildren(node), id }];
  }

  /** The first `most` nodes that hold these words, the best first. */
  searching(words: readonly SearchWord[], most: number): InSteps<RankedHits> {
    return new NameSearch(this.nodes, this.index, words, this.wholeNames).run(most);
  }

  /** As SearchInSteps.listingPrefixes. */
  listingPrefixes(most: number): InSteps<NamePrefix[]> {
    return listPrefixes(this.nodes, this.index, most);
  }

  /** Names of all series, in byte order. */
  names(): string[] {
    return atOnce(this.naming());
  }

  /** As `names`, in steps. */
  *naming(): InSteps<string[]> {
    const { nodes } = this;
    const found: string[] = [];
    const cursor = new NameCursor(nodes);
    const prefixes = [''];
    cursor.enter(ROOT);
    for (let step = 1; cursor.depth >= 0; step++) {
      if (cursor.isUnsorted) {
        cursor.note();
        yield* nodes.sorting(cursor.parent);
        if (!cursor.find()) cursor.begin();
        continue;
      }
      const node = cursor.take();
      if (node === 0) cursor.leave();
      else {
        const path = prefixes[cursor.depth]! + nodes.textOf(node); // one for each depth
        if (nodes.seriesOf(node) !== NO_SERIES) found.push(path);
        if (nodes.hasChildren(node)) {
          cursor.enter(node);
          prefixes[cursor.depth] = `${path}.`;
        }
      }
      if (step % STEPS_AT_ONCE !== 0) continue;
      cursor.note();
      yield STEPS_AT_ONCE;
      cursor.find();
    }
    return yield* sortInSteps(found, compareNames);
  }

  /** The node of a name, the root when there is none. */
  private locate(name: string): number {
    let node = ROOT;
    let from = 0;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', from)) {
      node = this.nodes.child(node, name.slice(from, dot));
      if (node === ROOT) return ROOT;
      from = dot + 1;
    }
    return this.nodes.child(node, name.slice(from));
  }
}
