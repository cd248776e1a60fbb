import { flipBits } from '../../hostile/bits.ts';
import { assert, describe } from '../../support/suite.ts';

describe('one bit of a data file', (it) => {
  it.slow(
    'is found by verify where it changes an answer, and never ends the process',
    async () => {
      const { wrong, found, changed } = await flipBits(300, 7);
      assert.equal(wrong, []);
      assert.ok(found >= changed && changed > 0);
    },
    { timeoutMs: 900_000 },
  );
});
