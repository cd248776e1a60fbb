import { Writable } from 'node:stream';
import { notPrinted, printTo } from '../../src/forward/print-to.ts';
import { assert, describe } from '../support/suite.ts';

/** A pipe whose reader leaves after so many writes. */
class Pipe extends Writable {
  text = '';
  private left: number;

  constructor(left: number) {
    super({ autoDestroy: false });
    this.left = left;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.left -= 1;
    if (this.left >= 0) this.text += chunk.toString();
    done(this.left >= 0 ? undefined : new Error('write EPIPE'));
  }
}

describe('forward/print-to', (it) => {
  it('prints until the reader leaves, tells it once, and counts what is not printed', async () => {
    const pipe = new Pipe(2);
    const errors: string[] = [];
    const rejected = notPrinted();
    const onError = (message: string): void => void errors.push(message);
    const print = printTo(pipe, { rejected, nowSeconds: () => 1234, onError });
    assert.is(pipe.listenerCount('error'), 0);
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      print(text);
      await new Promise(setImmediate);
    }
    assert.is(pipe.text, 'ab');
    assert.equal(errors, ['write EPIPE']);
    assert.is(pipe.listenerCount('error'), 1);
    assert.equal(rejected.list(), [
      {
        what: 'stdout.dropped',
        reason: 'notWritten',
        count: 3,
        last: { example: 'e', time: 1234 },
      },
    ]);
  });
});
