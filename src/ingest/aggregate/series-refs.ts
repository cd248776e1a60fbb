/**
 * Dense numbers of series: a metric owns a block of neighbouring ones, one per statistic. Blocks
 * are recycled by size, but not before the batch that reports them retired is finished. A number is
 * "known" once its name went out in a batch.
 */
export class SeriesRefs {
  private next = 0;
  private known = new Uint8Array(1024);
  private readonly free = new Map<number, number[]>();
  private readonly retiring: { base: number; size: number }[] = [];
  /** Known numbers that were given back since the last batch. */
  readonly retired: number[] = [];
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

  give(base: number, size: number): void {
    for (let id = base; id < base + size; id++) {
      if (this.known[id] === 0) continue;
      this.known[id] = 0;
      this.knownCount -= 1;
      this.retired.push(id);
    }
    this.retiring.push({ base, size });
  }

  /** The retired are reported: their numbers may be declared anew. */
  recycle(): void {
    for (const { base, size } of this.retiring) {
      const blocks = this.free.get(size);
      if (blocks === undefined) this.free.set(size, [base]);
      else blocks.push(base);
    }
    this.retiring.length = 0;
    this.retired.length = 0;
  }

  isKnown(id: number): boolean {
    return this.known[id] === 1;
  }

  learn(id: number): void {
    this.known[id] = 1;
    this.knownCount += 1;
  }
}
