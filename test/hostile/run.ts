/**
 * What strangers, disks and accidents may send, made at random and in numbers: each kind against the
 * real thing. Prints what became of all; the exit code is 1 when something was not as it should be.
 *
 *     npm run test:hostile -- [--only bits] [--seed 1] [--rounds 1000]
 */
import { parseArgs } from 'node:util';
import { flipBits } from './bits.ts';

interface Kind {
  name: string;
  rounds: number;
  /** What is wrong, one line each. */
  run(rounds: number, seed: number): Promise<string[]>;
}

const KINDS: Kind[] = [
  {
    name: 'bits',
    rounds: 1000,
    async run(rounds, seed) {
      const { wrong, ...counts } = await flipBits(rounds, seed);
      console.log(`bits: ${JSON.stringify(counts)}`);
      return wrong;
    },
  },
];

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string' },
  },
});
for (const { name, rounds, run } of KINDS) {
  if (!name.includes(flags.only)) continue;
  const started = performance.now();
  const wrong = await run(Number(flags.rounds ?? rounds), Number(flags.seed));
  for (const line of wrong) console.log(`WRONG ${name}: ${line}`);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${name}: ${wrong.length} wrong, seed ${flags.seed}, ${seconds} s`);
  if (wrong.length > 0) process.exitCode = 1;
}
