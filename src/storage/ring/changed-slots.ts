/**
 * Rows or chunks of one archive as the writer changes them, over the stored ones: they wait here
 * until a transaction takes their records. By slot, as they are stored, and by unit within it (a
 * page, a block or a column). Used for values and for sketches.
 */

/** Units within a slot: the largest are columns of sketches. */
const UNITS = 2 ** 24;

export class ChangedSlots<Item extends { readonly number: number }> {
  private readonly slots: number;
  private readonly items = new Map<number, Item>();

  constructor(slots: number) {
    this.slots = slots;
  }

  /** What the slot of a row or chunk got, whichever number it has. */
  inSlot(number: number, unit: number): Item | undefined {
    return this.items.get((number % this.slots) * UNITS + unit);
  }

  find(number: number, unit: number): Item | undefined {
    const changed = this.inSlot(number, unit);
    return changed?.number === number ? changed : undefined;
  }

  set(unit: number, item: Item): Item {
    this.items.set((item.number % this.slots) * UNITS + unit, item);
    return item;
  }

  forEach(take: (item: Item, unit: number) => void): void {
    for (const [key, item] of this.items) take(item, key % UNITS);
  }

  /** Forgets the items that are not to be kept. */
  prune(keeps: (item: Item) => boolean): void {
    for (const [key, item] of this.items) if (!keeps(item)) this.items.delete(key);
  }

  clear(): void {
    this.items.clear();
  }
}
