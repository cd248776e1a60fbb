import fs from 'node:fs';
import { IdleSeries } from '../../src/jobs/idle-series.ts';
import { DEFAULT_RULES } from '../../src/storage/retention/default-rules.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { HEALTHY } from '../model/model-store.ts';
import { openIn, temporaryFolder } from '../storage/lmdb/open.ts';
import { frameOf } from '../support/frame.ts';
import { assert, describe } from '../support/suite.ts';

const DAY = 86_400;
const NOW = 1_700_000_000;
const MONTH = 30 * DAY;

/** A model store of names and the times at which a value last came. */
function storeOf(seen: Record<string, number>) {
  const store = new MemoryStore(DEFAULT_RULES);
  store.declare(Object.keys(seen));
  const times = new Map(
    store.seriesFrom(0, Infinity).series.map(({ id, name }) => [id, seen[name]!]),
  );
  const deletes: string[][] = [];
  const health = { ...HEALTHY, lastDurableFlush: NOW };
  const overrides = {
    lastWrite: (id: number) => times.get(id) ?? 0,
    async delete(names: string[]): Promise<number> {
      deletes.push(names);
      return MemoryStore.prototype.delete.call(store, names);
    },
    health: () => health,
  };
  return Object.assign(store, overrides, {
    deletes,
    flushed: (time: number) => void (health.lastDurableFlush = time),
  });
}

function idleOf(store: MemoryStore, expireSeconds = MONTH): { idle: IdleSeries; log: string[] } {
  const log: string[] = [];
  return { idle: new IdleSeries(store, expireSeconds, 10_000, (_, line) => log.push(line)), log };
}

describe('idle series', (it) => {
  it('deletes what got no value for long, keeps what did or is not known', async () => {
    const store = storeOf({
      fresh: NOW - 60,
      nearly: NOW - MONTH - 599, // seen to within ten minutes
      old: NOW - MONTH - 600,
      unknown: 0,
      older: NOW - 10 * MONTH,
    });
    const { idle, log } = idleOf(store);
    assert.is(await idle.run(NOW), 2);
    assert.equal(store.allNames(), ['fresh', 'nearly', 'unknown']);
    assert.equal([idle.deleted, idle.lastRun], [2, NOW]);
    assert.equal(log, ['2 series deleted that got no value for 30 days: old, older']);
    assert.is(await idle.run(NOW), 0);
    assert.is(log.length, 1);
  });

  it('does nothing when it is off', async () => {
    const store = storeOf({ old: 1 });
    const { idle } = idleOf(store, 0);
    assert.is(await idle.run(NOW), 0);
    idle.expireSeconds = MONTH;
    assert.is(await idle.run(NOW), 1, 'until the configuration is read again');
  });

  it('goes through many in slices, and ends between two of them when told to', async () => {
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`s${i}`, 5]));
    const store = storeOf(many);
    const { idle, log } = idleOf(store);
    assert.is(await idle.run(NOW), 2500);
    assert.equal(
      store.deletes.map((names) => names.length),
      [1000, 1000, 500],
    );
    assert.match(log[0]!, '2500 series deleted that got no value for 30 days: s0, s1, s2, …');
    const again = storeOf(many);
    const { idle: stopped } = idleOf(again);
    const end = new AbortController();
    again.delete = async (names) => {
      end.abort();
      return names.length;
    };
    assert.is(await stopped.run(NOW, end.signal), 1000);
    assert.is(stopped.lastRun, 0);
  });

  it('does not count time in which tallyd did not run, also after further restarts', async () => {
    const store = storeOf({ daily: NOW - 41 * DAY, gone: NOW - 80 * DAY });
    store.flushed(NOW - 40 * DAY);
    const first = idleOf(store).idle;
    await first.begin(NOW);
    store.flushed(NOW);
    assert.is(await first.run(NOW), 1);
    assert.equal(store.allNames(), ['daily']);
    const second = idleOf(store).idle;
    await second.begin(NOW + 60);
    assert.is(await second.run(NOW + 60), 0);
    store.flushed(NOW + 28 * DAY);
    assert.is(await second.run(NOW + 28 * DAY), 0);
    store.flushed(NOW + 30 * DAY);
    assert.is(await second.run(NOW + 30 * DAY), 1, '41 + 30 - 40 days');
  });

  it('deletes nothing while flushes are not stored, and does not count that time', async () => {
    const store = storeOf({ a: NOW - MONTH + DAY });
    const { idle } = idleOf(store);
    await idle.begin(NOW);
    const later = NOW + 5 * DAY;
    assert.is(await idle.run(later), 0);
    store.flushed(later);
    assert.is(await idle.run(later), 0);
    store.flushed(later + DAY);
    assert.is(await idle.run(later + DAY + 600), 1);
  });

  it('works on the embedded store, also after a restart', async () => {
    const dataDir = temporaryFolder();
    const begun = NOW - (NOW % 600);
    let store = await openIn(dataDir, DEFAULT_RULES);
    try {
      await store.append(frameOf(begun, { a: 1, b: 1, c: 1 }));
      await store.append(frameOf(begun + 20 * DAY, { c: 2 }, { firstId: 5, sequence: 2 }));
      await store.tagSeries('never;had=values');
      await store.close();
      store = await openIn(dataDir, DEFAULT_RULES);
      await store.append(frameOf(begun + 31 * DAY, { b: 3 }, { sequence: 3 }));
      assert.is(await new IdleSeries(store, MONTH, 10_000, () => {}).run(begun + 31 * DAY), 1);
      assert.equal(store.allNames(), ['b', 'c', 'never;had=values']);
    } finally {
      await store.close();
      fs.rmSync(dataDir, { recursive: true });
    }
  });

  it('remembers a bounded number of pauses', async () => {
    const store = storeOf({});
    for (let i = 0; i < 1005; i++) {
      const { idle } = idleOf(store);
      store.flushed(NOW + i * 1000);
      await idle.begin(NOW + i * 1000 + 900);
    }
    const [record] = store.listRecords('idle-series');
    assert.is((JSON.parse(record!.text) as unknown[]).length, 1000);
  });
});
