import fs from 'node:fs';
import { ClockWatch } from '../../../src/storage/lmdb/write/clock-watch.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { MERGE_LAST, MERGE_SUM } from '../../../src/wire/merge.ts';
import { frameOf } from '../../support/frame.ts';
import { points } from '../../support/points.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const YEARS = 6 * 365 * 86_400;
const RULES = rulesOf({ '': 'sum 10s:2h,1m:1d' });

async function inStore(
  body: (store: LmdbStore, reopen: () => Promise<LmdbStore>, log: string[]) => Promise<void>,
): Promise<void> {
  const dataDir = temporaryFolder();
  const log: string[] = [];
  let store = await openIn(dataDir, RULES, { log });
  try {
    const reopen = async (): Promise<LmdbStore> => {
      await store.close();
      store = await openIn(dataDir, RULES, { log });
      return store;
    };
    await body(store, reopen, log);
  } finally {
    await store.close();
    fs.rmSync(dataDir, { recursive: true });
  }
}

/** Flushes i of a counter worth i + 1. */
async function flush(store: LmdbStore, from: number, to: number, offset = 0): Promise<void> {
  for (let i = from; i < to; i++) {
    await store.append(frameOf(NOW + i * 10 + offset, { hits: i + 1 }, { merge: MERGE_SUM }));
  }
}

async function read(store: LmdbStore, from: number, to: number): Promise<Float64Array> {
  const id = store.lookup('hits')!.id;
  const [found] = await store.fetch([id], NOW + from * 10 - 10, NOW + to * 10 - 10, NOW + to * 10);
  return found!.values;
}

const counted = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i + 1);

describe('storage/lmdb: a clock that is set', (it) => {
  it('leaps years ahead for some flushes: what was there stays, what follows is stored', async () => {
    await inStore(async (first, reopen) => {
      await flush(first, 0, 200);
      await flush(first, 200, 203, YEARS);
      await flush(first, 203, 300);
      assertValues(await read(first, 0, 300), [
        ...counted(0, 200),
        null,
        null,
        null,
        ...counted(203, 300),
      ]);
      const store = await reopen();
      await flush(store, 300, 900);
      assertValues(await read(store, 600, 900), counted(600, 900));
    });
  });

  it.slow(
    'stays years ahead for long: only what it wrote over is gone when it is back',
    async () => {
      await inStore(async (store) => {
        await flush(store, 0, 300);
        await flush(store, 300, 500, YEARS);
        await flush(store, 500, 2000);
        assertValues(await read(store, 1290, 2000), counted(1290, 2000));
      });
    },
  );

  it('goes back an hour and comes again: flushes that meet are joined', async () => {
    await inStore(async (store) => {
      await flush(store, 0, 340);
      await flush(store, 340, 350, -3000);
      await flush(store, 350, 360);
      const expected = counted(0, 360);
      for (let i = 340; i < 350; i++) {
        expected[i - 300]! += i + 1;
        expected[i] = NaN;
      }
      assertValues(await read(store, 0, 360), expected);
    });
  });

  it('is said in the log, once a step', async () => {
    await inStore(async (store, _, log) => {
      await flush(store, 0, 5);
      await flush(store, 5, 8, YEARS);
      await flush(store, 8, 12);
      assert.equal(
        log.filter((line) => line.includes('clock')).map((line) => line.replace(/ by .*/, '')),
        ['the clock leapt ahead', 'the clock was set back'],
      );
    });
  });

  it('has gauges come back from the newest flush, not from the furthest', async () => {
    await inStore(async (store, reopen) => {
      const gauge = (time: number, level: number): Promise<unknown> =>
        store.append(frameOf(time, { level }, { merge: MERGE_LAST }));
      await gauge(NOW, 1);
      await gauge(NOW + YEARS, 2);
      await gauge(NOW + 10, 3);
      const again = await reopen();
      assert.equal([...(await again.lastGauges()).values], [3]);
      assert.is(again.health().lastDurableFlush, NOW + 10);
    });
  });

  it('does not hide a series that is made anew after one was deleted in the future', async () => {
    await inStore(async (store) => {
      await store.append(frameOf(NOW, { hits: 1 }));
      await store.append(frameOf(NOW + YEARS, { hits: 2 }));
      await store.delete(['hits']);
      await store.append(frameOf(NOW + 10, { hits: 3 }, { firstId: 9 }));
      assertValues(await read(store, 1, 2), [3]);
    });
  });

  it('lets ready-made points through when only they are left', async () => {
    await inStore(async (store) => {
      const point = (time: number, value: number): Promise<unknown> =>
        store.append(points(['hits'], [time], [value]), time);
      for (let i = 0; i < 10; i++) await point(NOW + i * 10, i + 1);
      await point(NOW + YEARS, 99);
      for (let i = 10; i < 20; i++) await point(NOW + i * 10, i + 1);
      assertValues(await read(store, 0, 20), counted(0, 20));
    });
  });
});

describe('storage/lmdb/clock-watch', (it) => {
  it('notes steps, not flushes that are a little late or were skipped', () => {
    const watch = new ClockWatch();
    const notes = [NOW, NOW + 10, NOW + 60, NOW + 140, NOW + 130, NOW + 9000].map(
      (time) => watch.note(time, 10_000) !== undefined,
    );
    assert.equal(notes, [false, false, false, false, true, true]);
    assert.is(watch.steps, 2);
  });
});
