/** Series of one prefix: a share of the store, whatever makes them, and over a restart too. */
import fs from 'node:fs';
import { namespacePrefixes } from '../../../src/config/namespace-prefixes.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import type { SampleBatch } from '../../../src/wire/sample-batch.ts';
import { timerFrame } from '../../support/timer-frame.ts';
import { points as pointsOf } from '../../support/points.ts';
import { frameOf, withoutNames } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const PREFIXES = {
  nodes: 2,
  limit: 10,
  skipped: namespacePrefixes(DEFAULT_CONFIG.aggregation.namespace),
};

function points(names: string[], time = NOW): SampleBatch {
  return pointsOf(
    names,
    names.map(() => time),
    names.map(() => 1),
  );
}

function many(start: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${start}${i}`);
}

function count(store: LmdbStore, start: string): number {
  return store.allNames().filter((name) => name.startsWith(start)).length;
}

function refusal(store: LmdbStore, reason: string): Rejection | undefined {
  return store.health().rejections?.find((one) => one.reason === reason && one.count > 0);
}

async function using(test: (store: LmdbStore, folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const store = await openIn(folder, DEFAULT_RULES, { prefixes: PREFIXES });
  try {
    await test(store, folder);
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

describe('limit on series of one prefix', (it) => {
  it('carbon points of a flood are refused, the others go on', async () => {
    await using(async (store) => {
      const report = await store.append(points(many('app.checkout.id', 50)), NOW);
      assert.equal([report.stored, report.overLimit], [10, 40]);
      await store.append(points(many('app.search.id', 8)), NOW);
      assert.equal([count(store, 'app.checkout'), count(store, 'app.search')], [10, 8]);
      // Known ones go on, whatever the limit.
      const again = await store.append(points(['app.checkout.id3'], NOW + 10), NOW + 10);
      assert.is(again.stored, 1);
      assert.equal(refusal(store, 'prefix'), {
        what: 'store.refused',
        reason: 'prefix',
        count: 40,
        last: { example: 'app.checkout.id49', time: NOW },
      });
      assert.is(store.health().refusedSeries, 40);
    });
  });

  it('series of StatsD lines count with them, under the name without its namespace', async () => {
    await using(async (store) => {
      const names = [
        ...many('stats.timers.app.api.t', 4),
        ...many('stats_counts.app.api.c', 3),
        ...many('stats.app.api.c', 3),
      ];
      await store.append(frameOf(NOW, Object.fromEntries(names.map((name) => [name, 1]))));
      assert.is(store.health().seriesCount, 10);
      const more = { 'stats.gauges.app.api.g': 1, 'stats.gauges.app.other.g': 2 };
      await store.append(frameOf(NOW + 10, more, { firstId: 50 }));
      assert.equal([count(store, 'stats.gauges.app.api'), count(store, 'stats.gauges.')], [0, 1]);
      const report = await store.append(points(['app.api.x', 'app.new.x']), NOW);
      assert.equal([report.stored, report.overLimit], [1, 1]);
    });
  });

  it('a series that was refused comes with the next flush after there is room', async () => {
    await using(async (store) => {
      await store.append(points(many('app.api.id', 10)), NOW);
      await store.append(frameOf(NOW, { 'stats.gauges.app.api.g': 1 }, { firstId: 3 }));
      assert.is(store.lookup('stats.gauges.app.api.g'), undefined);
      assert.is(await store.delete(['app.api.id1', 'app.api.id1']), 1);
      const later = frameOf(NOW + 10, { 'stats.gauges.app.api.g': 1 }, { firstId: 3 });
      await store.append(withoutNames(later));
      assert.ok(store.lookup('stats.gauges.app.api.g') !== undefined);
      assert.is((await store.append(points(['app.api.more']), NOW)).overLimit, 1);
    });
  });

  it('a renamed series counts for its new prefix', async () => {
    await using(async (store) => {
      await store.append(points(many('app.api.id', 10)), NOW);
      assert.is(await store.rename([{ from: 'app.api.id0', to: 'app.old.id0' }]), 1);
      assert.is((await store.append(points(many('app.api.x', 2)), NOW)).stored, 1);
      assert.is((await store.append(points(many('app.old.x', 12)), NOW)).stored, 9);
    });
  });

  it('counts the same after a restart', async () => {
    const folder = temporaryFolder();
    const long = `app.long.${'x'.repeat(2000)}`; // its key is a hash
    try {
      const first = await openIn(folder, DEFAULT_RULES, { prefixes: PREFIXES });
      await first.append(points([...many('app.api.id', 7), ...many(long, 4)]), NOW);
      await first.close();
      const second = await openIn(folder, DEFAULT_RULES, { prefixes: PREFIXES });
      assert.is((await second.append(points(many('app.api.x', 9)), NOW)).stored, 3);
      assert.is((await second.append(points(many('app.long.x', 9)), NOW)).stored, 6);
      await second.close();
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('an import is counted and never refused; a registered name is', async () => {
    await using(async (store) => {
      const archives = [{ step: 10, points: 100 }];
      for (const name of many('app.api.id', 15)) {
        const info = { name, archives, aggregationMethod: 'average' as const, xFilesFactor: 0.5 };
        await store.importSeries(info, []);
      }
      assert.is(count(store, 'app.api'), 15);
      assert.is((await store.append(points(['app.api.x']), NOW)).overLimit, 1);
      assert.is(await store.tagSeries('app.api.y;a=b'), false);
      assert.is(await store.tagSeries('app.web.y;a=b'), true);
    });
  });

  it('timers of a full prefix leave no sketches behind', async () => {
    await using(async (store) => {
      await store.append(points(many('app.api.id', 10)), NOW);
      await store.append(timerFrame(NOW, { 'stats.timers.app.api.t': [1, 2, 3] }));
      await store.append(
        timerFrame(NOW + 10, { 'stats.timers.app.web.t': [1] }, { firstTimer: 1 }),
      );
      assert.equal(
        store.findSketched('stats.timers.app.*.*').map(({ name }) => name),
        ['stats.timers.app.web.t'],
      );
      await store.delete(many('app.api.id', 10));
      const later = timerFrame(NOW + 20, { 'stats.timers.app.api.t': [4] });
      await store.append(withoutNames(later));
      assert.is(store.findSketched('stats.timers.app.api.t').length, 1);
    });
  });
});

describe('prefixes of namespaces', (it) => {
  const { namespace } = DEFAULT_CONFIG.aggregation;

  it('are those of the layout', () => {
    assert.ok(namespacePrefixes(namespace).includes('stats.timers.'));
    assert.equal(
      namespacePrefixes({ ...namespace, legacy: false, globalPrefix: 'eu', prefixGauge: '' }),
      ['eu.counters.', 'eu.timers.', 'eu.', 'eu.sets.'],
    );
    const bare = { ...namespace, legacy: false as const, globalPrefix: '', prefixCounter: '' };
    assert.equal(namespacePrefixes(bare), ['timers.', 'gauges.', 'sets.']);
  });
});
