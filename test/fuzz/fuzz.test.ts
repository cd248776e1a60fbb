/**
 * The fuzz run in short: everything bad at once, a few hundred of each, against a real tallyd. The
 * seed is the day's, and printed when something is wrong: `npm run test:fuzz -- --seed N`.
 */
import { assert, describe } from '../support/suite.ts';
import { attack, RSS_GROWTH_MAX_MB } from './attack.ts';
import { textOf } from './report.ts';

const SECONDS_A_DAY = 86_400;

describe('bad input', (it) => {
  it.slow(
    'is counted to the one, and good senders beside it lose nothing',
    async () => {
      const seed = Math.floor(Date.now() / 1000 / SECONDS_A_DAY);
      const sizes = { lines: 100, datagrams: 50, halfOpen: 30, slowTurns: 10 };
      const report = await attack(seed, sizes);
      const isRight = report.lines.every((line) => line.isRight);
      assert.ok(isRight, `seed ${seed}\n${textOf(report)}`);
      const grown = report.rssMostMb - report.rssBeforeMb;
      assert.ok(grown < RSS_GROWTH_MAX_MB, `${grown} MB more, seed ${seed}`);
    },
    { timeoutMs: 60_000 },
  );
});
