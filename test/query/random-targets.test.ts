/**
 * Whatever is asked, the answer is series or a sentence for the user: 1,000 random targets over the
 * grammar and 10,000 mutated ones. Any other error is ours, and fails with the target that caused it.
 */
import { UserError } from '../../src/lib/errors.ts';
import { evaluateTargets } from '../../src/query/evaluate.ts';
import { formatNamed } from '../../src/query/formats/formats.ts';
import type { Store } from '../../src/storage/store.ts';
import { assert, describe } from '../support/suite.ts';
import { datasetEvents, datasetStore, NOW } from './support/dataset.ts';
import { RandomTargets } from './support/random-targets.ts';

describe('random targets', (it) => {
  let store: Store;
  const events = datasetEvents();
  it.before(async () => {
    store = await datasetStore();
  });

  /** True for series, false for a UserError. */
  async function answers(target: string): Promise<boolean> {
    const started = performance.now();
    try {
      const series = await evaluateTargets(store, {
        targets: [target],
        from: NOW - 3600,
        until: NOW,
        now: NOW,
        events,
        limits: { pointsMax: 200_000, timeMs: 2000, callsMax: 500 },
      });
      for (const name of ['json', 'raw']) formatNamed(name)!.write(series, { maxDataPoints: 30 });
      for (const one of series) {
        assert.is(typeof one.name, 'string');
        assert.instance(one.values, Float64Array);
      }
      return true;
    } catch (error) {
      if (error instanceof UserError && error.message !== '') return false;
      throw new Error(`target ${JSON.stringify(target)}`, { cause: error });
    } finally {
      const took = performance.now() - started;
      if (took > 8000) assert.unreachable(`${took} ms for ${target}`);
    }
  }

  it(
    '1,000 over the grammar',
    async () => {
      const random = new RandomTargets(1);
      let answered = 0;
      for (let i = 0; i < 1000; i++) if (await answers(random.target())) answered += 1;
      assert.ok(answered > 300, `only ${answered} of 1000 gave series`);
    },
    { timeoutMs: 120_000 },
  );

  it(
    '10,000 mutated',
    async () => {
      const random = new RandomTargets(2);
      let refused = 0;
      for (let i = 0; i < 10_000; i++) {
        if (!(await answers(random.mutated(random.target(2))))) refused += 1;
      }
      assert.ok(refused > 1000, `only ${refused} of 10000 were refused`);
    },
    { timeoutMs: 120_000 },
  );
});
