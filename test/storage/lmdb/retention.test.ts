/** Changes of retention in the data folder itself: format, ends in the middle, space given back. */
import fs from 'node:fs';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { ClassReads } from '../../../src/storage/lmdb/db/class-reads.ts';
import { SERIES_CLASSES } from '../../../src/storage/lmdb/db/class-record.ts';
import { putFormat, readProgress } from '../../../src/storage/lmdb/db/meta.ts';
import { decodeSeries, encodeSeries, nameKey } from '../../../src/storage/lmdb/db/series-names.ts';
import { Writer } from '../../../src/storage/lmdb/write/writer.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import type { SeriesInfo, Store } from '../../../src/storage/roles.ts';
import { MERGE_SUM } from '../../../src/wire/merge.ts';
import { frameOf } from '../../support/frame.ts';
import { points } from '../../support/points.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { type Answers, unpackFormat1 } from '../format-1.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000 - (1_700_000_000 % 3600);

async function inFolder(body: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  try {
    await body(dataDir);
  } finally {
    fs.rmSync(dataDir, { recursive: true });
  }
}

function keep(name: string, retentions: string): SeriesInfo {
  return {
    name,
    archives: parseRetentions(retentions),
    aggregationMethod: 'sum',
    xFilesFactor: 0,
  };
}

async function flush(store: Store, from: number, count: number, names: string[]): Promise<void> {
  for (let i = 1; i <= count; i++) {
    const all = Object.fromEntries(names.map((name, j) => [name, from + i + j * 1000]));
    await store.append(frameOf(NOW + (from + i) * 10, all, { merge: MERGE_SUM }));
  }
}

describe('a store of format 1', (it) => {
  const check = async (store: Store, { now, series }: Answers): Promise<void> => {
    assert.equal(store.allNames().sort(), series.map(({ name }) => name).sort());
    for (const { name, info, answers } of series) {
      const { id } = store.lookup(name)!;
      assert.equal(store.info(id), info);
      for (const answer of answers) {
        const [found] = await store.fetch([id], answer.from, answer.until, now);
        assert.equal([found!.start, found!.step], [answer.start, answer.step]);
        assertValues(found!.values, answer.values);
      }
    }
  };

  it('opens as format 3 and answers the same, now and later', async () => {
    await inFolder(async (dataDir) => {
      const expected = unpackFormat1(dataDir);
      for (let round = 0; round < 2; round++) {
        const store = await openIn(dataDir, rulesOf({ '': '10s:1h' }));
        await check(store, expected);
        await store.close();
      }
      const environment = openEnvironment(dataDir, 2 ** 30);
      const format = environment.meta.get(Buffer.from('format'))!;
      assert.is(Buffer.from(format).toString(), '{"version":3}');
      await environment.root.close();
    });
  });

  it('can be changed like any other', async () => {
    await inFolder(async (dataDir) => {
      const { now, series } = unpackFormat1(dataDir);
      const store = await openIn(dataDir, rulesOf({ '': '10s:1h' }));
      const changes = series.map(({ info }) => ({
        ...info,
        archives: parseRetentions('10s:1h,1m:1d'),
      }));
      assert.is(await store.retain(changes, { rewrite: true }), series.length);
      for (const { name, answers } of series) {
        const fine = answers.find(({ step }) => step === 10);
        if (fine === undefined) continue;
        assertValues(await values(store, name, fine.from, fine.until, now), fine.values);
      }
      await store.close();
    });
  });
});

describe('records of series', (it) => {
  it('come back with their previous retentions, under long names too', () => {
    const place = { classId: 1, column: 2, since: 3, until: 4, method: 5, xFilesFactor: 0.25 };
    for (const name of ['a.b', 'x'.repeat(3000)]) {
      for (const previous of [[], [place], [place, { ...place, column: 0xffffffff }]]) {
        const series = {
          id: 9,
          classId: 3,
          column: 7,
          since: 0,
          merge: 1,
          method: 2,
          xFilesFactor: 0.5,
          previous,
        };
        const key = nameKey(name);
        assert.equal(decodeSeries(key, encodeSeries(name, series)), { name, series });
      }
    }
  });
});

describe('a copy of history', (it) => {
  it('that ends in the middle changes nothing, and goes on', async () => {
    await inFolder(async (dataDir) => {
      const rules = rulesOf({ '': 'sum 1s:12h' });
      let store = await openIn(dataDir, rules);
      const times = Float64Array.from({ length: 40_000 }, (_, i) => NOW - 40_000 + i);
      const info = keep('a', '1s:12h');
      await store.append(frameOf(NOW - 41_000, { a: 1 }));
      await store.importSeries(info, [{ step: 1, times, values: times.map((t) => t % 997) }]);
      await store.append(frameOf(NOW, { a: 5 }));
      const before = await values(store, 'a', NOW - 40_000, NOW, NOW);
      await store.close();

      const environment = openEnvironment(dataDir, 2 ** 30);
      putFormat(environment);
      const writer = new Writer(environment, rules, { maxSeries: 1000 });
      assert.is(writer.retain([keep('a', '1s:11h30m,1m:1d'.replace('11h30m', '690m'))], true), 1);
      writer.commit();
      assert.is(writer.copyPart(['a']), 1);
      writer.commit();
      await environment.root.close();

      store = await openIn(dataDir, rules);
      assert.is(store.info(store.lookup('a')!.id)!.archives.length, 2);
      assertValues(await values(store, 'a', NOW - 40_000, NOW, NOW), before);
      assert.is(await store.retain([keep('a', '1s:690m,1m:1d')], { rewrite: true }), 1);
      assertValues(await values(store, 'a', NOW - 40_000, NOW, NOW), before);
      assert.is(await store.retain([keep('a', '1s:690m,1m:1d')], { rewrite: true }), 0);
      await store.close();
    });
  });

  it('follows points that come late meanwhile', async () => {
    await inFolder(async (dataDir) => {
      const rules = rulesOf({ '': 'sum 1s:12h' });
      const environment = openEnvironment(dataDir, 2 ** 30);
      putFormat(environment);
      const writer = new Writer(environment, rules, { maxSeries: 1000 });
      const put = (time: number, value: number) =>
        writer.apply(points(['a'], [time], [value]), NOW);
      for (let i = 0; i < 42_000; i += 50) put(NOW - 42_000 + i, 1);
      put(NOW, 1);
      writer.commit();
      writer.retain([keep('a', '1s:13h')], true);
      writer.commit();
      assert.is(writer.copyPart(['a']), 1);
      // One in the part that was copied, one in the part that is to come.
      put(NOW - 41_999, 7);
      put(NOW - 1001, 8);
      writer.commit();
      for (let left = 1; left > 0; writer.commit()) left = writer.copyPart(['a']);
      await environment.root.close();
      const store = await openIn(dataDir, rules);
      const all = await values(store, 'a', NOW - 42_000, NOW, NOW);
      assert.is(all.filter((value) => value === 1).length, 840);
      assert.equal([all[0], all.at(-1002)], [7, 8]);
      await store.close();
    });
  });
});

describe('what a change of retention leaves behind', (it) => {
  const RULES = rulesOf({ '': 'sum 10s:10m,1m:20m' });
  const NAMES = Array.from({ length: 300 }, (_, i) => `s${i}`);

  it('is given back when it has aged out', async () => {
    await inFolder(async (dataDir) => {
      let store = await openIn(dataDir, RULES);
      await flush(store, 0, 100, NAMES);
      assert.is(await store.retain(NAMES.map((name) => keep(name, '10s:15m,1m:1h'))), 300);
      await flush(store, 100, 100, NAMES);
      const now = NOW + 2000;
      const before = await store.fetch(
        NAMES.map((name) => store.lookup(name)!.id),
        now - 3600,
        now,
        now,
      );
      await store.sweep();
      await flush(store, 200, 20, NAMES);
      await store.sweep();
      await store.close();
      const environment = openEnvironment(dataDir, 2 ** 30);
      assert.ok(readProgress(environment).newest >= NOW + 2200);
      assert.is(new ClassReads(environment, SERIES_CLASSES).get(0)?.columnCount, 0);
      assert.equal(
        new ClassReads(environment, SERIES_CLASSES)
          .get(0)
          ?.states.map(({ newestRow }) => newestRow),
        [-1, -1],
      );
      const inClass = [...environment.rows.getKeys()].map((key) => key[1]);
      assert.equal([...new Set(inClass)], [1]);
      for (const { key, value } of environment.names.getRange()) {
        assert.equal(decodeSeries(key, value)!.series.previous, []);
      }
      await environment.root.close();
      store = await openIn(dataDir, RULES);
      const [later] = await store.fetch([store.lookup('s7')!.id], now - 3600, now, now);
      const coarse = later!.values.findLast((value, i) => value === value && i < 15);
      const index = later!.values.indexOf(coarse!);
      if (index >= 0) assert.is(coarse, before[7]!.values[index]);
      // The class is used again, from the start.
      await flush(store, 220, 5, ['fresh']);
      assertValues(
        await values(store, 'fresh', NOW + 2200, NOW + 2250, NOW + 2250),
        [221, 222, 223, 224, 225],
      );
      await store.close();
    });
  });

  it('is taken by others only where they do not see it', async () => {
    await inFolder(async (dataDir) => {
      const store = await openIn(dataDir, RULES);
      await flush(store, 0, 30, ['a', 'b']);
      await store.retain([keep('a', '10s:1h')], { rewrite: true });
      await store.sweep();
      await flush(store, 30, 2, ['a', 'b', 'c']);
      const now = NOW + 320;
      const fresh = await values(store, 'c', NOW, now, now);
      assertValues(fresh.slice(-3), [null, 2031, 2032]);
      assert.is(fresh.filter((value) => value === value).length, 2);
      await store.close();
    });
  });
});
