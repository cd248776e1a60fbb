/** Sketches of flushes in the embedded store, and what the statistics of timers get from them. */
import fs from 'node:fs';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { statistic } from '../../../src/sketch/statistics.ts';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import type { RetentionRules } from '../../../src/storage/retention/rules.ts';
import {
  DEFAULT_SKETCHES,
  type SketchSettings,
} from '../../../src/storage/retention/sketch-rules.ts';
import {
  STAT_COUNT,
  STAT_COUNT_PS,
  STAT_EDGE_P,
  STAT_MEDIAN,
} from '../../../src/wire/statistics.ts';
import { Random } from '../../../src/cli/random.ts';
import { assert, describe } from '../../support/suite.ts';
import { TIMER_STATISTICS, timerFrame } from '../../support/timer-frame.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000 - (1_700_000_000 % 86_400);
const RULES = rulesOf({ '': '10s:1h,1m:1d,10m:1w' });
/** Flushes that may share a commit. */
const TOGETHER = 30;

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

/** Values of all statistics in the slot of `time`, of the archive that reaches back to `from`. */
async function fetchAll(
  store: LmdbStore,
  base: string,
  from: number,
  time: number,
): Promise<Map<string, number>> {
  const now = time + 3600;
  const labels = TIMER_STATISTICS.map(([label]) => label);
  const ids = labels.map((label) => store.lookup(`${base}.${label}`)!.id);
  const found = await store.fetch(ids, from, now, now);
  return new Map(
    labels.map((label, i) => {
      const { start, step, values } = found[i]!;
      return [label, values[Math.floor((time - 1 - start) / step)]!];
    }),
  );
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

  it('are within 1 % of the exact ones over an hour and over a day', async () => {
    const random = new Random(11);
    const source = { file: undefined, line: 0, section: 'test', pattern: '' };
    const archives = parseRetentions('1m:1h,10m:1d,1h:30d');
    const sketches = { schemas: [{ source, archives }], averagedTimers: false };
    await inStore(
      async ({ store }) => {
        const all: number[] = [];
        const written: Promise<unknown>[] = [];
        for (let i = 0; i < 25 * 60; i++) {
          const slow = i % 400 < 30 ? 8 : 1;
          const count = 5 + random.whole(60);
          const values = Array.from({ length: count }, () => slow * 20 * random.pareto(1.7));
          if (i < 24 * 60) all.push(...values);
          const frame = timerFrame(NOW + i * 60, { 't.a': values }, { intervalMs: 60_000 });
          written.push(store.append(frame));
          if (written.length === TOGETHER) await Promise.all(written.splice(0));
        }
        await Promise.all(written);
        const last = all.slice().sort((a, b) => a - b);
        const day = await fetchAll(store, 't.a', NOW - 86_400 * 40, NOW + 24 * 3600);
        const exact = { upper_99: 99, upper_90: 90 };
        for (const [label, percent] of Object.entries(exact)) {
          const expected = last[Math.round((percent / 100) * last.length) - 1]!;
          const found = day.get(label)!;
          const off = Math.abs(found - expected) / expected;
          assert.ok(off < 0.01, `${label}: ${found}, exactly ${expected}`);
        }
        assert.is(day.get('count'), all.length);
        assert.is(day.get('upper'), last.at(-1));
        assert.is(day.get('lower'), last[0]);
      },
      rulesOf({ '': '1m:1h,1h:2d,1d:1y' }),
      sketches,
    );
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

describe('sketches that are not kept', (it) => {
  const off = (pattern: string): SketchSettings => {
    const source = { file: undefined, line: 0, section: 'off', pattern };
    return {
      ...DEFAULT_SKETCHES,
      schemas: [{ source, archives: [] }, ...DEFAULT_SKETCHES.schemas],
    };
  };

  it('by name or at all: rollups are as without, slots are merged while they grow', async () => {
    for (const sketches of [off('^t\\.a'), { schemas: [], averagedTimers: false }]) {
      await inStore(
        async ({ store }) => {
          await store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
          await store.append(timerFrame(NOW + 10, { 't.a': [10, 20, 90] }));
          assert.equal(store.findSketched('t.*'), []);
          assert.is(await lastOf(store, 't.a.median', 60, NOW + 10), 6.5);
          assert.is(await lastOf(store, 't.a.median', 7 * 86_400, NOW + 10), 6.5);
          await store.append(timerFrame(NOW + 60, { 't.a': [1, 1, 1] }));
          assert.is(await lastOf(store, 't.a.median', 7 * 86_400, NOW + 60), 3.75);
        },
        rulesOf({ '': '1m:1d,10m:1w' }),
        sketches,
      );
    }
  });

  it('come and go with changed rules; what was kept stays', async () => {
    await inStore(async (opened) => {
      const counts = async () => {
        const { store } = opened;
        const ids = store.findSketched('t.a').map(({ id }) => id);
        const [found] = await store.fetchSketches(ids, NOW - 10, NOW + 20, NOW + 20);
        return found?.sketches.map((bytes) => bytes && decodeSketch(bytes).count);
      };
      const { store } = opened;
      store.setRules(RULES, off('^t\\.a'));
      await store.append(timerFrame(NOW, { 't.a': [1], 't.b': [1] }));
      assert.equal(await counts(), undefined);
      store.setRules(RULES, DEFAULT_SKETCHES);
      const unnamed = timerFrame(NOW + 10, { 't.a': [1, 2], 't.b': [1] });
      delete unnamed.series.sketches;
      await store.append(unnamed);
      assert.equal(await counts(), [undefined, 2, undefined]);
      const { id } = store.lookup('t.a.median')!;
      assert.is(store.info(id)!.timer!.name, 't.a');
      store.setRules(RULES, off('^t\\.b'));
      await store.append(timerFrame(NOW + 20, { 't.a': [3], 't.b': [1] }));
      await opened.reopen();
      assert.equal(await counts(), [undefined, 2, 1]);
    });
  });

  it('keep their archives when the rules change, new timers get new ones', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1, 2] }));
      const source = { file: undefined, line: 0, section: 'new', pattern: '' };
      const schemas = [{ source, archives: parseRetentions('1m:1h,1h:1d') }];
      opened.store.setRules(RULES, { schemas, averagedTimers: false });
      await opened.store.append(timerFrame(NOW + 10, { 't.a': [3], 't.b': [1, 2] }));
      await opened.reopen();
      const { store } = opened;
      const ids = store.findSketched('t.*').map(({ id }) => id);
      const found = await store.fetchSketches(ids, NOW - 60, NOW + 10, NOW + 10);
      const last = found.map((one) => [one!.step, decodeSketch(one!.sketches.at(-1)!).count]);
      assert.equal(last, [
        [10, 1],
        [60, 2],
      ]);
    });
  });

  it('outlive a change of retention of their series', async () => {
    await inStore(async (opened) => {
      await opened.store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
      await opened.store.append(timerFrame(NOW + 10, { 't.a': [70] }));
      const infos = opened.store
        .allNames()
        .map((name) => opened.store.info(opened.store.lookup(name)!.id)!)
        .map((info) => ({ ...info, archives: parseRetentions('10s:2h,1m:2d') }));
      assert.is(await opened.store.retain(infos), TIMER_STATISTICS.length);
      await opened.store.append(timerFrame(NOW + 20, { 't.a': [80, 90] }));
      for (const reopened of [false, true]) {
        if (reopened) await opened.reopen();
        const now = NOW + 20;
        assert.is(await lastOf(opened.store, 't.a.median', 86_400, now), 36.5);
        assert.is(await lastOf(opened.store, 't.a.count', 86_400, now), 6);
      }
    });
  });

  it('over the limit are refused and counted', async () => {
    const folder = temporaryFolder();
    const store = await openIn(folder, RULES, { maxSeries: 12, sketches: DEFAULT_SKETCHES });
    try {
      const timers = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`t.n${i}`, [1]]));
      await store.append(timerFrame(NOW, timers));
      assert.is(store.findSketched('t.*').length, 12);
      const series = 14 * TIMER_STATISTICS.length - 12;
      assert.is(store.health().refusedSeries, series + 2);
    } finally {
      await store.close();
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe('damaged sketches', (it) => {
  /** 130 flushes, then one record of a database is damaged. */
  const damage = async (
    database: 'sketchRows' | 'sketchChunks' | 'sketchNames' | 'sketchLinks',
    check: (store: LmdbStore, now: number) => Promise<void>,
  ) => {
    const folder = temporaryFolder();
    const first = await openIn(folder, RULES);
    for (let i = 0; i < 130; i++) {
      await first.append(timerFrame(NOW + i * 10, { 't.a': [1, 2, 3], 't.b': [5] }));
    }
    await first.close();
    const environment = openEnvironment(folder, 2 ** 32);
    for (const { key, value } of environment[database].getRange({ limit: 1 })) {
      const damaged = Uint8Array.from(value);
      damaged[damaged.length - 6]! ^= 4;
      environment[database].putSync(Uint8Array.from(key), damaged);
    }
    await environment.root.close();
    const store = await openIn(folder, RULES);
    try {
      await check(store, NOW + 1290);
      assert.ok(store.health().corruptRecords > 0);
      await store.append(timerFrame(NOW + 1300, { 't.a': [1], 't.b': [5] }));
    } finally {
      await store.close();
      fs.rmSync(folder, { recursive: true });
    }
  };
  const knownOf = async (store: LmdbStore, name: string, now: number) => {
    const ids = store.findSketched(name).map(({ id }) => id);
    const [found] = await store.fetchSketches(ids, NOW - 10, now, now);
    return found!.sketches.filter((bytes) => bytes !== undefined).length;
  };

  it('rows and chunks read as nothing counted, the others stay', async () => {
    await damage('sketchRows', async (store, now) => {
      assert.is(await knownOf(store, 't.a', now), 129);
    });
    await damage('sketchChunks', async (store, now) => {
      const all = [await knownOf(store, 't.a', now), await knownOf(store, 't.b', now)];
      assert.equal(all, [70, 130]);
    });
  });

  it('of a slot are the same for the classes that have one of its length', async () => {
    const rules = rulesOf({ median$: '1m:1h', mean$: '1m:2h', '': '1m:3h' });
    const dataDir = temporaryFolder();
    const now = NOW - (NOW % 60);
    try {
      let store = await openIn(dataDir, rules);
      await store.append(timerFrame(now, { 't.a': [1, 2, 3] }));
      await store.append(timerFrame(now + 10, { 't.a': [10] }));
      // What an earlier process has seen of the slot counts in each of them.
      await store.close();
      store = await openIn(dataDir, rules);
      await store.append(timerFrame(now + 20, { 't.a': [20, 90] }));
      await store.append(timerFrame(now + 30, { 't.a': [126] }));
      const last = async (name: string) => (await values(store, name, now - 60, now, now + 30))[0];
      assert.equal([await last('t.a.median'), await last('t.a.mean')], [10, 36]);
      await store.close();
    } finally {
      fs.rmSync(dataDir, { recursive: true });
    }
  });

  it('in a frame are left out of what they are merged with', async () => {
    await inStore(async ({ store }) => {
      await store.append(timerFrame(NOW, { 't.a': [1, 2, 3] }));
      const broken = timerFrame(NOW + 10, { 't.a': [70] });
      broken.sketches!.bytes.bytes[5]! ^= 1;
      await store.append(broken);
      await store.append(timerFrame(NOW + 60, { 't.a': [4] }));
      const ids = store.findSketched('t.a').map(({ id }) => id);
      const [found] = await store.fetchSketches(ids, NOW - 7200, NOW, NOW + 60);
      assert.is(decodeSketch(found!.sketches.at(-1)!).count, 3);
      assert.ok(store.health().corruptRecords > 0);
    });
  });

  it('a name is lost and comes back empty; its series stay', async () => {
    await damage('sketchNames', async (store) => {
      assert.equal(
        store.findSketched('t.*').map(({ name }) => name),
        ['t.b'],
      );
      await store.append(timerFrame(NOW + 1300, { 't.a': [1], 't.b': [5] }));
      const now = NOW + 1300;
      assert.is(await knownOf(store, 't.a', now), 1);
      assert.is(await lastOf(store, 't.a.upper', 3600, now), 1);
    });
  });

  it('a link is lost until its series is named again', async () => {
    await damage('sketchLinks', async (store) => {
      const linked = () =>
        store.allNames().filter((name) => store.info(store.lookup(name)!.id)!.timer !== undefined);
      const all = store.allNames().length;
      assert.is(linked().length, all - 1);
      await store.append(timerFrame(NOW + 1300, { 't.a': [1], 't.b': [5] }));
      assert.is(linked().length, all);
    });
  });
});

describe('the data file with sketches', (it) => {
  it.slow(
    'stops growing when the rings are full, over thirty days',
    async () => {
      const folder = temporaryFolder();
      const source = { file: undefined, line: 0, section: 'test', pattern: '' };
      const archives = parseRetentions('10m:6h,1h:1d');
      const sketches = { schemas: [{ source, archives }], averagedTimers: false };
      const store = await openIn(folder, rulesOf({ '': '10m:6h,1h:1d' }), { sketches });
      const sizes: number[] = [];
      try {
        const flushes = 30 * 144;
        for (let i = 0; i < flushes; i++) {
          const timers = Object.fromEntries(
            Array.from({ length: 8 }, (_, t) => [
              `t.n${t}`,
              Array.from(
                { length: ((i * 7 + t * 13) % 50) * 2 },
                (_, k) => 1 + ((i * k + t) % 977),
              ),
            ]),
          );
          const frame = timerFrame(NOW + i * 600, timers, { intervalMs: 600_000 });
          // Some forty go into one commit: thousands of them are not what this is about.
          const appended = store.append(frame);
          if ((i + 1) % 36 === 0) await appended;
          if ((i + 1) % 144 === 0) sizes.push(store.health().fileBytes);
        }
        const now = NOW + (flushes - 1) * 600;
        const refs = store.findSketched('t.*');
        const found = await store.fetchSketches(
          refs.map(({ id }) => id),
          now - 86_400,
          now,
          now,
        );
        assert.ok(found.every((one) => one!.sketches.filter(Boolean).length === 24));
      } finally {
        await store.close();
        fs.rmSync(folder, { recursive: true });
      }
      // Lengths vary, so that the last free pages are found slowly.
      assert.ok(sizes.at(-1)! < sizes[19]! * 1.02, `sizes ${sizes.join(' ')}`);
    },
    { timeoutMs: 60_000 },
  );
});
