/**
 * Watches that nothing holds its thread up. Time that the machine gave to others does not count: a
 * stall is one by the clock and by the processor.
 */
import fs from 'node:fs';

const OWN = '/proc/thread-self/schedstat';

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
    const cpu = threadCpuMs();
    const began = performance.now();
    const result = action();
    const wallMs = performance.now() - began;
    if (wallMs > this.worstMs || wallMs > this.mostMs) {
      const ms = Math.min(wallMs, threadCpuMs() - cpu);
      this.worstMs = Math.max(this.worstMs, ms);
      if (ms > this.mostMs)
        this.stalls.push({ what: typeof what === 'string' ? what : what(), ms });
    }
    return result;
  }
}

/** On Linux the time of this thread alone: what the kernel accounts to it, in nanoseconds. */
const own = fs.existsSync(OWN) ? fs.openSync(OWN, 'r') : undefined;
const text = Buffer.alloc(100);

/** Processor time, without that of threads which collect garbage, compile or store beside this one. */
function threadCpuMs(): number {
  if (own === undefined) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
  const length = fs.readSync(own, text, 0, text.length, 0);
  return Number.parseInt(text.toString('latin1', 0, length), 10) / 1e6;
}

export function residentMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
