/**
 * Distinct texts in one buffer, in small letters, so that those that hold a word anywhere are found
 * by one pass of the engine's own search over a few megabytes:
 *
 *     NUL upper_90 NUL web01 NUL … NUL
 *
 * Texts are told by the caller's ids, small dense numbers. A text that goes is filled with a byte
 * that UTF-8 does not have; whoever owns this builds it anew when half of it is gone.
 */
import { grown } from '../../lib/grown.ts';
import type { InSteps } from '../../lib/in-steps.ts';

const GONE = 0xff;
/** Bytes looked through between two pauses: a tenth of a millisecond. */
const SLICE_BYTES = 128 * 1024;
/** Texts that are looked through for starts alone: a few milliseconds. */
const STARTS_BYTES_MAX = 8 * 1024 * 1024;
/** What a pass over so many bytes costs, in steps. */
const BYTES_A_STEP = 64;

export interface FoundTexts {
  ids: Set<number>;
  /** Whether these are all. */
  isWhole: boolean;
}

export class FoldedTexts {
  private bytes = Buffer.alloc(4096);
  private used = 1;
  /** Of each text, in the order in which they stand. */
  private starts = new Uint32Array(256);
  private ids = new Int32Array(256);
  private count = 0;
  /** Place in that order by id, plus 1. */
  private placeOf = new Int32Array(256);
  private goneBytes = 0;

  /** Whether it should be built anew. */
  get isWasteful(): boolean {
    return this.goneBytes > 65_536 && this.goneBytes * 2 > this.used;
  }

  /** Bytes of memory. */
  get byteLength(): number {
    const { bytes, starts, ids, placeOf } = this;
    return bytes.length + starts.byteLength + ids.byteLength + placeOf.byteLength;
  }

  has(id: number): boolean {
    return id < this.placeOf.length && this.placeOf[id] !== 0;
  }

  add(id: number, text: string): void {
    const folded = text.toLowerCase();
    this.reserve(id, folded.length * 3 + 1);
    this.starts[this.count] = this.used;
    this.ids[this.count] = id;
    this.count += 1;
    this.placeOf[id] = this.count;
    this.used += this.bytes.write(folded, this.used);
    this.bytes[this.used] = 0;
    this.used += 1;
  }

  remove(id: number): void {
    if (!this.has(id)) return;
    const place = this.placeOf[id]! - 1;
    const from = this.starts[place]!;
    const to = this.endOf(place);
    this.bytes.fill(GONE, from, to);
    this.goneBytes += to - from + 1;
    this.ids[place] = -1;
    this.placeOf[id] = 0;
  }

  /**
   * Ids of the first `most` texts that hold a word (in small letters). Texts that come or go meanwhile
   * may be in the answer or not.
   */
  *finding(word: string, most: number): InSteps<FoundTexts> {
    const ids = new Set<number>();
    const isWhole = yield* this.scanning(Buffer.from(word), ids, most);
    return { ids, isWhole };
  }

  /** Adds so many that begin with the word, of the texts that came first, where not all are known. */
  *findingStarts(word: string, { ids }: FoundTexts, most: number): InSteps<void> {
    yield* this.scanning(Buffer.from(`\0${word}`), ids, ids.size + most, STARTS_BYTES_MAX);
  }

  /** Adds to `ids`; false when it stopped at so many. */
  private *scanning(
    word: Buffer,
    ids: Set<number>,
    most: number,
    bytesMax = Infinity,
  ): InSteps<boolean> {
    let place = 0;
    for (let from = 0; from < Math.min(this.used, bytesMax);) {
      const to = Math.min(from + SLICE_BYTES + word.length, this.used);
      const slice = this.bytes.subarray(from, to);
      let at = slice.indexOf(word);
      let found = 0;
      while (at >= 0) {
        place = this.placeAt(from + at + (word[0] === 0 ? 1 : 0), place);
        const id = this.ids[place]!;
        if (id >= 0) ids.add(id);
        if (ids.size >= most) return false;
        found += 1;
        at = slice.indexOf(word, this.endOf(place) - from);
      }
      yield Math.ceil((to - from) / BYTES_A_STEP) + found;
      from = to === this.used ? to : to - word.length;
    }
    return true;
  }

  /** The place of the text that a byte belongs to, not before `from`. */
  private placeAt(position: number, from: number): number {
    const { starts } = this;
    let low = from;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the NUL behind a text is. */
  private endOf(place: number): number {
    return (place + 1 < this.count ? this.starts[place + 1]! : this.used) - 1;
  }

  private reserve(id: number, bytes: number): void {
    if (this.used + bytes > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(this.bytes.length * 2, this.used + bytes));
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    if (this.count === this.starts.length) {
      this.starts = grown(this.starts, new Uint32Array(this.count * 2));
      this.ids = grown(this.ids, new Int32Array(this.count * 2));
    }
    if (id >= this.placeOf.length) {
      this.placeOf = grown(this.placeOf, new Int32Array(Math.max(id + 1, this.placeOf.length * 2)));
    }
  }
}
