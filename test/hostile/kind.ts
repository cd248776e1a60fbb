/** What `run.ts` runs, one file each: a door, and what strangers put through it. */
import { Random } from '../../src/cli/random.ts';

export interface Kind {
  name: string;
  /** Of a run in full; what a round is, its file says. */
  rounds: number;
  /** Rounds of the short run, which `npm test` makes; 0: another test makes them. */
  short: number;
  /** Resolves to what is wrong, one line each; prints what became of the rest. */
  run(rounds: number, seed: number, print: (text: string) => void): Promise<string[]>;
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
