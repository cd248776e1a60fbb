/**
 * Dense numbers of series: a metric owns a block of neighbouring ones, one per statistic. Blocks
 * are recycled by size, but not before the frame that reports their death is finished. A number is
 * "known" once its name went out in a frame.
 */
export class SeriesRefs {
  private next = 0;
  private known = new Uint8Array(1024);
  private readonly free = new Map<number, number[]>();
  private readonly dying: { base: number; size: number }[] = [];
  /** Known numbers that were given back since the last frame. */
  readonly dead: number[] = [];
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
      this.dead.push(id);
    }
    this.dying.push({ base, size });
  }

  /** The dead are reported: their numbers may be born again. */
  bury(): void {
    for (const { base, size } of this.dying) {
      const blocks = this.free.get(size);
      if (blocks === undefined) this.free.set(size, [base]);
      else blocks.push(base);
    }
    this.dying.length = 0;
    this.dead.length = 0;
  }

  isKnown(id: number): boolean {
    return this.known[id] === 1;
  }

  learn(id: number): void {
    this.known[id] = 1;
    this.knownCount += 1;
  }
}
