/**
 * How lines that were read once are spelled, and what that means: the bytes before a line's values
 * and behind them, to kind, weight and metric, or to the reason why such lines are rejected. What is
 * known here needs no grammar; only a new spelling goes through its dialect's reader.
 *
 *     api.hits:3|c|@0.1|#region:eu
 *     ^------^  ^----------------^
 *     head      tail
 *
 *     index    | hash | place + 1 |
 *     record   | lengths | metric | generation | meaning | head, zero-padded | tail, zero-padded |
 *              | weight (f64) | hash | name | tags |
 *
 * Records lie in a ring. It grows up to its limit; from then on the oldest gives way, and only what
 * comes a second time is taken in, so that a flood of new spellings does not push out those in use.
 * A metric that is gone is known by its generation; its spellings find it anew.
 */
import { type Cursor, NO_METRIC, TIME, WEIGHT } from '../protocol/cursor.ts';
import { copyWords } from '../protocol/words.ts';
import { HashIndex } from './hash-index.ts';
import { type NameTable, RECORD_WORDS, WORD_GENERATION } from './name-table.ts';

/** Words of a record, for the hot loop of statsd-fast-path.ts, which probes in place: first the lengths. */
const LENGTHS = 0;
export const METRIC = 1;
export const GENERATION = 2;
export const MEANING = 3;
export const HEAD = 4;
/** Words behind the tail and the weight. */
const HASH = 2;
const NAME = 3;
const TAGS = 4;
const REST_WORDS = 5;

/** Bits of the meaning: a KIND_, what Cursor says of a timer, what is cut off, a REASON_ + 1. */
export const MEANS_KIND = 3;
export const MEANS_WEIGHTED = 4;
export const MEANS_UNSIGNED = 8;
/** There is a weight other than 1. */
export const MEANS_SAMPLED = 16;
const CUT_SHIFT = 5;
const CUT_MAX = 255;
const REASON_SHIFT = 13;

/** Longest head, longest tail: longer lines are read in full each time. */
export const PART_BYTES_MAX = 4095;
export const TAIL_SHIFT = 13;
export const DIALECT_SHIFT = 26;

const SPELLINGS_MAX = 2 ** 20;
const RING_BYTES_MAX = 128 * 2 ** 20;
/** Hashes that came once since the ring is full; a power of two. */
const CANDIDATES = 2 ** 16;
const NOWHERE = -1;

export class Spellings {
  words = new Int32Array(2 ** 12);
  doubles = new Float64Array(this.words.buffer);
  readonly index = new HashIndex(2 ** 8);
  /** What the hot loop looked for last and did not find. */
  private soughtFrom = NOWHERE;
  private soughtTo = NOWHERE;
  private soughtValue = 0;
  private soughtTail = 0;
  private soughtHash = 0;
  private readonly limitWords: number;
  /** Records lie from `oldest` to `end`; while `isWrapped`, from `oldest` to `top` and from 0 to `end`. */
  private end = 0;
  private oldest = 0;
  private top = 0;
  private isWrapped = false;
  private isFull = false;
  private candidates = new Int32Array(0);

  /** `limitBytes` for the ring; its index comes on top. */
  constructor(limitBytes = RING_BYTES_MAX) {
    this.limitWords = limitBytes >> 2;
  }

  get usedBytes(): number {
    return this.words.byteLength + this.index.slots.byteLength;
  }

  /** Notes what was looked for and is not here: the line's first byte, values and end, and its hash. */
  seek(lineFrom: number, valueFrom: number, valueTo: number, lineTo: number, hash: number): void {
    this.soughtFrom = lineFrom;
    this.soughtValue = valueFrom;
    this.soughtTail = valueTo;
    this.soughtTo = lineTo;
    this.soughtHash = hash;
  }

  /** The first colon of what was looked for last, if that began there. */
  soughtColon(lineFrom: number): number | undefined {
    return this.soughtFrom === lineFrom ? this.soughtValue - 1 : undefined;
  }

  /** Whether this line was looked for last, once. */
  wasSought(lineFrom: number, lineTo: number): boolean {
    const wasSought = this.soughtFrom === lineFrom && this.soughtTo === lineTo;
    this.soughtFrom = NOWHERE;
    return wasSought;
  }

  /** Remembers the line that was sought, as its reader left it in the cursor: a MEANS_ or REASON_. */
  learn(cursor: Cursor, reason: number, names: NameTable): void {
    const { soughtValue, soughtTail, soughtTo, soughtHash } = this;
    const lineFrom = cursor.lineFrom;
    const headBytes = soughtValue - 1 - lineFrom;
    const tailBytes = soughtTo - soughtTail;
    const cut = soughtTo - cursor.lineTo;
    // Without a bar, what is cut off a line's end belongs to its values.
    if (tailBytes === 0 || cut > CUT_MAX) return;
    const lengths = lengthsOf(headBytes, tailBytes, cursor.dialect);
    const size = recordWords(lengths);
    if (size > this.limitWords || !this.isWanted(soughtHash)) return;
    const place = this.take(size);
    const { words } = this;
    words[place + LENGTHS] = lengths;
    words[place + METRIC] = NO_METRIC;
    words[place + MEANING] =
      cursor.kind |
      (cursor.weighted ? MEANS_WEIGHTED : 0) |
      (cursor.unsigned ? MEANS_UNSIGNED : 0) |
      (cursor.numbers[WEIGHT] !== 1 ? MEANS_SAMPLED : 0) |
      (cut << CUT_SHIFT) |
      ((reason + 1) << REASON_SHIFT);
    const rest = restOf(place, lengths);
    const tail = place + HEAD + (headBytes >> 2) + 1;
    // The last word of a part is there even when it has no bytes.
    words[tail - 1] = words[tail + (tailBytes >> 2)] = 0;
    copyWords(words, place + HEAD, cursor.view, lineFrom, headBytes);
    copyWords(words, tail, cursor.view, soughtTail, tailBytes);
    this.doubles[rest >> 1] = cursor.numbers[WEIGHT]!;
    words[rest + HASH] = soughtHash;
    words[rest + NAME] = pair(cursor.nameFrom - lineFrom, cursor.nameTo - lineFrom);
    const hasTags = cursor.tagsFrom < cursor.tagsTo;
    const tags = pair(cursor.tagsFrom - soughtTail, cursor.tagsTo - soughtTail);
    words[rest + TAGS] = hasTags ? tags : 0;
    this.index.add(soughtHash, place + 1);
    if (reason < 0 && cursor.metricKind === cursor.kind) this.point(place, cursor.metric, names);
  }

  /** A spelling's metric, or what a Resolver says instead. */
  point(place: number, metric: number, names: NameTable): void {
    this.words[place + METRIC] = metric;
    if (metric < 0) return;
    this.words[place + GENERATION] = names.words[metric * RECORD_WORDS + WORD_GENERATION]!;
  }

  /**
   * Fills the cursor with all but the values of a line that ends at `lineTo`; its first byte and its
   * values are there already. Returns why such lines are rejected, a REASON_, or a negative number.
   */
  load(place: number, cursor: Cursor, lineTo: number, names: NameTable): number {
    const { words } = this;
    const { lineFrom, valueTo } = cursor;
    const meaning = words[place + MEANING]!;
    cursor.lineTo = lineTo - ((meaning >> CUT_SHIFT) & CUT_MAX);
    cursor.kind = meaning & MEANS_KIND;
    cursor.weighted = (meaning & MEANS_WEIGHTED) !== 0;
    cursor.unsigned = (meaning & MEANS_UNSIGNED) !== 0;
    const rest = restOf(place, words[place + LENGTHS]!);
    cursor.nameFrom = lineFrom + (words[rest + NAME]! & 0xffff);
    cursor.nameTo = lineFrom + (words[rest + NAME]! >>> 16);
    cursor.tagsFrom = valueTo + (words[rest + TAGS]! & 0xffff);
    cursor.tagsTo = valueTo + (words[rest + TAGS]! >>> 16);
    cursor.typeFrom = cursor.typeTo = valueTo;
    cursor.numbers[WEIGHT] = this.doubles[rest >> 1]!;
    cursor.numbers[TIME] = 0;
    const metric = words[place + METRIC]!;
    const isGone =
      metric >= 0 &&
      names.words[metric * RECORD_WORDS + WORD_GENERATION]! !== words[place + GENERATION]!;
    cursor.metric = isGone ? NO_METRIC : metric;
    cursor.metricKind = cursor.kind;
    return (meaning >> REASON_SHIFT) - 1;
  }

  /** Forgets everything: names may be kept otherwise from now on. */
  clear(): void {
    this.index.clear();
    this.end = this.oldest = this.top = 0;
    this.isWrapped = this.isFull = false;
  }

  private isWanted(hash: number): boolean {
    if (!this.isFull) return true;
    if (this.candidates.length === 0) this.candidates = new Int32Array(CANDIDATES);
    const slot = (hash >>> 8) & (CANDIDATES - 1);
    if (this.candidates[slot] === hash) return true;
    this.candidates[slot] = hash;
    return false;
  }

  /** Room for a record; the oldest ones give theirs where the ring is full. */
  private take(words: number): number {
    while (!this.isFull && this.end + words > this.words.length) this.grow();
    if (this.end + words > this.words.length) {
      while (this.isWrapped) this.dropOldest();
      this.top = this.end;
      this.end = 0;
      this.isWrapped = true;
    }
    while (this.isWrapped && this.oldest < this.end + words) this.dropOldest();
    while (this.index.count >= SPELLINGS_MAX) this.dropOldest();
    const place = this.end;
    this.end += words;
    this.isFull ||= this.index.count + 1 >= SPELLINGS_MAX;
    return place;
  }

  private dropOldest(): void {
    const { words, oldest } = this;
    const lengths = words[oldest + LENGTHS]!;
    this.index.remove(words[restOf(oldest, lengths) + HASH]!, oldest + 1);
    this.oldest += recordWords(lengths);
    if (!this.isWrapped || this.oldest < this.top) return;
    this.isWrapped = false;
    this.oldest = 0;
  }

  private grow(): void {
    this.isFull = this.words.length >= this.limitWords;
    if (this.isFull) return;
    const words = new Int32Array(Math.min(this.words.length * 2, this.limitWords));
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
  }
}

function lengthsOf(headBytes: number, tailBytes: number, dialect: number): number {
  return headBytes | (tailBytes << TAIL_SHIFT) | (dialect << DIALECT_SHIFT);
}

/** Where the weight of a record is, at a whole double, and what follows it. */
export function restOf(place: number, lengths: number): number {
  const headBytes = lengths & PART_BYTES_MAX;
  const tailBytes = (lengths >> TAIL_SHIFT) & PART_BYTES_MAX;
  return (place + HEAD + (headBytes >> 2) + (tailBytes >> 2) + 3) & ~1;
}

function recordWords(lengths: number): number {
  return (restOf(0, lengths) + REST_WORDS + 1) & ~1;
}

/** Two numbers below 2^16 in one word. */
function pair(low: number, high: number): number {
  return low | (high << 16);
}
