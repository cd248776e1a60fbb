/** Sketches of flushes in the embedded store, and what the statistics of timers get from them. */
import fs from 'node:fs';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { statistic } from '../../../src/sketch/statistics.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import type { RetentionRules } from '../../../src/storage/retention/rules.ts';
import {
  DEFAULT_SKETCHES,
  type SketchSettings,
} from '../../../src/storage/retention/sketch-rules.ts';
import { STAT_COUNT, STAT_COUNT_PS, STAT_EDGE_P, STAT_MEDIAN } from '../../../src/wire.ts';
import { assert, describe } from '../../support/suite.ts';
import { TIMER_STATISTICS, timerFrame } from '../../support/timer-frame.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000 - (1_700_000_000 % 3600);
const RULES = rulesOf({ '': '10s:1h,1m:1d,10m:1w' });

interface Opened {
  store: LmdbStore;
  reopen(): Promise<LmdbStore>;
}

async function inStore(
  body: (opened: Opened) => Promise<void>,
  rules: RetentionRules = RULES,
  sketches: SketchSettings = DEFAULT_SKETCHES,
): Promise<void> {
  const folder = temporaryFolder();
  const opened: Opened = {
    store: await openIn(folder, rules, { sketches }),
    async reopen() {
      await opened.store.close();
      return (opened.store = await openIn(folder, rules, { sketches }));
    },
  };
  try {
    await body(opened);
  } finally {
    await opened.store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/** The last value of a timer's series in an archive that covers `age` seconds. */
async function lastOf(store: LmdbStore, name: string, age: number, now: number): Promise<number> {
  const [found] = await store.fetch([store.lookup(name)!.id], now - age, now, now);
  return found!.values.at(-1)!;
}

describe('sketches of flushes', (it) => {
  it('come back by slot, merged in coarser archives, also after a restart', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 'stats.timers.a': [1, 2, 3] }));
      await opened.store.append(timerFrame(NOW + 10, { 'stats.timers.a': [4] }));
      const store = await opened.reopen();
      const [ref] = store.findSketched('stats.timers.*');
      assert.equal([ref!.name, ref!.kind], ['stats.timers.a', 'timer']);
      const [found] = await store.fetchSketches([ref!.id], NOW - 20, NOW + 10, NOW + 10);
      const counts = found!.sketches.map((bytes) => bytes && decodeSketch(bytes).count);
      assert.equal(counts, [undefined, 3, 1]);
      const [coarse] = await store.fetchSketches([ref!.id], NOW - 7200, NOW + 10, NOW + 10);
      assert.is(coarse!.step, 60);
      assert.is(decodeSketch(coarse!.sketches.at(-1)!).count, 4);
    });
  });
});

describe('statistics of timers in coarser archives', (it) => {
  const flushes = [[5, 1, 9], [], [100, 2], [3], [7, 7, 7, 8], [1000]];

  it("are StatsD's to the last bit of all values of the slot, open and closed", async () => {
    await inStore(async (opened) => {
      const check = async (now: number, place: number, until: number) => {
        const all = new Sketch();
        for (const values of flushes.slice(0, until)) for (const value of values) all.add(value);
        for (const [label, stat, argument] of TIMER_STATISTICS) {
          const { id } = opened.store.lookup(`t.a.${label}`)!;
          const [found] = await opened.store.fetch([id], now - 7200, now, now);
          const expected = statistic(all, stat, argument, until * 10);
          assert.is(found!.values.at(place), expected, `${label} after ${until}`);
        }
      };
      for (const [i, values] of flushes.entries()) {
        await opened.store.append(timerFrame(NOW + i * 10, { 't.a': values }));
        await check(NOW + i * 10, -1, i + 1);
        if (i % 2 === 1) await opened.reopen();
        await check(NOW + i * 10, -1, i + 1);
      }
      await opened.store.append(timerFrame(NOW + 60, { 't.a': [1] }));
      await check(NOW + 60, -2, 6);
      await opened.reopen();
      await check(NOW + 60, -2, 6);
    });
  });

  it("are averages of statistics as Graphite's where averagedTimers says so", async () => {
    const averaged = { ...DEFAULT_SKETCHES, averagedTimers: true };
    await inStore(
      async ({ store }) => {
        await store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
        await store.append(timerFrame(NOW + 10, { 't.a': [10, 20, 90] }));
        assert.is(await lastOf(store, 't.a.median', 7200, NOW + 10), 11);
        await store.append(timerFrame(NOW + 60, { 't.a': [1] }));
        const [found] = await store.fetch(
          [store.lookup('t.a.median')!.id],
          NOW - 7200,
          NOW,
          NOW + 60,
        );
        assert.is(found!.values.at(-1), 11);
      },
      RULES,
      averaged,
    );
  });

  it('stay as they are where a flush of the slot has no sketch', async () => {
    await inStore(async ({ store }) => {
      await store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }, { sketches: false }));
      await store.append(timerFrame(NOW + 10, { 't.a': [10, 20, 90] }));
      assert.is(await lastOf(store, 't.a.median', 7200, NOW + 10), 11);
      await store.append(timerFrame(NOW + 60, { 't.a': [5] }));
      await store.append(timerFrame(NOW + 70, { 't.a': [7, 9] }));
      assert.is(await lastOf(store, 't.a.median', 7200, NOW + 70), 7);
    });
  });

  it('know of an idle timer that it counted nothing', async () => {
    await inStore(async ({ store }) => {
      await store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
      await store.append(timerFrame(NOW + 10, { 't.a': [] }));
      assert.is(await lastOf(store, 't.a.count', 7200, NOW + 10), 3);
      assert.is(await lastOf(store, 't.a.count_ps', 7200, NOW + 10), 3 / 20);
    });
  });
});

describe('slots that several flushes share', (it) => {
  it('hold statistics of all their values, over a restart and by late flushes', async () => {
    const rules = rulesOf({ '': '1m:1d' });
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1, 2, 3, 4] }));
      await opened.reopen();
      await opened.store.append(timerFrame(NOW + 10, { 't.a': [100] }));
      await opened.store.append(timerFrame(NOW + 20, { 't.b': [5], 't.a': [50] }));
      const now = NOW + 20;
      assert.is(await lastOf(opened.store, 't.a.median', 60, now), 3.5);
      assert.is(await lastOf(opened.store, 't.a.upper_90', 60, now), 50);
      await opened.store.append(timerFrame(NOW + 60, { 't.a': [1] }));
      await opened.store.append(timerFrame(NOW + 30, { 't.a': [60, 70] }));
      const { id } = opened.store.lookup('t.a.median')!;
      const [found] = await opened.store.fetch([id], NOW - 60, NOW, NOW + 60);
      assert.is(found!.values.at(-1), 27);
    }, rules);
  });

  it('are merged when a restart flushes twice into one', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
      await opened.reopen();
      await opened.store.append(timerFrame(NOW + 4, { 't.a': [7, 8] }));
      assert.is(await lastOf(opened.store, 't.a.median', 60, NOW + 4), 3);
      assert.is(await lastOf(opened.store, 't.a.count', 60, NOW + 4), 5);
    });
  });
});

describe('what a series is', (it) => {
  it('is known of statistics of timers, until they are deleted or renamed', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1] }));
      const timerOf = (name: string) => {
        const found = opened.store.lookup(name);
        return found && opened.store.info(found.id)!.timer;
      };
      const upper = { name: 't.a', stat: STAT_EDGE_P, argument: 90 };
      assert.equal(timerOf('t.a.upper_90'), upper);
      await opened.reopen();
      assert.equal(timerOf('t.a.upper_90'), upper);
      assert.equal(timerOf('t.a.median'), { name: 't.a', stat: STAT_MEDIAN, argument: 0 });
      await opened.store.rename([{ from: 't.a.median', to: 'other' }]);
      assert.is(timerOf('other'), undefined);
      await opened.store.delete(['t.a.count']);
      await opened.store.append(timerFrame(NOW + 10, { 't.a': [] }));
      assert.equal(timerOf('t.a.count'), { name: 't.a', stat: STAT_COUNT, argument: 0 });
      assert.is(timerOf('t.a.count_ps')!.stat, STAT_COUNT_PS);
    });
  });

  it('ends with the last of its series; a reborn timer starts empty', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1, 2], 't.b': [1] }));
      await opened.store.delete(TIMER_STATISTICS.map(([label]) => `t.a.${label}`));
      const names = () => opened.store.findSketched('t.*').map(({ name }) => name);
      assert.equal(names(), ['t.b']);
      await opened.reopen();
      assert.equal(names(), ['t.b']);
      await opened.store.append(
        timerFrame(NOW + 10, { 't.new': [5], 't.b': [] }, { firstTimer: 5 }),
      );
      const [ref] = opened.store.findSketched('t.new');
      const now = NOW + 10;
      const [found] = await opened.store.fetchSketches([ref!.id], NOW - 20, now, now);
      const counts = found!.sketches.map((bytes) => bytes && decodeSketch(bytes).count);
      assert.equal(counts, [undefined, undefined, 1]);
      assert.is(await lastOf(opened.store, 't.new.count', 7200, now), 1);
    });
  });
});
