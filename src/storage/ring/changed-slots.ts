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
  /** The row or chunk that `hasAny` was asked about last, and its answer. */
  private asked = -1;
  private isAny = false;

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
    if (item.number === this.asked) this.isAny = true;
    return item;
  }

  /** Whether any of so many units is there, changed or stored; the last answer is kept. */
  hasAny(number: number, units: number, inSlot: (unit: number) => number): boolean {
    if (number === this.asked) return this.isAny;
    this.asked = number;
    this.isAny = false;
    for (let unit = 0; unit < units && !this.isAny; unit++) this.isAny = inSlot(unit) === number;
    return this.isAny;
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

  /** Forgets as well what is stored. */
  reset(): void {
    this.clear();
    this.asked = -1;
  }
}
