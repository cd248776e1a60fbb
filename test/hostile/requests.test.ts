/** The short form of `npm run test:hostile -- --only requests`. */
import { assert, describe } from '../support/suite.ts';
import { hostileRequests } from './requests.ts';
import { StallWatch } from './stall.ts';

StallWatch.patience = 5;

describe('requests that cost what they can', (it) => {
  it.slow(
    'those of the list hold nobody up',
    async () => {
      const { wrong, outcomes } = await hostileRequests({ seriesCount: 300, count: 0, seed: 1 });
      assert.equal(wrong, []);
      assert.ok(outcomes.length > 80, `${outcomes.length} requests`);
    },
    { timeoutMs: 180_000 },
  );

  // Quickly http/any-request asks a server in the test's own process.
  it.slow(
    'random ones over all routes are answered',
    async () => {
      const run = { seriesCount: 30, count: 150, seed: 1, only: 'aliasSub(' };
      const { wrong, outcomes } = await hostileRequests(run);
      assert.equal(wrong, []);
      assert.ok(outcomes.some(({ status }) => status === 200));
    },
    { timeoutMs: 180_000 },
  );
});
