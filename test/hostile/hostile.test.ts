/**
 * The short form of `npm run test:hostile`: some rounds of each kind, and once more the seeds that
 * ever found something.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, describe, rounds } from '../support/suite.ts';
import { KINDS } from './kinds.ts';
import { StallWatch } from './stall.ts';

interface Found {
  kind: string;
  seed: number;
  rounds: number;
  found: string;
}

const FILE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'seeds.json');
const SEEDS = JSON.parse(fs.readFileSync(FILE, 'utf8')) as Found[];
/** The same each time; `npm run test:hostile` tries others. */
const SEED = 1;
const LIMIT = { timeoutMs: 300_000 };
StallWatch.patience = 5;

describe('hostile inputs', (it) => {
  for (const { name, short, run } of KINDS.filter((kind) => kind.short > 0)) {
    it(
      name,
      async () => {
        const { wrong } = await run(rounds(Math.ceil(short / 12), 5 * short), SEED, () => {});
        assert.equal(wrong, [], `seed ${SEED}`);
      },
      LIMIT,
    );
  }

  for (const { kind, seed, rounds: count, found } of SEEDS) {
    it(
      `${kind}: ${found}`,
      async () => {
        const { run } = KINDS.find(({ name }) => name === kind)!;
        assert.equal((await run(count, seed, () => {})).wrong, []);
      },
      LIMIT,
    );
  }
});
