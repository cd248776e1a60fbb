/** Ids of series: those free again come first, then ones never used. */
export class IdPool {
  private readonly free: number[] = [];
  private end: number;

  /** Ids that were used are below `end`. */
  constructor(end: number, isUsed: (id: number) => boolean) {
    this.end = end;
    for (let id = 0; id < end; id++) if (!isUsed(id)) this.free.push(id);
  }

  take(): number {
    return this.free.pop() ?? this.end++;
  }

  recycle(id: number): void {
    this.free.push(id);
  }
}
