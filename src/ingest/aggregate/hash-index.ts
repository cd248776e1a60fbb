/**
 * Hashes to entries: open addressing with linear probing in one typed array, at most half full. An
 * entry is a number above 0 that means something to its owner, who compares keys and so probes in
 * place; adding, removing and growing are the same for all.
 *
 *     slots    | hash | entry | hash | entry | …          an entry of 0 is an empty slot
 */
export class HashIndex {
  slots: Int32Array;
  /** Slots less one; hash & mask is where probing starts. */
  mask: number;
  count = 0;

  /** `size`: how many entries there is room for at first, a power of two. */
  constructor(size: number) {
    this.slots = new Int32Array(size * 4);
    this.mask = size * 2 - 1;
  }

  add(hash: number, entry: number): void {
    this.count += 1;
    if (this.count * 2 > this.mask) this.grow();
    this.put(hash, entry);
  }

  /** Removes an entry that is there, and moves up what probing would not find behind the gap. */
  remove(hash: number, entry: number): void {
    const { slots, mask } = this;
    let gap = hash & mask;
    while (slots[gap * 2 + 1]! !== entry) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; slots[slot * 2 + 1]! !== 0; slot = (slot + 1) & mask) {
      const distance = (slot - slots[slot * 2]!) & mask;
      if (distance < ((slot - gap) & mask)) continue;
      slots[gap * 2] = slots[slot * 2]!;
      slots[gap * 2 + 1] = slots[slot * 2 + 1]!;
      gap = slot;
    }
    slots[gap * 2] = 0;
    slots[gap * 2 + 1] = 0;
    this.count -= 1;
  }

  clear(): void {
    this.slots.fill(0);
    this.count = 0;
  }

  private put(hash: number, entry: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2 + 1]! !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = entry;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1]! !== 0) this.put(old[at]!, old[at + 1]!);
    }
  }
}
