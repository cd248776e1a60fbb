/**
 * Room for names: blocks of whole 16-byte granules, recycled by
 * size. Places are word indexes. Bounded: `take` says NO_ROOM. Used by name-table.ts and set.ts.
 */
export const NO_ROOM = -1;

const GRANULE_WORDS = 4;
/** A name is shorter than a datagram: 2^16 bytes. */
const CLASSES = 65536 / (GRANULE_WORDS * 4) + 1;

export class NameArena {
  words = new Int32Array(4096);
  bytes = new Uint8Array(this.words.buffer);
  usedBytes = 0;
  private end = 0;
  private readonly limitWords: number;
  /** First free block of each size, as place + 1; a free block's first word holds the next one. */
  private readonly free = new Int32Array(CLASSES);

  constructor(limitBytes: number) {
    this.limitWords = limitBytes >> 2;
  }

  take(length: number): number {
    const granules = granulesOf(length);
    const recycled = this.free[granules]!;
    if (recycled !== 0) {
      this.free[granules] = this.words[recycled - 1]!;
      this.usedBytes += granules * 16;
      return recycled - 1;
    }
    const place = this.end;
    const next = place + granules * GRANULE_WORDS;
    if (next > this.limitWords) return NO_ROOM;
    if (next > this.words.length) this.grow(next);
    this.end = next;
    this.usedBytes += granules * 16;
    return place;
  }

  give(place: number, length: number): void {
    const granules = granulesOf(length);
    this.words[place] = this.free[granules]!;
    this.free[granules] = place + 1;
    this.usedBytes -= granules * 16;
  }

  /** Gives everything back at once. */
  clear(): void {
    this.end = 0;
    this.usedBytes = 0;
    this.free.fill(0);
  }

  private grow(needed: number): void {
    const words = new Int32Array(
      Math.min(Math.max(needed, this.words.length * 2), this.limitWords),
    );
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }
}

/** An empty name has a place as well. */
function granulesOf(length: number): number {
  return Math.max(1, (length + 15) >> 4);
}
