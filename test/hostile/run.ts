/**
 * What strangers, disks and accidents may send, made at random and in numbers: each kind against the
 * real thing. Prints what became of all, how long it took, the longest stall and the most memory; the
 * exit code is 1 when something was not as it should be.
 * The same seed makes the same inputs. What was found once stands in seeds.json, which `npm test`
 * goes through again.
 *
 *     npm run test:hostile -- [--only datagrams] [--seed 1] [--rounds 1000] [--short]
 */
import { parseArgs } from 'node:util';
import { reportText } from './kind.ts';
import { KINDS } from './kinds.ts';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string' },
    short: { type: 'boolean', default: false },
  },
});

const chosen = KINDS.filter(({ name }) => name.includes(flags.only));
if (chosen.length === 0) {
  const names = KINDS.map(({ name }) => name).join(', ');
  console.error(`no kind has "${flags.only}" in its name: ${names}`);
  process.exit(2);
}
let failed = 0;
for (const { name, rounds, short, run } of chosen) {
  const began = performance.now();
  const count = Number(flags.rounds ?? (flags.short ? short : rounds));
  const report = await run(count, Number(flags.seed), (text) => console.log(`${name}: ${text}`));
  for (const line of report.wrong) console.log(`WRONG ${name}: ${line}`);
  const figures = reportText(report, performance.now() - began);
  console.log(`${name}: ${count} rounds, seed ${flags.seed}: ${figures}`);
  if (report.wrong.length > 0) failed += 1;
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
