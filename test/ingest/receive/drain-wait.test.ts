import { heldAtMost, untilDrained } from '../../../src/ingest/receive/drain-wait.ts';
import { assert, describe } from '../../support/suite.ts';

describe('ingest/receive/drain-wait', (it) => {
  it('waits while something comes, and a few turns more', async () => {
    let left = 50;
    await untilDrained(() => (left > 0 ? left-- : 0), Infinity);
    assert.is(left, 0);
  });

  it('has what was held before the stop, and then ends in the middle of a flood', async () => {
    const held = heldAtMost(64 * 1024);
    let seen = 0;
    await untilDrained(() => (seen += 7), held);
    assert.ok(seen >= held, `${seen} of ${held}`);
    assert.ok(seen <= held + 14, `${seen} of ${held}`);
  });
});
