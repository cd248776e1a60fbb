import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { PassThrough } from 'node:stream';
import { canAsk, isConfirmed } from '../../src/cli/confirm.ts';
import { frameOf } from '../support/frame.ts';
import { TALLYD } from '../support/program.ts';
import { assert, describe } from '../support/suite.ts';
import { openIn, temporaryFolder } from '../storage/lmdb/open.ts';
import { rulesOf } from '../storage/rules-of.ts';

function terminal(isTTY: boolean) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  return { input: Object.assign(input, { isTTY }), output: Object.assign(output, { isTTY }) };
}

describe('a question before many series are changed', (it) => {
  it('is asked on a terminal, where there is no --yes', () => {
    assert.equal([canAsk(false, terminal(true)), canAsk(true, terminal(true))], [true, false]);
    assert.is(canAsk(false, terminal(false)), false);
  });

  for (const [answer, expected] of [
    ['y\n', true],
    ['yes\n', true],
    [' YES \n', true],
    ['n\n', false],
    ['\n', false],
    ['yesterday\n', false],
    [undefined, false],
  ] as const) {
    it(`${JSON.stringify(answer ?? 'the end of the input')} is ${expected ? 'a yes' : 'a no'}`, async () => {
      const at = terminal(true);
      if (answer === undefined) at.input.end();
      else at.input.write(answer);
      assert.is(await isConfirmed('Delete 2 series?', at), expected);
      // One read gives one of the writes that wait on Node 26, all of them on Node 20.
      const written = (await at.output.end().toArray()).join('');
      assert.match(written, 'Delete 2 series? [y/N] ');
    });
  }

  const isAsked = async (verb: string, args: string): Promise<void> => {
    const folder = temporaryFolder();
    const store = await openIn(folder, rulesOf({ '': '10s:1h' }));
    await store.append(frameOf(1_700_000_000, { 'a.x': 1, 'a.y': 2 }));
    await store.close();
    const flags = ['series', verb, ...args.split(' '), '--data-dir', folder];
    const words = [process.execPath, ...TALLYD, ...flags].map((word) => `'${word}'`).join(' ');
    const { stdout } = spawnSync('script', ['-qec', words, '/dev/null'], {
      input: 'n\n',
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.match(stdout, /2 series.*\? \[y\/N\]/, verb);
    assert.match(stdout, /nothing was (?:deleted|renamed|changed)/, verb);
    fs.rmSync(folder, { recursive: true });
  };

  it('is asked by series delete', () => isAsked('delete', 'a.*'));
  it.slow('is asked by series rename', () => isAsked('rename', 'a.* b.*'));
  it.slow('is asked by series retain', () => isAsked('retain', 'a.* --method sum'));
});
