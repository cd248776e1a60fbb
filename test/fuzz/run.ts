/**
 * The whole fuzz run: `npm run test:fuzz`. Ten thousand mutated lines of each dialect, ten thousand
 * half-open lines, pickle bombs and the rest against a real tallyd, with good senders beside them; and
 * before, five million lines through the table of spellings and through the full readers.
 * Prints what became of everything; the exit code is 1 when a count is wrong.
 *
 *     npm run test:fuzz -- [--seed 1] [--lines 10000] [--spelling-lines 5000000]
 */
import { parseArgs } from 'node:util';
import { compareSpellings } from '../ingest/aggregate/spelling-differential.ts';
import { attack, RSS_GROWTH_MAX_MB } from './attack.ts';
import { textOf } from './report.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    lines: { type: 'string', default: '10000' },
    'spelling-lines': { type: 'string', default: '5000000' },
  },
});
const seed = Number(flags.seed);
const lines = Number(flags.lines);
console.log(`fuzz run, seed ${seed}`);
const compared = compareSpellings(seed, Number(flags['spelling-lines']));
console.log(`${compared} lines by their spelling and by the full readers: the same`);
const sizes = { lines, datagrams: lines / 5, halfOpen: lines, slowTurns: 500 };
const report = await attack(seed, sizes);
console.log(textOf(report));
const grown = report.rssMostMb - report.rssBeforeMb;
if (!report.lines.every(({ isRight }) => isRight) || grown > RSS_GROWTH_MAX_MB) {
  console.log(`WRONG, seed ${seed}`);
  process.exitCode = 1;
}
