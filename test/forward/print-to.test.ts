import { Writable } from 'node:stream';
import { printTo } from '../../src/forward/print-to.ts';
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
  it('prints until the reader leaves, and tells it once', async () => {
    const pipe = new Pipe(2);
    const errors: string[] = [];
    const print = printTo(pipe, (message) => errors.push(message));
    assert.is(pipe.listenerCount('error'), 0);
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      print(text);
      await new Promise(setImmediate);
    }
    assert.is(pipe.text, 'ab');
    assert.equal(errors, ['write EPIPE']);
    assert.is(pipe.listenerCount('error'), 1);
  });
});
