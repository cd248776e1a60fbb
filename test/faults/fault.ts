/** What every fault run has in common: its size, its random numbers, and the row of the table. */

export interface Run {
  /** Rounds to run: few in the short form. */
  rounds: number;
  /** Numbers in [0, 1), the same for the same seed. */
  random: () => number;
  say(line: string): void;
}

export interface FaultResult {
  rounds: number;
  /** Flushes (or other writes) that the store or the server called durable. */
  acknowledged: number;
  /** Of those, how many were not there exactly as written. */
  lost: number;
  /** Records whose checksum was wrong, or stores that could not be read at all. */
  badRecords: number;
  /** What else the run found, for people. */
  note?: string;
}

export interface Fault {
  name: string;
  fullRounds: number;
  shortRounds: number;
  /** Why it cannot run on this machine; undefined: it can. Fails the run where CI=true. */
  unavailable?(): string | undefined;
  /** Throws when a promise is broken that the table has no column for. */
  run(run: Run): Promise<FaultResult>;
}

/** A small generator (mulberry32): runs can be repeated by their seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
