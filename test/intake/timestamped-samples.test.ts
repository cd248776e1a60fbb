import { MemoryStore } from '../model/memory-store.ts';
import { TimestampedIntake } from '../../src/intake/timestamped-samples.ts';
import type { SampleBatch, SampleReport } from '../../src/wire/sample-batch.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { values } from '../storage/store-maker.ts';
import { points } from '../support/points.ts';
import { assert, describe } from '../support/suite.ts';

const NOW = 1_700_000_000;
const none = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0, late: 0 };

describe('timed intake', (it) => {
  it('stores part after part, and counts', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const intake = new TimestampedIntake(store, () => NOW);
    await Promise.all([
      intake.take(points(['a', 'old'], [NOW, NOW - 7200], [1, 1])),
      intake.take(points(['a', 'b'], [NOW, NOW - 10], [2, 3])),
    ]);
    assert.equal([...(await values(store, 'a', NOW - 10, NOW, NOW))], [2]);
    assert.equal(intake.report, { ...none, stored: 3, tooOld: 1 });
  });

  it('asks the store for one at a time, and gives up what is over the bound', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const waiting: (() => void)[] = [];
    const order: number[] = [];
    store.append = async ({ values: [value] }: SampleBatch): Promise<SampleReport> => {
      order.push(value!);
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { stored: 1, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };
    };
    const intake = new TimestampedIntake(store, () => NOW);
    const taken = Array.from({ length: 300 }, (_, i) => intake.take(points(['a'], [NOW], [i])));
    assert.is(intake.report.late, 300 - 256);
    for (let i = 0; i < 256; i++) {
      while (waiting.length === 0) await Promise.resolve();
      assert.is(waiting.length, 1);
      waiting.pop()!();
    }
    await Promise.all(taken);
    assert.equal(
      order,
      Array.from({ length: 256 }, (_, i) => i),
    );
    assert.equal(intake.report, { ...none, stored: 256, late: 44 });
  });

  it('what the store refuses is counted, and the next one goes on', async () => {
    const store = new MemoryStore(rulesOf({ '': '10s:1h' }));
    const append = store.append.bind(store);
    store.append = () => Promise.reject(new Error('no disk'));
    const intake = new TimestampedIntake(store, () => NOW);
    let refused = '';
    await intake.take(points(['a', 'b'], [NOW, NOW], [1, 2])).catch((error: Error) => {
      refused = error.message;
    });
    assert.is(refused, 'no disk');
    store.append = append;
    await intake.take(points(['a'], [NOW], [1]));
    assert.equal(intake.report, { ...none, stored: 1, late: 2 });
  });
});
