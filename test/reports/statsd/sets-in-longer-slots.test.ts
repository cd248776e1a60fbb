/**
 * Sets whose slot is longer than the flush: the distinct members of the slot, not the greatest of the
 * flushes, whether the sketches of sets are kept as finely or not; and rolled up no sum of counts.
 */
import fs from 'node:fs';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';

const NOW = 1_700_000_000 - (1_700_000_000 % 3600);

/** Counts by slot of 20 flushes of a second, each with a member of its own and one of all. */
async function counted(retentions: string, age: number): Promise<number[]> {
  const folder = temporaryFolder();
  const store = await openIn(folder, rulesOf({ '': retentions }));
  try {
    const aggregator = makeAggregator({ flushIntervalMs: 1000 }, true);
    const names = new Map<number, string>();
    for (let flush = 0; flush < 20; flush++) {
      send(aggregator, `u.s:m${flush}|s\nu.s:x|s`);
      await store.append(flushOf(aggregator, NOW + flush, names).frame);
    }
    const { id } = store.lookup('stats.sets.u.s.count')!;
    const [found] = await store.fetch([id], NOW + 20 - age, NOW + 20, NOW + 20);
    return [...found!.values].filter((value) => value === value);
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

describe('sets in slots of several flushes', (it) => {
  it('count distinct members where sketches are as fine', async () => {
    assert.equal(await counted('10s:1h', 30), [11, 11]);
  });

  it('count them in slots that are finer than the sketches, and in coarser ones', async () => {
    assert.equal(await counted('5s:1h', 30), [6, 6, 6, 6]);
    assert.equal(await counted('1m:1h', 60), [21]);
  });

  it('count them in what is rolled up from finer slots', async () => {
    assert.equal(await counted('sum 1s:1m,10s:1h', 600), [11, 11]);
  });

  it('are as many at least as in one of the finer slots, where no sketch is so fine', async () => {
    assert.equal(await counted('sum 1s:1m,5s:1h', 600), [2, 2, 2, 2]);
  });
});
