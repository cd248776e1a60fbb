/**
 * Names of ready-made points to small numbers, so that a known name crosses to main as four bytes.
 * An open-addressing table over an arena of name bytes; numbers count up from 0 and live until the
 * table is full and cleared as a whole. Which name came after which is remembered: senders repeat
 * themselves, and a guess that fits costs a comparison instead of a hash and a search.
 *
 *     index    | hash | number + 1 |         linear probing, at most half full
 *     number   | place in the arena | length | the number that followed it last |
 *     arena    | name and one blank, zero-padded to whole words |
 */
import { hashWords, littleEndianView, TAIL_MASKS } from '../protocol/words.ts';

export const NO_NAME = -1;

export interface CarbonNameLimits {
  names: number;
  arenaBytes: number;
}

/** 64 MB of names of 60 bytes. */
export const POINT_NAME_LIMITS: CarbonNameLimits = { names: 2 ** 20, arenaBytes: 64 * 2 ** 20 };

const BLANK = 0x20;

export class CarbonNames {
  /** For the hot loop of carbon-fast-path.ts, as are the columns below. */
  words = new Int32Array(4096);
  places = new Int32Array(256);
  lengths = new Int32Array(256);
  nexts = new Int32Array(256);
  /** The number of the last line's name, NO_NAME before the first. */
  last = NO_NAME;
  count = 0;
  private index = new Int32Array(1024);
  private mask = 511;
  private end = 0;
  private readonly limits: CarbonNameLimits;
  private readonly secret: number;
  private scratch = Buffer.alloc(1024);
  private scratchView = littleEndianView(this.scratch);

  constructor(limits: CarbonNameLimits, secret: number) {
    this.limits = limits;
    this.secret = secret;
    // Set twice: what V8 takes for constant makes it throw compiled loops away when it grows.
    this.words = new Int32Array(4096);
    this.growColumns();
    this.growIndex();
  }

  /** The number of a name, NO_NAME when it is not known; 3 bytes behind the name must exist. */
  find(view: DataView, from: number, length: number): number {
    const { index, mask } = this;
    const hash = hashWords(view, from, length, this.secret);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot * 2 + 1]!;
      if (entry === 0) return NO_NAME;
      if (index[slot * 2]! !== hash) continue;
      if (this.lengths[entry - 1]! !== length) continue;
      if (this.isAt(this.places[entry - 1]!, view, from, length)) return entry - 1;
    }
  }

  /** The number of a name, a new one when need be; NO_NAME when the table is full. */
  numberOf(name: string): number {
    const length = this.write(name);
    const known = this.find(this.scratchView, 0, length);
    return known === NO_NAME ? this.add(length) : known;
  }

  /** Notes the line's name, for the guess at the next. */
  came(number: number): void {
    if (this.last !== NO_NAME) this.nexts[this.last] = number;
    this.last = number;
  }

  clear(): void {
    this.index.fill(0);
    this.count = 0;
    this.end = 0;
    this.last = NO_NAME;
  }

  /** Into the scratch buffer, with a blank and padding behind it; its length. */
  private write(name: string): number {
    const room = name.length * 3 + 8;
    if (room > this.scratch.length) {
      this.scratch = Buffer.alloc(room * 2);
      this.scratchView = littleEndianView(this.scratch);
    }
    const length = this.scratch.write(name);
    this.scratch.fill(0, length, length + 8);
    this.scratch[length] = BLANK;
    return length;
  }

  /** The name in the scratch buffer. */
  private add(length: number): number {
    const wordCount = (length + 4) >> 2;
    const { limits, count } = this;
    if (count >= limits.names || (this.end + wordCount) * 4 > limits.arenaBytes) return NO_NAME;
    if (this.end + wordCount > this.words.length) this.words = wider(this.words, wordCount);
    if (count === this.places.length) this.growColumns();
    for (let i = 0; i < wordCount; i++) {
      this.words[this.end + i] = this.scratchView.getInt32(i * 4, true);
    }
    this.places[count] = this.end;
    this.lengths[count] = length;
    this.nexts[count] = NO_NAME;
    this.end += wordCount;
    this.count += 1;
    if (this.count * 2 > this.mask) this.growIndex();
    this.link(hashWords(this.scratchView, 0, length, this.secret), count);
    return count;
  }

  private isAt(place: number, view: DataView, from: number, length: number): boolean {
    const { words } = this;
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) {
      if (words[place + i]! !== view.getInt32(from + i * 4, true)) return false;
    }
    const mask = TAIL_MASKS[length & 3]!;
    if ((length & 3) === 0) return true;
    return (words[place + whole]! & mask) === (view.getInt32(from + whole * 4, true) & mask);
  }

  private link(hash: number, number: number): void {
    let slot = hash & this.mask;
    while (this.index[slot * 2 + 1]! !== 0) slot = (slot + 1) & this.mask;
    this.index[slot * 2] = hash;
    this.index[slot * 2 + 1] = number + 1;
  }

  private growIndex(): void {
    const old = this.index;
    this.index = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1]! !== 0) this.link(old[at]!, old[at + 1]! - 1);
    }
  }

  private growColumns(): void {
    this.places = wider(this.places, 0);
    this.lengths = wider(this.lengths, 0);
    this.nexts = wider(this.nexts, 0);
  }
}

/** Twice as long, and with room for so many more. */
function wider(column: Int32Array, more: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(column.length * 2 + more);
  longer.set(column);
  return longer;
}
