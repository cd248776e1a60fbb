/** The runner itself: what is wrong must fail, and nothing may be left behind. */
import fs from 'node:fs';
import { assert, describe } from '../support/suite.ts';
import type { Program, Result } from './program.ts';
import { runProgram } from './run-one.ts';
import type { Stage } from './stage.ts';
import { details, summary } from './table.ts';

const program = (run: (stage: Stage) => Promise<void>, more: Partial<Program> = {}): Program => ({
  name: 'a program',
  from: 'here',
  sends: 'nothing',
  find: () => ({ version: '1.0' }),
  run,
  ...more,
});

describe('clients/run-one', (it) => {
  it('fails on one wrong answer, on none at all, and on what is thrown', async () => {
    const verdictOf = async (run: (stage: Stage) => Promise<void>): Promise<Result> =>
      runProgram(program(run));
    const good = await verdictOf(async (stage) => stage.notes('two', 2, 2));
    assert.is(good.verdict, 'passed');
    const wrong = await verdictOf(async (stage) => {
      stage.notes('two', 2, 2);
      stage.notes('three', 3, 4);
    });
    assert.is(wrong.verdict, 'failed');
    assert.match(details(wrong), /three\s+4 {2}FAILED, expected 3/);
    assert.is((await verdictOf(async () => {})).verdict, 'failed');
    const thrown = await verdictOf(async (stage) => {
      stage.notes('two', 2, 2);
      throw new Error('no such thing');
    });
    assert.is(thrown.verdict, 'failed');
    assert.match(details(thrown), /no such thing/);
    assert.match(summary([good, thrown]), /1 of 1 .* passed\n.* FAILED$/);
  });

  it('skips what is missing by its name, and does not run it', async () => {
    const find = () => ({ missing: 'Debian package x' });
    const run = async (): Promise<void> => {
      throw new Error('ran');
    };
    const result = await runProgram(program(run, { find }));
    assert.is(result.verdict, 'skipped');
    assert.match(details(result), /needs Debian package x/);
  });

  it('fails on a bad end of a script, ends what goes on, removes its folder', async () => {
    let folder = '';
    let pid = 0;
    const result = await runProgram(
      program(async (stage) => {
        folder = stage.folder;
        stage.notes('two', 2, 2);
        pid = stage.start('/bin/sleep', ['600']).child.pid!;
        await stage.script('/bin/sh', '-c', 'echo out of luck >&2; exit 3');
      }),
    );
    assert.is(result.verdict, 'failed');
    assert.match(result.reason!, /ended with 3: out of luck/);
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.not(fs.existsSync(folder));
  });

  it('fails when a program takes too long', async () => {
    const run = async (stage: Stage): Promise<void> => {
      stage.notes('two', 2, 2);
      await stage.script('/bin/sleep', '600');
    };
    const result = await runProgram(program(run, { timeoutMs: 100 }));
    assert.is(result.verdict, 'failed');
    assert.match(result.reason!, /took over 0.1 s/);
  });
});
