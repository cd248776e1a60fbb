/**
 * Names to records: an open-addressing table in typed arrays, keyed by (kind, name bytes). The
 * index holds pairs of hash and record; a record is one cache line with the name's first 32 bytes
 * in it, so a hit touches two lines. Longer names live in an arena.
 *
 *     index   | hash | record + 1 | hash | record + 1 | …          linear probing, at most half full
 *     record  | length, kind | word 1 | value A (f64) | value B (f64) | word 6 | word 7 |
 *             | name: 32 bytes, zero-padded; or its place in the arena                  |
 *
 * What words 1 to 7 mean is up to the record's kind (metrics.ts). Full tables refuse, never throw.
 */
import { finishHash, mixWord, TAIL_MASKS } from '../protocol/words.ts';
import { NameArena, NO_ROOM } from './name-arena.ts';

export const RECORD_WORDS = 16;
export const WORD_ONE = 1;
/** Index of value A among the record's 8 doubles; value B follows. */
export const DOUBLE_VALUES = 1;
/** Words 6 and 7, one per parity of the epoch. */
export const WORD_STATE = 6;
export const WORD_NAME = 8;
const INLINE_BYTES = 32;

export const NONE = -1;

export class NameTable {
  words: Int32Array;
  doubles: Float64Array;
  private bytes: Uint8Array;
  /** For the hot loop of statsd-fast-path.ts, which probes in place. */
  index: Int32Array;
  mask: number;
  private readonly arena: NameArena;
  private readonly secret: number;
  private readonly limit: number;
  private capacity = 256;
  private used = 0;
  private freeRecord = NONE;
  live = 0;

  /** `limit` records, `arenaBytes` for names over 32 bytes; `secret` seeds the hash. */
  constructor(limit: number, arenaBytes: number, secret: number) {
    this.limit = limit;
    this.secret = secret;
    this.arena = new NameArena(arenaBytes);
    this.words = new Int32Array(this.capacity * RECORD_WORDS);
    this.doubles = new Float64Array(this.words.buffer);
    this.bytes = new Uint8Array(this.words.buffer);
    this.index = new Int32Array(this.capacity * 4);
    this.mask = this.capacity * 2 - 1;
  }

  get nameBytes(): number {
    return this.live * INLINE_BYTES + this.arena.usedBytes;
  }

  /** Records that ever existed at once: ids are below this. */
  get size(): number {
    return this.used;
  }

  /** `hash` is hashWords() of the name; the record's id, or NONE. */
  find(view: DataView, from: number, length: number, hash: number, kind: number): number {
    const { index, mask, words } = this;
    const key = keyOf(hash, kind);
    const head = length | (kind << 16);
    for (let slot = key & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot * 2 + 1]!;
      if (entry === 0) return NONE;
      if (index[slot * 2]! !== key) continue;
      const record = (entry - 1) * RECORD_WORDS;
      if (words[record]! !== head) continue;
      if (length <= INLINE_BYTES) {
        if (sameWords(words, record + WORD_NAME, view, from, length)) return entry - 1;
      } else if (sameWords(this.arena.words, words[record + WORD_NAME]!, view, from, length)) {
        return entry - 1;
      }
    }
  }

  /** Adds a name that is not there; NONE when the table or its arena is full. */
  add(view: DataView, from: number, length: number, hash: number, kind: number): number {
    if (this.live >= this.limit) return NONE;
    let place = NONE;
    if (length > INLINE_BYTES) {
      place = this.arena.take(length);
      if (place === NO_ROOM) return NONE;
    }
    const id = this.takeRecord();
    const { words } = this;
    const record = id * RECORD_WORDS;
    words.fill(0, record, record + RECORD_WORDS);
    words[record] = length | (kind << 16);
    if (place === NONE) copyWords(words, record + WORD_NAME, view, from, length);
    else {
      words[record + WORD_NAME] = place;
      copyWords(this.arena.words, place, view, from, length);
    }
    this.live += 1;
    if (this.live * 2 > this.mask) this.growIndex();
    this.link(keyOf(hash, kind), id);
    return id;
  }

  remove(id: number): void {
    const { index, mask, words } = this;
    const record = id * RECORD_WORDS;
    const head = words[record]!;
    const length = head & 0xffff;
    let slot = keyOf(this.hashOf(id), head >>> 16) & mask;
    while (index[slot * 2 + 1]! !== id + 1) slot = (slot + 1) & mask;
    this.unlink(slot);
    if (length > INLINE_BYTES) this.arena.give(words[record + WORD_NAME]!, length);
    words[record] = NONE;
    words[record + WORD_ONE] = this.freeRecord;
    this.freeRecord = id;
    this.live -= 1;
  }

  lengthOf(id: number): number {
    return this.words[id * RECORD_WORDS]! & 0xffff;
  }

  kindOf(id: number): number {
    return this.words[id * RECORD_WORDS]! >>> 16;
  }

  /** The bytes that hold the name, starting at `startOf(id)`. */
  bytesOf(id: number): Uint8Array {
    return this.lengthOf(id) <= INLINE_BYTES ? this.bytes : this.arena.bytes;
  }

  startOf(id: number): number {
    const name = id * RECORD_WORDS + WORD_NAME;
    return (this.lengthOf(id) <= INLINE_BYTES ? name : this.words[name]!) * 4;
  }

  private takeRecord(): number {
    const id = this.freeRecord;
    if (id !== NONE) {
      this.freeRecord = this.words[id * RECORD_WORDS + WORD_ONE]!;
      return id;
    }
    if (this.used === this.capacity) this.growRecords();
    return this.used++;
  }

  private growRecords(): void {
    this.capacity *= 2;
    const words = new Int32Array(this.capacity * RECORD_WORDS);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    this.bytes = new Uint8Array(words.buffer);
  }

  private growIndex(): void {
    const old = this.index;
    this.index = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1]! !== 0) this.link(old[at]!, old[at + 1]! - 1);
    }
  }

  private link(key: number, id: number): void {
    let slot = key & this.mask;
    while (this.index[slot * 2 + 1]! !== 0) slot = (slot + 1) & this.mask;
    this.index[slot * 2] = key;
    this.index[slot * 2 + 1] = id + 1;
  }

  /** Empties a slot and moves up what probing would no longer find behind the gap. */
  private unlink(emptied: number): void {
    const { index, mask } = this;
    let gap = emptied;
    for (let slot = (gap + 1) & mask; index[slot * 2 + 1]! !== 0; slot = (slot + 1) & mask) {
      const distance = (slot - index[slot * 2]!) & mask;
      if (distance < ((slot - gap) & mask)) continue;
      index[gap * 2] = index[slot * 2]!;
      index[gap * 2 + 1] = index[slot * 2 + 1]!;
      gap = slot;
    }
    index[gap * 2] = 0;
    index[gap * 2 + 1] = 0;
  }

  private hashOf(id: number): number {
    const length = this.lengthOf(id);
    const words = length <= INLINE_BYTES ? this.words : this.arena.words;
    let at = this.startOf(id) >> 2;
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

function copyWords(
  words: Int32Array,
  at: number,
  view: DataView,
  from: number,
  length: number,
): void {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) words[at + i] = view.getInt32(from + i * 4, true);
  const tail = length & 3;
  if (tail !== 0) {
    words[at + whole] = view.getInt32(from + whole * 4, true) & TAIL_MASKS[tail]!;
  }
}
