/** Points of senders whose clocks are ahead: stored when their time has come, durable at once. */
import fs from 'node:fs';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { PointsAhead } from '../../../src/storage/lmdb/write/points-ahead.ts';
import { frameOf } from '../../support/frame.ts';
import { countsIn, points } from '../../support/points.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const RULES = rulesOf({ '': '1s:10m,1m:1d' });
const NONE = { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };

async function inStore(
  body: (store: LmdbStore, reopen: () => Promise<LmdbStore>) => Promise<void>,
): Promise<void> {
  const dataDir = temporaryFolder();
  const open = (): Promise<LmdbStore> => openIn(dataDir, RULES, { futureToleranceMs: 60_000 });
  let store = await open();
  try {
    await body(store, async () => {
      await store.close();
      return (store = await open());
    });
  } finally {
    await store.close();
    fs.rmSync(dataDir, { recursive: true });
  }
}

const appendAt = (store: LmdbStore, time: number, value: number, now: number) =>
  store.append(points(['skew'], [time], [value]), now);

describe('storage/lmdb: points ahead of the clock', (it) => {
  it('are taken up to the tolerance and read once their time has come', async () => {
    await inStore(async (store) => {
      const reports = [
        await appendAt(store, NOW + 60, 6, NOW),
        await appendAt(store, NOW + 15, 1, NOW),
        await appendAt(store, NOW + 61, 9, NOW),
      ];
      assert.equal(reports.map(countsIn), [
        { ...NONE, stored: 1 },
        { ...NONE, stored: 1 },
        { ...NONE, inFuture: 1 },
      ]);
      await store.append(frameOf(NOW + 20, { other: 1 }));
      assertValues(await values(store, 'skew', NOW + 13, NOW + 16, NOW + 20), [null, 1, null]);
      await store.append(frameOf(NOW + 60, { other: 1 }));
      assertValues(await values(store, 'skew', NOW + 58, NOW + 60, NOW + 60), [null, 6]);
    });
  });

  it('push nothing out and make no flush late', async () => {
    await inStore(async (store) => {
      const oldest = NOW - 599;
      await appendAt(store, oldest, 3, NOW);
      await appendAt(store, NOW + 55, 4, NOW);
      assertValues(await values(store, 'skew', oldest - 1, oldest, NOW), [3]);
      for (let i = 0; i < 3; i++) await store.append(frameOf(NOW + i, { gauge: i }));
      assert.is(store.health().lateMerged, 0);
      assertValues(await values(store, 'gauge', NOW - 1, NOW + 2, NOW + 2), [0, 1, 2]);
    });
  });

  it('survive the end of the process, and go with their series', async () => {
    await inStore(async (first, reopen) => {
      await first.append(points(['skew', 'gone'], [NOW + 30, NOW + 30], [5, 7]), NOW);
      await first.delete(['gone']);
      const store = await reopen();
      await store.append(frameOf(NOW + 30, { other: 1 }));
      assertValues(await values(store, 'skew', NOW + 29, NOW + 30, NOW + 30), [5]);
      assert.is(store.lookup('gone'), undefined);
      const again = await reopen();
      await appendAt(again, NOW + 30, 8, NOW + 31);
      await again.append(frameOf(NOW + 40, { other: 1 }));
      assertValues(await values(again, 'skew', NOW + 29, NOW + 30, NOW + 40), [8]);
    });
  });

  it('are bounded, and what a record has that is no list of them is left out', () => {
    const broken = ['', '{}', '[1]', '[[1,2]]', '[[1,2,"x"]]'].map((text, i) => {
      return { key: `points-ahead/${NOW}/${i}`, text };
    });
    const ahead = new PointsAhead(broken, () => {});
    const taken: number[] = [];
    ahead.take(NOW, (id) => taken.push(id));
    assert.equal(taken, []);
    for (let i = 0; ahead.hasRoom; i++) ahead.hold(i, NOW + 9, 1, NOW + 8);
    ahead.take(NOW + 7, (id) => taken.push(id));
    assert.equal(taken, []);
    ahead.take(NOW + 8, (id) => taken.push(id));
    assert.is(taken.length, 100_000);
    assert.ok(ahead.hasRoom);
  });
});
