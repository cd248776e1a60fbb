import { PassThrough } from 'node:stream';
import { canAsk, isConfirmed } from '../../src/cli/confirm.ts';
import { assert, describe } from '../support/suite.ts';

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
});
