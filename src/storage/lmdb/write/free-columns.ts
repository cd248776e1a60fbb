/**
 * Columns in the rings of one class whose series are gone, in the order in which they were left.
 * What they hold stays until the ring turns, so whoever brings older points along needs one that
 * was left long ago.
 */

/** What the rings of a class know of their columns. */
interface ClassColumns {
  /** Columns used so far: 0 up to `count`. */
  readonly count: number;
  /** Slots that end at or before this time are an earlier owner's. */
  since(column: number): number;
  /** Whatever the column holds up to `time` is no longer to be seen. */
  hideUntil(column: number, time: number): void;
}

export class FreeColumns {
  private readonly columns: ClassColumns;
  private items: number[] = [];
  private first = 0;
  /** Left so recently that a reader may still look there for the series that was moved. */
  private resting: number[] = [];

  constructor(columns: ClassColumns) {
    this.columns = columns;
  }

  /** Columns used so far, free ones among them. */
  get columnCount(): number {
    return this.columns.count;
  }

  /** Takes all columns that nobody has: 0 in `used`. */
  find(used: Uint8Array, time: number): void {
    used.forEach((mark, column) => void (mark === 0 && this.recycle(column, time)));
  }

  /** Takes back a column that its series has left: it holds nothing up to `time` any more. */
  recycle(column: number, time: number): void {
    this.columns.hideUntil(column, time);
    this.items.push(column);
  }

  /** As `recycle`, but the column is not given out before `release`. */
  rest(column: number, time: number): void {
    this.columns.hideUntil(column, time);
    this.resting.push(column);
  }

  release(): void {
    for (const column of this.resting) this.items.push(column);
    this.resting = [];
  }

  /** The one left last, where that was at `leftBy` or before. */
  take(leftBy = Infinity): number | undefined {
    if (this.items.length <= this.first) return undefined;
    return this.columns.since(this.items.at(-1)!) <= leftBy ? this.items.pop() : undefined;
  }

  /** The one left first, where it was left before `cleanFrom`. */
  takeOldest(cleanFrom: number): number | undefined {
    const column = this.items[this.first];
    if (column === undefined || this.columns.since(column) >= cleanFrom) return undefined;
    this.first += 1;
    if (this.first > 1000 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return column;
  }

  clear(): void {
    this.items = [];
    this.first = 0;
    this.resting = [];
  }
}
