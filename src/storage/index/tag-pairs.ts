/**
 * The distinct `tag=value` of all tagged series as texts, for searches by any part of them. Made when
 * first asked for, in steps, and kept true from then on: the tag index tells of each that comes or
 * goes. Some 60 bytes a pair, and the texts once more.
 */
import { type InSteps, STEPS_AT_ONCE } from '../../lib/in-steps.ts';
import { FoldedTexts } from './folded-texts.ts';
import type { Postings } from './postings.ts';

export interface TagPair {
  tag: string;
  value: string;
  /** The series that have it. */
  list: Postings;
}

type AllPairs = ReadonlyMap<string, ReadonlyMap<string, Postings>>;

/** Memory of one beside its text. */
const PAIR_BYTES = 60;
/** What it costs to take one in, in steps. */
const PAIR_STEPS = 40;

export class TagPairs {
  texts = new FoldedTexts();
  private pairs: (TagPair | undefined)[] = [];
  private readonly free: number[] = [];
  private isWatching = false;
  private isWhole = false;
  /** Times that all was forgotten. */
  private clears = 0;

  /** Bytes of memory. */
  get byteLength(): number {
    return this.texts.byteLength + this.pairs.length * PAIR_BYTES;
  }

  get(id: number): TagPair | undefined {
    return this.pairs[id];
  }

  /** Takes in what is not in yet. */
  *building(tags: () => AllPairs): InSteps<void> {
    if (this.texts.isWasteful) this.clear();
    while (!this.isWhole) {
      this.isWatching = true;
      const { clears } = this;
      let taken = 0;
      for (const [tag, values] of tags()) {
        for (const [value, list] of values) {
          this.take(tag, value, list);
          taken += PAIR_STEPS;
          if (taken % STEPS_AT_ONCE < PAIR_STEPS) yield STEPS_AT_ONCE;
          if (clears !== this.clears) break;
        }
        if (clears !== this.clears) break;
      }
      this.isWhole = clears === this.clears;
    }
  }

  /** A pair that a series has. */
  take(tag: string, value: string, list: Postings): void {
    if (!this.isWatching || list.pairId >= 0) return;
    const id = this.free.pop() ?? this.pairs.length;
    list.pairId = id;
    this.pairs[id] = { tag, value, list };
    this.texts.add(id, `${tag}=${value}`);
  }

  /** No series has the pair of this list any more. */
  drop(list: Postings): void {
    const id = list.pairId;
    if (id < 0) return;
    list.pairId = -1;
    this.pairs[id] = undefined;
    this.texts.remove(id);
    this.free.push(id);
  }

  /** All lists are made anew, or the texts are. */
  clear(): void {
    for (const pair of this.pairs) if (pair !== undefined) pair.list.pairId = -1;
    this.texts = new FoldedTexts();
    this.pairs = [];
    this.free.length = 0;
    this.isWatching = false;
    this.isWhole = false;
    this.clears += 1;
  }
}
