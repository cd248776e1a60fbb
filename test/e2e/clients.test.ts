/**
 * Real client libraries against a real server: what they send comes back from /render exactly. The
 * heavier programs run with `npm run test:clients`.
 */
import { LIGHT } from '../clients/programs.ts';
import { runProgram } from '../clients/run-one.ts';
import { details } from '../clients/table.ts';
import { assert, describe } from '../support/suite.ts';

const TIMEOUT_MS = 60_000;

describe('e2e/clients', (it) => {
  for (const program of LIGHT) {
    const name = `${program.name}: ${program.sends}`;
    const found = program.find();
    if ('missing' in found) {
      it.skipAloud(name, `needs ${found.missing}`);
      continue;
    }
    const body = async (): Promise<void> => {
      const result = await runProgram(program);
      assert.is(result.verdict, 'passed', details(result));
    };
    it.slow(name, body, { timeoutMs: TIMEOUT_MS });
  }
});
