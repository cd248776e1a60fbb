/** What `run.ts` runs, one file each: a door, and what strangers put through it. */
import { Random } from '../../src/cli/random.ts';

export interface Kind {
  name: string;
  /** Of a run in full; what a round is, its file says. */
  rounds: number;
  /** Rounds of the short run, which `npm test` makes; 0: another test makes them. */
  short: number;
  /** Prints what became of the rest. */
  run(rounds: number, seed: number, print: (text: string) => void): Promise<Report>;
}

export interface Tally {
  received: number;
  kept: number;
  counted: number;
}

export function addTally(sum: Tally, one: Tally): void {
  sum.received += one.received;
  sum.kept += one.kept;
  sum.counted += one.counted;
}

export interface Report extends Tally {
  /** What is wrong, one line each. */
  wrong: string[];
  /** What is received: all of it is kept, or refused and counted. */
  what: string;
  /** What held its thread up longest. */
  longestMs: number;
  /** Of another process than this one. */
  rssMb?: number;
}

/** The last line of a run. */
export function reportText(report: Report, wallMs: number): string {
  const { wrong, what, received, kept, counted, longestMs } = report;
  const rssMb = report.rssMb ?? process.resourceUsage().maxRSS / 1024;
  return (
    `${(wallMs / 1000).toFixed(1)} s, ${wrong.length} wrong; longest stall ${longestMs.toFixed(1)} ms, ` +
    `${Math.round(rssMb)} MB at most; ${received} ${what} received = ${kept} kept + ${counted} counted`
  );
}

/** A fault where something is in neither. */
export function unaccounted({ received, kept, counted, what }: Omit<Report, 'wrong'>): string[] {
  if (received === kept + counted) return [];
  return [`${received} ${what} received, ${kept} kept and ${counted} counted`];
}

/** What is wrong, told once a sort: a fault that every input shows is one line. */
export class Complaints {
  readonly list: string[] = [];
  private readonly counts = new Map<string, number>();

  /** `where` leads to the input again: the seed of its part. */
  add(sort: string, where: string): void {
    const kind = sort.replaceAll(/\d+|".*"|[0-9a-f]{8,}/gs, '#').slice(0, 80);
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count <= 2) this.list.push(`${sort} (${where})`);
  }
}

/** Hands on random items. */
export class Dice extends Random {
  pick<T>(list: readonly T[]): T {
    return list[this.whole(list.length)]!;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.whole(most + 1) }, make);
  }
}
