/**
 * Whatever target is asked for, the answer is series or a sentence: 1,000 random targets over the
 * grammar and the registry, and 10,000 that were damaged, against a server with the recorded data;
 * `npm test` asks for fewer.
 */
import { assert, describe, rounds } from '../support/suite.ts';
import { RandomTargets } from '../query/support/random-targets.ts';
import { NOW, type TestServer } from './client.ts';
import { goldenServer } from './golden-server.ts';

const SOUND = rounds(20, 1000);
const DAMAGED = rounds(60, 10_000);
/** What the server gives a request; beyond it there is an answer all the same. */
const REQUEST_MS = 5000;
/** A request may take so long in all: the machine may be busy. */
const SLOWEST_MS = 20_000;
/** Of a stack; a damaged target, which its refusal quotes, may well have `.ts(`. */
const STACK = /\.[jt]s:\d+|\bat .*:\d+:\d+/;
/** Requests under way at a time. */
const AT_ONCE = 4;

describe('random targets', (it) => {
  let server: TestServer;
  it.before(async () => {
    server = await goldenServer({
      limits: { points: 200_000, requestMs: REQUEST_MS, waitingRenders: 1000 },
    });
  });
  it.after(() => server.close());

  /** Number of answers by status; throws with the target when one is not as it must be. */
  async function answersOf(targets: readonly string[]): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < targets.length) {
        const target = targets[next++]!; // next < length
        const started = performance.now();
        const asked = { target, from: `${NOW - 3600}`, until: `${NOW}`, format: 'json' };
        const { status, text } = await server.ask('/render', {
          body: new URLSearchParams({ ...asked, maxDataPoints: '30' }).toString(),
        });
        const tookMs = performance.now() - started;
        counts.set(status, (counts.get(status) ?? 0) + 1);
        const where = `${status} after ${Math.round(tookMs)} ms: ${target}`;
        assert.ok(status === 200 || (status >= 400 && status < 500), `${text} ${where}`);
        assert.ok(tookMs < SLOWEST_MS, where);
        if (status === 200) assert.ok(Array.isArray(JSON.parse(text)), where);
        else assert.ok(/^[^\n]+\n$/.test(text) && !STACK.test(text), where);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert.is((await server.ask('/health')).status, 200);
    return counts;
  }

  it(
    `${SOUND} over the grammar are answered`,
    async () => {
      const random = new RandomTargets(1);
      const counts = await answersOf(Array.from({ length: SOUND }, () => random.target()));
      const answered = counts.get(200) ?? 0;
      assert.ok(answered > SOUND * 0.3, `only ${answered} of ${SOUND} gave series`);
    },
    { timeoutMs: 300_000 },
  );

  it(
    `${DAMAGED} damaged ones are answered or refused`,
    async () => {
      const random = new RandomTargets(2);
      const damaged = Array.from({ length: DAMAGED }, () => random.mutated(random.target(2)));
      const counts = await answersOf(damaged);
      const refused = DAMAGED - (counts.get(200) ?? 0);
      assert.ok(refused > DAMAGED / 10, `only ${refused} of ${DAMAGED} were refused`);
    },
    { timeoutMs: 600_000 },
  );
});
