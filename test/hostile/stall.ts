/**
 * Watches that nothing holds its thread up. Time that the machine gave to others does not count: a
 * stall is one by the clock and by the processor.
 */
export class StallWatch {
  /** How many times longer things may take: beside other tests caches and memory are shared. */
  static patience = 1;
  worstMs = 0;
  /** What took too long, and how long, by the clock. */
  readonly stalls: { what: string; ms: number }[] = [];
  private readonly mostMs: number;

  constructor(mostMs: number) {
    this.mostMs = mostMs * StallWatch.patience;
  }

  run<T>(what: string | (() => string), action: () => T): T {
    const cpu = process.cpuUsage();
    const began = performance.now();
    const result = action();
    const wallMs = performance.now() - began;
    if (wallMs > this.worstMs || wallMs > this.mostMs) {
      const { user, system } = process.cpuUsage(cpu);
      const ms = Math.min(wallMs, (user + system) / 1000);
      this.worstMs = Math.max(this.worstMs, ms);
      if (ms > this.mostMs)
        this.stalls.push({ what: typeof what === 'string' ? what : what(), ms });
    }
    return result;
  }
}

export function residentMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
