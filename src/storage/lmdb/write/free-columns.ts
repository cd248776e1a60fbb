/**
 * Places in the rings of one class whose series are gone, in the order in which they were left.
 * What they hold stays until the ring turns, so whoever brings older points along needs one that
 * was left long ago.
 */
export class FreeColumns {
  private items: number[] = [];
  private first = 0;
  /** Left so recently that a reader may still look there for the series that was moved. */
  private resting: number[] = [];

  add(column: number): void {
    this.items.push(column);
  }

  /** Not given out before `release`. */
  rest(column: number): void {
    this.resting.push(column);
  }

  release(): void {
    for (const column of this.resting) this.items.push(column);
    this.resting = [];
  }

  /** The one left last, where it suits. */
  take(suits: (column: number) => boolean): number | undefined {
    if (this.items.length <= this.first || !suits(this.items.at(-1)!)) return undefined;
    return this.items.pop();
  }

  /** The one left first, where it suits. */
  takeOldest(suits: (column: number) => boolean): number | undefined {
    const column = this.items[this.first];
    if (column === undefined || !suits(column)) return undefined;
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
