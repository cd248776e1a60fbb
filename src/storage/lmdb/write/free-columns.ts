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

  add(sid: number): void {
    this.items.push(sid);
  }

  /** Not given out before `release`. */
  rest(sid: number): void {
    this.resting.push(sid);
  }

  release(): void {
    for (const sid of this.resting) this.items.push(sid);
    this.resting = [];
  }

  /** The one left last, where it suits. */
  take(suits: (sid: number) => boolean): number | undefined {
    if (this.items.length <= this.first || !suits(this.items.at(-1)!)) return undefined;
    return this.items.pop();
  }

  /** The one left first, where it suits. */
  takeOldest(suits: (sid: number) => boolean): number | undefined {
    const sid = this.items[this.first];
    if (sid === undefined || !suits(sid)) return undefined;
    this.first += 1;
    if (this.first > 1000 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return sid;
  }

  clear(): void {
    this.items = [];
    this.first = 0;
    this.resting = [];
  }
}
