/**
 * Members of sets between two flushes: one open-addressing table for all sets, keyed by (set,
 * member bytes), so that a member costs 16 bytes and its text. There are two of these tables and
 * they swap at a flush; clearing one is a fill, whatever it held.
 *
 *     index   | hash | entry + 1 |
 *     entry   | set | length | place in the arena | entry of the same set before it + 1 |
 *     last    by set: its last entry + 1
 */
import type { DistinctSketch } from '../../sketch/distinct.ts';
import { hashWords } from '../protocol/words.ts';
import { NameArena, NO_ROOM } from './name-arena.ts';

const MEMBER_KNOWN = 0;
export const MEMBER_NEW = 1;
export const MEMBER_REJECTED = 2;

const ENTRY_WORDS = 4;
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export class SetMembers {
  private index = new Int32Array(1024 * 2);
  private mask = 1023;
  private entries = new Int32Array(512 * ENTRY_WORDS);
  private length = 0;
  private last = new Int32Array(256);
  private readonly arena: NameArena;
  private readonly secret: number;

  constructor(limitBytes: number, secret: number) {
    this.arena = new NameArena(limitBytes);
    this.secret = secret;
  }

  get usedBytes(): number {
    return this.arena.usedBytes + this.length * (ENTRY_WORDS + 4) * 4;
  }

  /** Adds a member unless `mayAdd` is false (the set is full) or there is no room. */
  add(set: number, view: DataView, from: number, length: number, mayAdd: boolean): number {
    const hash = hashWords(view, from, length, this.secret) ^ Math.imul(set + 1, 0x85ebca6b);
    let slot = hash & this.mask;
    for (; this.index[slot * 2 + 1]! !== 0; slot = (slot + 1) & this.mask) {
      if (this.index[slot * 2]! !== hash) continue;
      if (this.isSame(this.index[slot * 2 + 1]! - 1, set, view, from, length)) return MEMBER_KNOWN;
    }
    if (!mayAdd) return MEMBER_REJECTED;
    const place = length === 0 ? 0 : this.arena.take(length);
    if (place === NO_ROOM) return MEMBER_REJECTED;
    for (let i = 0; i < length; i++) this.arena.bytes[place * 4 + i] = view.getUint8(from + i);
    if (this.length * ENTRY_WORDS === this.entries.length) this.growEntries();
    const entry = this.length++;
    this.entries[entry * ENTRY_WORDS] = set;
    this.entries[entry * ENTRY_WORDS + 1] = length;
    this.entries[entry * ENTRY_WORDS + 2] = place;
    if (set >= this.last.length) this.growLast(set);
    this.entries[entry * ENTRY_WORDS + 3] = this.last[set]!;
    this.last[set] = entry + 1;
    this.index[slot * 2] = hash;
    this.index[slot * 2 + 1] = entry + 1;
    if (this.length * 2 > this.mask) this.growIndex();
    return MEMBER_NEW;
  }

  /** In the order in which they came. */
  membersOf(set: number): string[] {
    const members: string[] = [];
    for (let entry = this.lastOf(set); entry !== 0;) {
      const at = (entry - 1) * ENTRY_WORDS;
      const start = this.entries[at + 2]! * 4;
      members.push(DECODER.decode(this.arena.bytes.subarray(start, start + this.entries[at + 1]!)));
      entry = this.entries[at + 3]!;
    }
    return members.reverse();
  }

  /** The last entry of a set + 1, 0 for none: where `gather` starts. */
  lastOf(set: number): number {
    return set < this.last.length ? this.last[set]! : 0;
  }

  /** Adds at most `limit` members to a sketch, from an entry on; where to go on, 0 at the end. */
  gather(from: number, limit: number, sketch: DistinctSketch): number {
    const { entries } = this;
    const { bytes } = this.arena;
    let entry = from;
    for (let left = limit; entry !== 0 && left > 0; left--) {
      const at = (entry - 1) * ENTRY_WORDS;
      const start = entries[at + 2]! * 4;
      sketch.add(bytes, start, start + entries[at + 1]!);
      entry = entries[at + 3]!;
    }
    return entry;
  }

  clear(): void {
    if (this.length === 0) return;
    this.index.fill(0);
    this.last.fill(0);
    this.length = 0;
    this.arena.clear();
  }

  private isSame(
    entry: number,
    set: number,
    view: DataView,
    from: number,
    length: number,
  ): boolean {
    const at = entry * ENTRY_WORDS;
    if (this.entries[at]! !== set || this.entries[at + 1]! !== length) return false;
    const start = this.entries[at + 2]! * 4;
    const bytes = this.arena.bytes;
    for (let i = 0; i < length; i++) {
      if (bytes[start + i]! !== view.getUint8(from + i)) return false;
    }
    return true;
  }

  private growLast(set: number): void {
    const last = new Int32Array(Math.max(set + 1, this.last.length * 2));
    last.set(this.last);
    this.last = last;
  }

  private growEntries(): void {
    const entries = new Int32Array(this.entries.length * 2);
    entries.set(this.entries);
    this.entries = entries;
  }

  private growIndex(): void {
    const old = this.index;
    this.index = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1]! === 0) continue;
      let slot = old[at]! & this.mask;
      while (this.index[slot * 2 + 1]! !== 0) slot = (slot + 1) & this.mask;
      this.index[slot * 2] = old[at]!;
      this.index[slot * 2 + 1] = old[at + 1]!;
    }
  }
}
