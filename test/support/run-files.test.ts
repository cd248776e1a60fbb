/** The runner's promises: what cannot be loaded, dies or is left open fails the run; all is counted. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleFile } from './program.ts';
import { type Outcome, runFiles } from './run-files.ts';
import { assert, describe } from './suite.ts';

/** Runs files of tests by their bodies; the outcome and all that was printed. */
async function run(bodies: string[], env = {}): Promise<Outcome & { text: string }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-run-'));
  const suite = pathToFileURL(moduleFile(import.meta.url, './suite')).href;
  const files = bodies.map((body, i) => {
    const file = path.join(folder, `${i}.mjs`);
    fs.writeFileSync(file, `import { describe, rounds } from '${suite}';\n${body}`);
    return { name: `${i}.mjs`, url: pathToFileURL(file).href };
  });
  let text = '';
  try {
    const outcome = await runFiles(files, {
      jobs: 2,
      env: { ...process.env, CI: '', FORCE_COLOR: '0', TALLYD_TESTS: '', ...env },
      print: (line) => (text += `${line}\n`),
    });
    return { ...outcome, text };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('the test runner', (it) => {
  it('adds up what files say, and shows what failed', async () => {
    const { text, costs, ...outcome } = await run([
      `describe('first', (it) => {
        it('is sound', () => {});
        it('is not', () => { throw new Error('as told'); });
      });`,
      `describe('second', (it) => {
        it('is sound', () => console.log('said aside'));
        it.skipAloud('is skipped', 'no such thing');
      });`,
    ]);
    const failures = ['0.mjs: 1 of 2'];
    assert.equal(outcome, { total: 3, passed: 2, skipped: 1, leftOut: 0, failures });
    assert.match(text, /FAIL.*"is not"[\s\S]*as told/);
    assert.match(text, 'said aside');
    assert.equal(
      costs.flatMap(({ name, parts }) => parts.map((part) => `${name} ${part.name}`)).toSorted(),
      ['0.mjs is not', '0.mjs is sound', '0.mjs loading it', '1.mjs is sound', '1.mjs loading it'],
    );
    assert.match(text, 'SKIPPED second: is skipped: no such thing');
  });

  it.slow('leaves slow tests and most rounds to a run of all', async () => {
    const body = `describe('slow', (it) => {
      it('is tried', () => console.log('rounds', rounds(1, 5)));
      it.slow('takes long', () => {});
    });`;
    const quick = await run([body]);
    assert.equal([quick.passed, quick.leftOut], [1, 1]);
    assert.match(quick.text, 'rounds 1');
    const all = await run([body], { TALLYD_TESTS: 'all' });
    assert.equal([all.passed, all.leftOut], [2, 0]);
    assert.match(all.text, 'rounds 5');
  });

  it.slow('fails for a file that cannot be loaded, and goes on', async () => {
    const { failures, passed, total } = await run([
      `import './nothing.mjs';`,
      `describe('sound', (it) => it('is sound', () => {}));`,
    ]);
    assert.equal(failures, ['0.mjs: 1 of 1']);
    assert.equal([passed, total], [1, 2]);
  });

  it('fails for a process that dies, and runs the other files in a new one', async () => {
    const sound = `describe('sound', (it) => it('is sound', () => {}));`;
    const dies = `describe('dies', (it) => it('dies', () => process.kill(process.pid, 'SIGKILL')));`;
    const { failures, passed, total } = await run([dies, dies, sound, sound]);
    assert.equal(failures.toSorted(), [
      '0.mjs: the process that ran it ended with SIGKILL',
      '1.mjs: the process that ran it ended with SIGKILL',
    ]);
    assert.equal([passed, total], [2, 4]);
  });

  it('fails for what goes wrong after the last test', async () => {
    const { failures, text } = await run([
      `describe('late', (it) => {
        it('is sound', () => {});
        it.after(() => { throw new Error('not put away'); });
      });`,
    ]);
    assert.equal(failures, ['a process ended with 1 after its last test']);
    assert.match(text, 'not put away');
  });
});
