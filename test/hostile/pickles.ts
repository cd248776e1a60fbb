/**
 * The door for pickles: sound messages by every opcode, and mutated ones, through the reader, the
 * queue of points and a real store. A round is a message. Entries of a sound message are all kept or
 * counted; of one that is refused as a whole there is one count.
 */
import fs from 'node:fs';
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { openIn, temporaryFolder } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { CarbonDoor } from './carbon-door.ts';
import { addTally, Complaints, Dice, type Kind, type Tally, unaccounted } from './kind.ts';
import { mutatedPickle, soundPickle } from './odd-pickles.ts';
import { residentMb, StallWatch } from './stall.ts';
import { Stored } from './stored.ts';

const NOW = 1_700_000_000;
const MESSAGES_A_LIFE = 2000;
const STALL_MS_MAX = 100;
const RSS_MB_MAX = 1000;

export const pickles: Kind = {
  name: 'pickles',
  rounds: 100_000,
  short: 500,
  async run(rounds, seed, print) {
    const complaints = new Complaints();
    const watch = new StallWatch(STALL_MS_MAX);
    const sums: Record<string, number> = {};
    const tally: Tally = { received: 0, kept: 0, counted: 0 };
    let rssMost = 0;
    for (let life = 0, done = 0; done < rounds; life++, done += MESSAGES_A_LIFE) {
      const count = Math.min(MESSAGES_A_LIFE, rounds - done);
      const where = `--seed ${seed + life} --rounds ${count}`;
      try {
        const { faults, counts, tally: ofLife } = await live(seed + life, count, watch);
        addTally(tally, ofLife);
        for (const fault of faults) complaints.add(fault, where);
        for (const [what, sum] of Object.entries(counts)) sums[what] = (sums[what] ?? 0) + sum;
      } catch (error) {
        complaints.add(`thrown: ${(error as Error).stack}`, where);
      }
      for (const { what, ms } of watch.stalls.splice(0)) {
        complaints.add(`${Math.round(ms)} ms: ${what}`, where);
      }
      rssMost = Math.max(rssMost, residentMb());
      if (rssMost > RSS_MB_MAX) complaints.add(`memory of ${RSS_MB_MAX} MB`, where);
    }
    print(JSON.stringify(sums));
    const figures = { what: 'entries', ...tally, longestMs: watch.worstMs };
    return { wrong: [...complaints.list, ...unaccounted(figures)], ...figures };
  },
};

async function live(
  seed: number,
  count: number,
  watch: StallWatch,
): Promise<{ faults: string[]; counts: Record<string, number>; tally: Tally }> {
  const dice = new Dice(seed);
  const folder = temporaryFolder();
  const store = await openIn(folder, rulesOf({ '': '10s:1h' }), { futureToleranceMs: 60_000 });
  try {
    const carbon = new CarbonDoor(watch);
    const stored = new Stored(store, DEFAULT_CONFIG.aggregation, dice);
    for (let i = 0; i < count; i++) {
      carbon.pickle(dice.chance(0.4) ? soundPickle(dice) : mutatedPickle(dice), NOW);
      if (i % 100 === 99 || i === count - 1) {
        for (const batch of carbon.take()) await stored.put(batch, NOW);
      }
    }
    const counts: Record<string, number> = { refused: carbon.refused, ...stored.totals };
    return { faults: [...carbon.faults, ...stored.faults], counts, tally: carbon.tally };
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}
