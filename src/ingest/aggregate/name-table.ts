/**
 * Names to records, keyed by (kind, name bytes): a hash index, a record of half a cache line for each
 * name's values, and the names themselves in an arena. Only who knows no shorter way to a record
 * (spellings.ts) asks for it by its name.
 *
 *     index    | hash | record + 1 |
 *     record   | generation | word 1 | value A (f64) | value B (f64) | word 6 | word 7 |
 *     name     | length, kind | its place in the arena |
 *
 * What words 1 to 7 mean is up to the record's kind (metrics.ts). The generation grows whenever the
 * record changes hands: whoever remembers an id remembers it, too. Full tables refuse, never throw.
 */
import { copyWords, finishHash, mixWord, TAIL_MASKS } from '../protocol/words.ts';
import { HashIndex } from './hash-index.ts';
import { NameArena, NO_ROOM } from './name-arena.ts';
import { grown } from '../../lib/grown.ts';

export const RECORD_WORDS = 8;
export const WORD_GENERATION = 0;
export const WORD_ONE = 1;
/** Index of value A among the record's 4 doubles; value B follows. */
export const DOUBLE_VALUES = 1;
/** Words 6 and 7, one per parity of the epoch. */
export const WORD_STATE = 6;

export const NONE = -1;

export class NameTable {
  words: Int32Array;
  doubles: Float64Array;
  /** Length and kind of each name, NONE where a record is free. */
  private heads: Int32Array;
  private places: Int32Array;
  private readonly index = new HashIndex(256);
  private readonly arena: NameArena;
  private readonly secret: number;
  private readonly limit: number;
  private capacity = 256;
  private used = 0;
  private freeRecord = NONE;

  /** `limit` records, `arenaBytes` for their names; `secret` seeds the hash. */
  constructor(limit: number, arenaBytes: number, secret: number) {
    this.limit = limit;
    this.secret = secret;
    this.arena = new NameArena(arenaBytes);
    this.words = new Int32Array(this.capacity * RECORD_WORDS);
    this.doubles = new Float64Array(this.words.buffer);
    this.heads = new Int32Array(this.capacity);
    this.places = new Int32Array(this.capacity);
  }

  get live(): number {
    return this.index.count;
  }

  get nameBytes(): number {
    return this.arena.usedBytes;
  }

  /** Records that ever existed at once: ids are below this. */
  get size(): number {
    return this.used;
  }

  isFree(id: number): boolean {
    return this.heads[id]! === NONE;
  }

  /** `hash` is hashWords() of the name; the record's id, or NONE. */
  find(view: DataView, from: number, length: number, hash: number, kind: number): number {
    const { slots, mask } = this.index;
    const key = keyOf(hash, kind);
    const head = length | (kind << 16);
    for (let slot = key & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot * 2 + 1]!;
      if (entry === 0) return NONE;
      if (slots[slot * 2]! !== key || this.heads[entry - 1]! !== head) continue;
      if (sameWords(this.arena.words, this.places[entry - 1]!, view, from, length)) {
        return entry - 1;
      }
    }
  }

  /** Adds a name that is not there; NONE when the table or its arena is full. */
  add(view: DataView, from: number, length: number, hash: number, kind: number): number {
    if (this.live >= this.limit) return NONE;
    const place = this.arena.take(length);
    if (place === NO_ROOM) return NONE;
    const id = this.takeRecord();
    this.heads[id] = length | (kind << 16);
    this.places[id] = place;
    copyWords(this.arena.words, place, view, from, length);
    this.index.add(keyOf(hash, kind), id + 1);
    return id;
  }

  remove(id: number): void {
    const { words } = this;
    const record = id * RECORD_WORDS;
    this.index.remove(keyOf(this.hashOf(id), this.kindOf(id)), id + 1);
    this.arena.give(this.places[id]!, this.lengthOf(id));
    this.heads[id] = NONE;
    words[record + WORD_GENERATION]! += 1;
    words[record + WORD_ONE] = this.freeRecord;
    this.freeRecord = id;
  }

  lengthOf(id: number): number {
    return this.heads[id]! & 0xffff;
  }

  kindOf(id: number): number {
    return this.heads[id]! >>> 16;
  }

  /** The bytes that hold all names, each starting at its `startOf`. */
  get bytes(): Uint8Array {
    return this.arena.bytes;
  }

  startOf(id: number): number {
    return this.places[id]! * 4;
  }

  private takeRecord(): number {
    const id = this.freeRecord;
    if (id !== NONE) {
      const record = id * RECORD_WORDS;
      this.freeRecord = this.words[record + WORD_ONE]!;
      this.words.fill(0, record + WORD_ONE, record + RECORD_WORDS);
      return id;
    }
    if (this.used === this.capacity) this.growRecords();
    return this.used++;
  }

  private growRecords(): void {
    this.capacity *= 2;
    this.words = grown(this.words, new Int32Array(this.capacity * RECORD_WORDS));
    this.doubles = new Float64Array(this.words.buffer);
    this.heads = grown(this.heads, new Int32Array(this.capacity));
    this.places = grown(this.places, new Int32Array(this.capacity));
  }

  private hashOf(id: number): number {
    const length = this.lengthOf(id);
    const { words } = this.arena;
    let at = this.places[id]!;
    let hash = this.secret;
    for (const end = at + (length >> 2); at < end; at++) {
      hash = mixWord(hash, words[at]!, this.secret);
    }
    // Names are zero-padded to whole words, so the last one needs no mask.
    if ((length & 3) !== 0) hash = mixWord(hash, words[at]!, this.secret);
    return finishHash(hash, length);
  }
}

function keyOf(hash: number, kind: number): number {
  return hash ^ Math.imul(kind + 1, 0x9e3779b1);
}

function sameWords(
  words: Int32Array,
  at: number,
  view: DataView,
  from: number,
  length: number,
): boolean {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) {
    if (words[at + i]! !== view.getInt32(from + i * 4, true)) return false;
  }
  const tail = length & 3;
  if (tail === 0) return true;
  return words[at + whole]! === (view.getInt32(from + whole * 4, true) & TAIL_MASKS[tail]!);
}
