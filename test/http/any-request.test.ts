/** The short form of `npm run test:hostile -- --only http`. */
import { anyRequests } from '../hostile/any-requests.ts';
import { StallWatch } from '../hostile/stall.ts';
import { assert, describe, rounds } from '../support/suite.ts';

StallWatch.patience = 5;

describe('http: any request', (it) => {
  it(
    'gets an answer, and a sentence where it is refused',
    async () => {
      const seed = rounds(1, Date.now() % 1_000_000);
      const { wrong } = await anyRequests.run(rounds(75, 20_000), seed, () => {});
      assert.equal(wrong, [], `seed ${seed}`);
    },
    { timeoutMs: 300_000 },
  );
});
