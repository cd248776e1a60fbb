/**
 * Searches the name tree for parts of names: the nodes whose paths hold all words and whose own text
 * has a part in it, so that `shop latency` finds the branch `stats.timers.shop.latency` and not each
 * of its statistics. The best first: whole nodes, then starts of nodes; then the shallower, the
 * shorter and the leaf.
 *
 * The texts that hold a word come from one pass over the distinct texts (folded-texts.ts). Of several
 * words, the walk goes down from the nodes of the one that leads to the fewest series, because every
 * hit is at or below one of them. What is looked at is bounded; then the count is a least one.
 */
import { type InSteps, STEPS_AT_ONCE } from '../../lib/in-steps.ts';
import { compareNames } from './byte-order.ts';
import type { FoundTexts } from './folded-texts.ts';
import { type NameNodes, NO_SERIES } from './name-nodes.ts';
import type { NodeIndex } from './node-index.ts';
import {
  findingWords,
  INSIDE,
  nodeMatch,
  NOT,
  type RankedHits,
  rankOf,
  type SearchWord,
  WHOLE,
} from './search-words.ts';
import { dottedMatch, pathLength, pathOf } from './node-path.ts';

const ROOT = 0;
/** Nodes looked at by one search, in one go: some milliseconds. */
const VISITS_MAX = 10_000;
/** Nodes above one that cost as much as another. */
const ANCESTORS_A_VISIT = 16;
/** Looks into the table of texts by depth. */
const PROBES_MAX = 100_000;
/** Of one rank, those that are put in the order of their paths. */
const TIES_MAX = 2000;
/** More than VISITS_MAX: room for the number of a hit beside its rank. */
const HIT_PLACES = 16_384;
/** Nodes by which it is told how many series a word leads to. */
const SEEDS_COUNTED = 2000;
/** Series below the nodes of a word that need no better word. */
const FEW_SERIES = 2000;
/** Stands behind any word of which all texts are known. */
const NOT_ALL = 1e9;

/** The texts that hold a word's key, by how well they do. */
interface Texts {
  /** Which word. */
  at: number;
  groups: number[][];
  /** Nodes that have them. */
  nodes: number;
  /** Whether these are all. */
  isWhole: boolean;
}

export class NameSearch {
  private readonly nodes: NameNodes;
  private readonly index: NodeIndex;
  private readonly words: readonly SearchWord[];
  private readonly names: readonly (string | undefined)[];
  /** By word, how well each text holds its key: 0 where it was not asked. */
  private readonly answers: Uint8Array[] = [];
  private visits = 0;
  private probes = 0;
  private readonly found: number[] = [];
  private readonly ranks: number[] = [];

  /** `names` holds the whole names of series by id. */
  constructor(
    nodes: NameNodes,
    index: NodeIndex,
    words: readonly SearchWord[],
    names: readonly (string | undefined)[],
  ) {
    this.nodes = nodes;
    this.index = index;
    this.words = words;
    this.names = names;
  }

  /** The first `most` hits. */
  *run(most: number): InSteps<RankedHits> {
    yield* this.index.building();
    const keys = this.words.map(({ key }) => key);
    const isFew = (found: FoundTexts & { at: number }): boolean =>
      this.leadsTo(this.sorted(found)) <= FEW_SERIES;
    const found = yield* findingWords(this.index.texts, keys, isFew);
    // From here on nothing comes or goes.
    yield* this.index.building();
    const texts = found.map((one) => this.sorted(one));
    const isPlain = this.words.length === 1 && this.words[0]!.pieces.length === 1;
    const driver = this.narrowest(texts);
    const isSeen = isPlain ? this.list(driver, most) : this.walk(driver);
    const hits = {
      ranked: this.best(most),
      total: isPlain ? driver.nodes : this.found.length,
      isExact: driver.isWhole && (isPlain || isSeen),
    };
    yield this.visits + STEPS_AT_ONCE;
    return hits;
  }

  /** As the texts are now: ids of those that went meanwhile stand for others. */
  private sorted({ at, ids, isWhole }: FoundTexts & { at: number }): Texts {
    const { texts } = this.nodes;
    const { key } = this.words[at]!; // found for a word
    const groups: number[][] = Array.from({ length: WHOLE + 1 }, () => []);
    let nodes = 0;
    // Of too many texts the word itself may be left out.
    for (const id of ids.add(texts.find(key))) {
      const match = id >= 0 && id < texts.limit ? nodeMatch(texts.text(id), key) : NOT;
      if (match === NOT) continue;
      groups[match]!.push(id); // one for each answer
      nodes += texts.usesOf(id);
    }
    return { at, groups, nodes, isWhole };
  }

  /** Series below the nodes of a word, at least; a word of which not all is known is the last. */
  private leadsTo(texts: Texts): number {
    let below = texts.nodes + (texts.isWhole ? 0 : NOT_ALL);
    if (texts.nodes > SEEDS_COUNTED || !this.index.isWhole) return below;
    for (const node of this.nodesOf(texts)) {
      if (node !== ROOT) below += this.index.seriesBelow(node);
    }
    return below;
  }

  private narrowest(texts: readonly Texts[]): Texts {
    const costs = texts.map((one) => this.leadsTo(one));
    return texts[costs.indexOf(Math.min(...costs))]!; // there is a word
  }

  /** The nodes of texts by how well these match, then by depth; 0 (the root) behind each depth. */
  private *nodesOf({ groups }: Texts): Generator<number, void, undefined> {
    const { nodes, index } = this;
    for (let match = WHOLE; match >= INSIDE; match--) {
      let open = groups[match]!;
      const left = new Map(open.map((id) => [id, nodes.texts.usesOf(id)]));
      for (let depth = 1; open.length > 0; depth++) {
        this.probes += open.length;
        if (this.probes > PROBES_MAX) return;
        for (const id of open) {
          let uses = left.get(id)!; // of each
          for (let node = index.first(id, depth); node !== 0; node = index.after(node)) {
            uses -= 1;
            yield node;
          }
          left.set(id, uses);
        }
        open = open.filter((id) => left.get(id)! > 0);
        yield ROOT;
      }
    }
  }

  /** One word: whatever has it is a hit, and no depth comes after what is enough. */
  private list(texts: Texts, most: number): boolean {
    for (const node of this.nodesOf(texts)) {
      if (node === ROOT) {
        if (this.found.length >= most) return true;
        continue;
      }
      if (++this.visits > VISITS_MAX) return false;
      this.note(node, [this.textMatch(texts.at, node)]);
    }
    return this.probes <= PROBES_MAX;
  }

  /** Down from the nodes of one word; false when it was too much. */
  private walk(texts: Texts): boolean {
    const { nodes } = this;
    for (const seed of this.nodesOf(texts)) {
      if (seed === ROOT) continue;
      this.visits += 1 + nodes.depthOf(seed) / ANCESTORS_A_VISIT;
      if (this.visits > VISITS_MAX) return false;
      const above = this.matchesAbove(seed, texts.at);
      if (above !== undefined && !this.descend(seed, above)) return false;
    }
    return this.probes <= PROBES_MAX;
  }

  /** Of each word; undefined below another node of the key, from which the walk came here. */
  private matchesAbove(seed: number, key: number): number[] | undefined {
    const { nodes, words } = this;
    const above = words.map(() => NOT);
    for (let node = nodes.parentOf(seed); node !== ROOT; node = nodes.parentOf(node)) {
      if (this.textMatch(key, node) > NOT) return undefined;
      for (let i = 0; i < words.length; i++) above[i] = Math.max(above[i]!, this.matchOf(i, node));
    }
    return above;
  }

  private descend(seed: number, aboveSeed: readonly number[]): boolean {
    const { nodes } = this;
    const open = [{ node: seed, above: aboveSeed }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (++this.visits > VISITS_MAX) return false;
      const { node, above } = next;
      const sibling = node === seed ? 0 : nodes.nextSibling(node);
      if (sibling !== 0) open.push({ node: sibling, above });
      const matches = above.slice();
      let isOwn = false;
      let isWhole = true;
      for (let i = 0; i < matches.length; i++) {
        const own = this.matchOf(i, node);
        if (own > NOT) isOwn = true;
        if (own > matches[i]!) matches[i] = own;
        if (matches[i] === NOT) isWhole = false;
      }
      if (isOwn && isWhole) this.note(node, matches);
      const child = nodes.anyChild(node);
      if (child !== 0) open.push({ node: child, above: matches });
    }
    return true;
  }

  private matchOf(at: number, node: number): number {
    const { pieces } = this.words[at]!; // at < length
    return pieces.length === 1 ? this.textMatch(at, node) : dottedMatch(this.nodes, pieces, node);
  }

  /** How well a node's text holds the key of a word. */
  private textMatch(at: number, node: number): number {
    const { texts } = this.nodes;
    const known = (this.answers[at] ??= new Uint8Array(texts.limit));
    const id = this.nodes.textIdOf(node);
    if (known[id] === 0) known[id] = nodeMatch(texts.text(id), this.words[at]!.key);
    return known[id]!; // a text of the tree
  }

  private note(node: number, matches: readonly number[]): void {
    const id = this.nodes.seriesOf(node);
    const length = this.names[id]?.length ?? pathLength(this.nodes, node);
    this.ranks.push(rankOf(matches, this.nodes.depthOf(node), length, id !== NO_SERIES));
    this.found.push(node);
  }

  private best(most: number): RankedHits['ranked'] {
    const { nodes, ranks, found, index } = this;
    const order = Float64Array.from(ranks, (rank, i) => rank * HIT_PLACES + i).sort();
    const rankAt = (i: number): number => Math.floor(order[i]! / HIT_PLACES);
    let end = Math.min(most, order.length);
    const last = end === 0 ? 0 : rankAt(end - 1);
    while (end < order.length && end < most + TIES_MAX && rankAt(end) === last) end += 1;
    const ranked = Array.from(order.subarray(0, end), (packed, i) => {
      const node = found[packed % HIT_PLACES]!;
      const id = nodes.seriesOf(node);
      const leaf = id !== NO_SERIES;
      const path = (leaf ? this.names[id] : undefined) ?? pathOf(nodes, node);
      const series = index.seriesBelow(node);
      return { rank: rankAt(i), hit: { path, leaf, branch: nodes.hasChildren(node), series } };
    });
    ranked.sort((a, b) => a.rank - b.rank || compareNames(a.hit.path, b.hit.path));
    return ranked.slice(0, most);
  }
}
