/**
 * `npm run test:clients`: real programs against a real tallyd, one after the other; `-- --only
 * collectd` those whose name has the word. Prints what was asked of tallyd and what was seen, a
 * table, and `N passed, N failed, N skipped`. A program that is not on this machine is skipped; of
 * those that CI's machine has none may be, where CI=true.
 */
import { parseArgs } from 'node:util';
import { IN_CI, LIGHT, PROGRAMS } from './programs.ts';
import type { Result } from './program.ts';
import { runProgram } from './run-one.ts';
import { closeStages } from './stage.ts';
import { details, summary } from './table.ts';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const chosen = [...LIGHT, ...PROGRAMS].filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) {
  const names = [...LIGHT, ...PROGRAMS].map(({ name }) => name).join(', ');
  console.error(`no program has "${values.only}" in its name: ${names}`);
  process.exit(2);
}
// What was started ends with the run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void closeStages().finally(() => process.exit(1)));
}
const results: Result[] = [];
for (const program of chosen) {
  const result = await runProgram(program);
  results.push(result);
  console.log(`${details(result)}\n`);
}
const count = (verdict: Result['verdict']): number =>
  results.filter((result) => result.verdict === verdict).length;
console.log(summary(results));
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
const mayNot = results.filter(
  ({ verdict, program }) =>
    verdict === 'skipped' && process.env['CI'] === 'true' && IN_CI.includes(program),
);
for (const { program } of mayNot) console.error(`may not be skipped in CI: ${program.name}`);
const isBad = count('failed') > 0 || count('passed') === 0 || mayNot.length > 0;
process.exitCode = isBad ? 1 : 0;
