/**
 * The series that have one value of one tag: ascending slot numbers in a growing Uint32Array.
 * Slots are given out in ascending order, so adding is appending. A removed series stays in the
 * list until the whole index is rebuilt; `live` counts those that are left. Used by tag-index.ts.
 */
import { grown } from '../../lib/grown.ts';

export class Postings {
  /** All slots, or undefined while there is but the first: most values are of one series. */
  private slots: Uint32Array | undefined;
  private first = 0;
  private used = 0;
  live = 0;
  /** Its id among the pairs that are searched (tag-pairs.ts), -1 when it has none. */
  pairId = -1;

  /** Slots ever added, removed ones too. */
  get length(): number {
    return this.used;
  }

  /** Adds a slot above all others. */
  append(slot: number): void {
    if (this.used === 0) this.first = slot;
    else this.room()[this.used] = slot;
    this.used += 1;
    this.live += 1;
  }

  view(): Uint32Array {
    return this.slots?.subarray(0, this.used) ?? Uint32Array.of(this.first).subarray(0, this.used);
  }

  /** Sets the bit of every slot: one byte a slot. */
  mark(marks: Uint8Array): void {
    const { slots, used } = this;
    if (slots === undefined) {
      if (used > 0) marks[this.first] = 1;
      return;
    }
    for (let i = 0; i < used; i++) marks[slots[i]!] = 1;
  }

  /** Number of slots whose byte is set. */
  countIn(marks: Uint8Array): number {
    const { slots, used } = this;
    if (slots === undefined) return used > 0 && marks[this.first] === 1 ? 1 : 0;
    let count = 0;
    // Slots that were added after the marks have none.
    for (let i = 0; i < used; i++) if (marks[slots[i]!] === 1) count += 1;
    return count;
  }

  meets(marks: Uint8Array): boolean {
    const { slots, used } = this;
    if (slots === undefined) return used > 0 && marks[this.first] === 1;
    for (let i = 0; i < used; i++) if (marks[slots[i]!] === 1) return true;
    return false;
  }

  /** All slots, with room for one more. */
  private room(): Uint32Array {
    if (this.slots === undefined) {
      this.slots = new Uint32Array(4);
      this.slots[0] = this.first;
    } else if (this.used === this.slots.length) {
      this.slots = grown(this.slots, new Uint32Array(this.used * 2));
    }
    return this.slots;
  }
}
