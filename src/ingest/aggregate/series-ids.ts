/**
 * Dense numbers of series: a metric owns a block of neighbouring ones, one per statistic. Blocks
 * are recycled by size. A number is "known" once its name went out in a frame.
 */
export class SeriesIds {
  private next = 0;
  private known = new Uint8Array(1024);
  private readonly free = new Map<number, number[]>();
  knownCount = 0;

  take(size: number): number {
    const recycled = this.free.get(size)?.pop();
    if (recycled !== undefined) return recycled;
    const base = this.next;
    this.next += size;
    if (this.next > this.known.length) {
      const known = new Uint8Array(Math.max(this.next, this.known.length * 2));
      known.set(this.known);
      this.known = known;
    }
    return base;
  }

  /** Frees a block; `onDead` is told each number that the other side knows. */
  give(base: number, size: number, onDead: (id: number) => void): void {
    for (let id = base; id < base + size; id++) {
      if (this.known[id] === 0) continue;
      this.known[id] = 0;
      this.knownCount -= 1;
      onDead(id);
    }
    const blocks = this.free.get(size);
    if (blocks === undefined) this.free.set(size, [base]);
    else blocks.push(base);
  }

  isKnown(id: number): boolean {
    return this.known[id] === 1;
  }

  learn(id: number): void {
    this.known[id] = 1;
    this.knownCount += 1;
  }
}
