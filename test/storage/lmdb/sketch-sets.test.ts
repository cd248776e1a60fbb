/** Sets from packets to coarser archives: distinct members of the longer slot, not sums of counts. */
import fs from 'node:fs';
import { decodeDistinct } from '../../../src/sketch/distinct-codec.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import type { RetentionRules } from '../../../src/storage/retention/rules.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { STAT_DISTINCT } from '../../../src/wire/statistics.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000 - (1_700_000_000 % 3600);
const NAME = 'stats.sets.users.count';

/** Members by flush: `u0` to `u9`, then five of them and five others, … */
const membersOf = (flush: number): string[] =>
  Array.from({ length: 10 }, (_, i) => `u${flush * 5 + i}`);

async function inStore(
  rules: RetentionRules,
  body: (store: LmdbStore, reopen: () => Promise<LmdbStore>) => Promise<void>,
): Promise<void> {
  const folder = temporaryFolder();
  let store = await openIn(folder, rules);
  try {
    await body(store, async () => {
      await store.close();
      return (store = await openIn(folder, rules));
    });
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

async function lastOf(store: Store, age: number, now: number): Promise<number> {
  const [found] = await store.fetch([store.lookup(NAME)!.id], now - age, now, now);
  return found!.values.at(-1)!;
}

describe('sets in coarser archives', (it) => {
  it('count who is in any flush of the slot, over a restart', async () => {
    const rules = rulesOf({ '': 'sum 10s:1h,1m:1d,10m:1w' });
    const model = new MemoryStore(rules);
    await inStore(rules, async (first, reopen) => {
      let store = first;
      const aggregator = makeAggregator({}, true);
      const names = new Map<number, string>();
      for (let flush = 0; flush < 9; flush++) {
        send(
          aggregator,
          membersOf(flush)
            .map((member) => `users:${member}|s`)
            .join('\n'),
        );
        const now = NOW + flush * 10;
        const { frame } = flushOf(aggregator, now, names);
        await store.append(frame);
        await model.append(frame);
        const minute = flush < 6 ? flush : flush - 6;
        assert.is(await lastOf(store, 60, now), 10);
        assert.is(await lastOf(store, 7200, now), 10 + minute * 5);
        assert.is(await lastOf(store, 3 * 86_400, now), 10 + flush * 5);
        assert.is(await lastOf(model, 3 * 86_400, now), 10 + flush * 5);
      }
      store = await reopen();
      assert.is(await lastOf(store, 3 * 86_400, NOW + 80), 50);
      const [ref] = store.findSketched('stats.sets.*');
      assert.equal([ref!.name, ref!.kind], ['stats.sets.users', 'set']);
      const [found] = await store.fetchSketches([ref!.id], NOW - 7200, NOW + 80, NOW + 80);
      const counts = found!.sketches.map((bytes) => bytes && decodeDistinct(bytes).estimate());
      assert.equal(counts.slice(-2), [35, 20]);
      const { timer } = store.info(store.lookup(NAME)!.id)!;
      assert.equal(timer, { name: 'stats.sets.users', stat: STAT_DISTINCT, argument: 0 });
    });
  });

  it('count them in a slot that several flushes share', async () => {
    await inStore(rulesOf({ '': '1m:1d' }), async (store) => {
      const aggregator = makeAggregator({}, true);
      const names = new Map<number, string>();
      for (let flush = 0; flush < 4; flush++) {
        send(
          aggregator,
          membersOf(flush)
            .map((member) => `users:${member}|s`)
            .join('\n'),
        );
        await store.append(flushOf(aggregator, NOW + flush * 10, names).frame);
      }
      assert.is(await lastOf(store, 60, NOW + 30), 25);
    });
  });
});
