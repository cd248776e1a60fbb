/** What visitors see who may read a part of the store: what a store with that part alone would answer. */
import { assert, describe, rounds } from '../support/suite.ts';
import { comparable, openWorld, RandomRequests, type World } from './rights-world.ts';

const PAIRS = rounds(80, 10_000);

describe('http: rights', (it) => {
  let world: World;
  it.before(async () => {
    world = await openWorld();
  });
  it.after(() => world.close());

  it(
    `${PAIRS} requests are answered as by a store without what may not be read, from the cache too`,
    async () => {
      const { server, oracles, authorization } = world;
      const random = new RandomRequests(PAIRS);
      const answered = new Map<number, number>();
      let different = 0;
      for (let pair = 0; pair < PAIRS; pair += 2) {
        const path = random.request();
        const answers: string[] = [];
        // One after the other, so that the second could get what is cached for the first.
        for (const visitor of [random.visitor(), random.visitor()]) {
          const headers = { authorization: authorization.get(visitor)! };
          const answer = await server.ask(path, { headers });
          const expected = await oracles.get(visitor)!.ask(path);
          assert.equal(comparable(answer), comparable(expected), `${visitor} ${path}`);
          answered.set(answer.status, (answered.get(answer.status) ?? 0) + 1);
          answers.push(answer.text);
        }
        if (answers[0] !== answers[1]) different += 1;
      }
      // Else there would be nothing to tell apart.
      assert.ok(different > PAIRS / 8, `${different} of ${PAIRS / 2} answers differ by visitor`);
      assert.ok(answered.get(200)! > PAIRS / 2, JSON.stringify([...answered]));
    },
    { timeoutMs: 600_000 },
  );
});
