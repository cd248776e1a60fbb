/** The short form of `npm run test:hostile -- --only requests`. */
import { assert, describe, rounds } from '../support/suite.ts';
import { hostileRequests } from './requests.ts';

/** No name has it. */
const NONE_OF_THE_LIST = '\0';

describe('requests that cost what they can', (it) => {
  it.slow(
    'those of the list hold nobody up',
    async () => {
      const { wrong, outcomes } = await hostileRequests({ seriesCount: 300, count: 0, seed: 1 });
      assert.equal(wrong, []);
      assert.ok(outcomes.length > 80, `${outcomes.length} requests`);
    },
    { timeoutMs: 120_000 },
  );

  it(
    'random ones over all routes are answered',
    async () => {
      const seed = rounds(1, Date.now() % 1_000_000);
      const only = rounds(0, 1) === 1 ? 'aliasSub(' : NONE_OF_THE_LIST;
      const run = { seriesCount: 30, count: rounds(8, 200), seed, only };
      const { wrong, outcomes } = await hostileRequests(run);
      assert.equal(wrong, [], `seed ${seed}`);
      assert.ok(outcomes.some(({ status }) => status === 200));
    },
    { timeoutMs: 180_000 },
  );
});
