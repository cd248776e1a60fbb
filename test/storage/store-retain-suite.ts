/**
 * Changes under living data, on each store: retention, names, when a value last came. Run by
 * store-suite.ts.
 */
import fc from 'fast-check';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import { MemoryStore } from '../model/memory-store.ts';
import type { AggregationMethod } from '../../src/storage/retention/archives.ts';
import type { SeriesInfo, Store } from '../../src/storage/roles.ts';
import { MERGE_LAST, MERGE_RATE, MERGE_SUM } from '../../src/wire/merge.ts';
import { frameOf, withoutNames } from '../support/frame.ts';
import { assert, assertValues, describe, rounds } from '../support/suite.ts';
import { rulesOf } from './rules-of.ts';
import { type StoreMaker, usingOf, values } from './store-maker.ts';
import { points } from '../support/points.ts';

/** A whole hour, so that slots of all steps begin there. */
const HOUR = 1_700_000_000 - (1_700_000_000 % 3600);

function keep(
  name: string,
  retentions: string,
  aggregationMethod: AggregationMethod = 'sum',
  xFilesFactor = 0,
): SeriesInfo {
  return { name, archives: parseRetentions(retentions), aggregationMethod, xFilesFactor };
}

export function storeRetainSuite(title: string, maker: StoreMaker): void {
  const using = usingOf(maker);

  /** Flushes of `a` every ten seconds: 1, 2, 3 … from `HOUR + 10`, up to `until` seconds after. */
  const flush = async (store: Store, from: number, until: number): Promise<void> => {
    for (let second = from; second <= until; second += 10) {
      await store.append(frameOf(HOUR + second, { a: second / 10 }, { merge: MERGE_SUM }));
    }
  };

  describe(`${title}: retention changes`, (it) => {
    it('keeps older points readable under new archives', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await flush(store, 10, 300);
        assert.is(await store.retain([keep('a', '10s:20m,1m:2h')]), 1);
        const { id } = store.lookup('a')!;
        assert.equal(store.info(id)!.archives, parseRetentions('10s:20m,1m:2h'));
        await flush(store, 310, 360);
        const now = HOUR + 360;
        const fine = await values(store, 'a', HOUR, now, now);
        assertValues(
          fine,
          Array.from({ length: 36 }, (_, i) => i + 1),
        );
        const coarse = await values(store, 'a', now - 1800, now, now);
        assertValues(coarse.slice(-7), [15, 51, 87, 123, 159, 195, 36]);
      });
    });

    it('rolls up the row that the change falls into from points on both sides', async () => {
      await using(rulesOf({ '': 'sum 10s:10m,1m:1h' }), async (store) => {
        await flush(store, 10, 140);
        assert.is(await store.retain([keep('a', '10s:20m,5m:2h')]), 1);
        await flush(store, 150, 620);
        const now = HOUR + 620;
        const sum = (from: number, to: number): number => ((to - from) * (from + to - 1)) / 2;
        const coarse = await values(store, 'a', now - 3600, now, now);
        assertValues(coarse.slice(-3), [sum(1, 30), sum(30, 60), sum(60, 63)]);
      });
    });

    it('puts coarser points into the slot of their own time', async () => {
      await using(rulesOf({ '': 'sum 1m:1h' }), async (store) => {
        await flush(store, 10, 170);
        assert.is(await store.retain([keep('a', '10s:1h')]), 1);
        await flush(store, 180, 200);
        const now = HOUR + 200;
        const nulls = Array.from({ length: 5 }, () => null);
        const all = await values(store, 'a', HOUR - 10, now, now);
        assertValues(all, [15, ...nulls, 51, ...nulls, 87, ...nulls, 18, 19, 20]);
      });
    });

    it('fills a longer slot with what came before and after', async () => {
      await using(rulesOf({ '': 'sum 10s:1h' }), async (store) => {
        for (const [merge, expected] of [
          [MERGE_SUM, 1 + 2 + 3 + 4 + 5],
          [MERGE_RATE, 3],
          [MERGE_LAST, 5],
        ] as const) {
          const name = `m${merge}`;
          for (let i = 0; i < 5; i++) {
            if (i === 2) await store.retain([keep(name, '1m:1h', 'sum', 0.9)]);
            const time = HOUR + merge * 600 + i * 10;
            await store.append(frameOf(time, { [name]: i + 1 }, { merge, firstId: merge }));
          }
          const now = HOUR + merge * 600 + 40;
          // What was there when it changed was rolled up by its method, a sum.
          const rolled = merge === MERGE_RATE ? (3 * 20 + 3 * 10 + 4 * 10 + 5 * 10) / 50 : expected;
          assertValues(await values(store, name, now - 60, now, now), [rolled]);
        }
      });
    });

    it('writes points behind the change to where the truth is', async () => {
      await using(rulesOf({ '': 'sum 10s:30m' }), async (store) => {
        await flush(store, 10, 400);
        await store.retain([keep('a', '10s:30m,1m:1h,10m:3h')]);
        await flush(store, 410, 430);
        const now = HOUR + 430;
        const late = points(
          ['a', 'a', 'a'],
          [HOUR + 30, HOUR + 350, HOUR + 395],
          [1000, 2000, 3000],
        );
        assert.is((await store.append(late, now)).stored, 3);
        const fine = await values(store, 'a', HOUR, now, now);
        assert.equal([fine[2], fine[34], fine[38]], [1000, 2000, 3000]);
        const minutes = await values(store, 'a', now - 3000, now, now);
        assertValues(minutes.slice(-8, -6), [15 - 3 + 1000, 51]);
        assertValues(minutes.slice(-3), [195 - 35 + 2000, 231 - 39 + 3000, 85]);
        const sum = ((430 / 10) * (43 + 1)) / 2;
        const tens = await values(store, 'a', now - 9000, now, now);
        assert.is(tens.at(-1), sum - 3 - 35 - 39 + 6000);
      });
    });

    it('takes flushes from behind the change, late or by a clock set back', async () => {
      await using(rulesOf({ '': 'sum 10s:2h,1m:1d' }), async (store) => {
        await flush(store, 10, 3600);
        await store.retain([keep('a', '10s:3h,1m:2d')]);
        for (const second of [3590, 1200, 1210]) {
          const frame = frameOf(HOUR + second, { a: 1000 }, { merge: MERGE_SUM });
          await store.append(frame);
        }
        const now = HOUR + 3600;
        const fine = await values(store, 'a', HOUR, now, now);
        assert.equal([fine[119], fine[120], fine[358]], [1120, 1121, 1359]);
        assert.is(fine[121], 122);
        const minutes = await values(store, 'a', now - 86_400, now, now);
        assert.is(minutes.at(-41), 6 * 120 + 15 + 2000);
        assert.is(minutes.at(-2), 6 * 354 + 15 + 1000);
      });
    });

    it('changes only the record where archives stay', async () => {
      await using(rulesOf({ '': 'sum 10s:10m,1m:1h' }), async (store) => {
        await flush(store, 10, 60);
        assert.is(await store.retain([keep('a', '10s:10m,1m:1h', 'max', 0.5)]), 1);
        assert.is(await store.retain([keep('a', '10s:10m,1m:1h', 'max', 0.5)]), 0);
        const info = store.info(store.lookup('a')!.id)!;
        assert.equal([info.aggregationMethod, info.xFilesFactor], ['max', 0.5]);
        await flush(store, 70, 120);
        const now = HOUR + 120;
        const minutes = await values(store, 'a', now - 1800, now, now);
        assert.is(minutes.at(-2), 11);
      });
    });

    it('leaves names alone that it does not know', async () => {
      await using(rulesOf({ '': '10s:10m' }), async (store) => {
        assert.is(await store.retain([keep('nobody', '1m:1h')]), 0);
        assert.equal(store.allNames(), []);
      });
    });

    it('copies for good, more than once, and to places used before', async () => {
      await using(rulesOf({ '': 'sum 10s:10m,1m:1h' }), async (store) => {
        await flush(store, 10, 900);
        const now = HOUR + 900;
        const before = await values(store, 'a', now - 3000, now, now);
        const lists = ['10s:20m,1m:2h', '10s:10m,1m:1h', '10s:30m,1m:3h'];
        for (const retentions of lists) {
          assert.is(await store.retain([keep('a', retentions)], { rewrite: true }), 1);
          assertValues(await values(store, 'a', now - 3000, now, now), [...before]);
        }
        assert.is(await store.retain([keep('a', lists[2]!)], { rewrite: true }), 0);
        const fine = await values(store, 'a', now - 600, now, now);
        assertValues(
          fine,
          Array.from({ length: 60 }, (_, i) => 31 + i),
        );
      });
    });

    it('takes any number of changes in a row', async () => {
      await using(rulesOf({ '': 'sum 10s:1h' }), async (store) => {
        for (let i = 0; i < 12; i++) {
          await flush(store, i * 20 + 10, i * 20 + 20);
          const retentions = `10s:${61 + i}m`;
          assert.is(await store.retain([keep('a', retentions)]), 1, String(i));
        }
        const now = HOUR + 240;
        assertValues(
          await values(store, 'a', HOUR, now, now),
          Array.from({ length: 24 }, (_, i) => i + 1),
        );
      });
    });

    it('tells the newest points, and gauges, across a change', async () => {
      await using(rulesOf({ '': 'last 1m:1h' }), async (store) => {
        await store.append(frameOf(HOUR + 50, { g: 7 }, { merge: MERGE_LAST }));
        await store.retain([keep('g', '10s:1h,10m:1d', 'last')]);
        const { id } = store.lookup('g')!;
        assert.equal(store.newestTimes(id), [HOUR, HOUR]);
        const gauges = await store.lastGauges();
        assert.equal([gauges.names, [...gauges.values]], [['g'], [7]]);
        await store.append(frameOf(HOUR + 60, { g: 8 }, { merge: MERGE_LAST }));
        assert.equal(store.newestTimes(id), [HOUR + 60, HOUR]);
      });
    });

    it('forgets a deleted series with all of its places', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await flush(store, 10, 100);
        await store.retain([keep('a', '10s:20m')]);
        assert.is(await store.delete(['a']), 1);
        await store.append(frameOf(HOUR + 110, { b: 1, c: 2 }));
        await store.retain([keep('b', '10s:20m')]);
        const now = HOUR + 110;
        assert.is((await values(store, 'b', HOUR, now, now)).filter((v) => v === v).length, 1);
        assert.is((await values(store, 'c', HOUR, now, now)).filter((v) => v === v).length, 1);
      });
    });
  });

  describe(`${title}: renames`, (it) => {
    it('puts a series under another name, tagged or not', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await flush(store, 10, 50);
        assert.is(await store.rename([{ from: 'a', to: 'b;y=2;x=1' }]), 1);
        assert.is(store.lookup('a'), undefined);
        assert.equal(store.allNames(), ['b;x=1;y=2']);
        const expressions = [{ tag: 'x', operator: '=' as const, value: '1' }];
        assert.equal(
          store.findTagged(expressions).map(({ name }) => name),
          ['b;x=1;y=2'],
        );
        assert.is(await store.rename([{ from: 'b;x=1;y=2', to: 'c.d' }]), 1);
        assert.equal(store.findTagged(expressions), []);
        const now = HOUR + 50;
        assertValues(await values(store, 'c.d', HOUR, now, now), [1, 2, 3, 4, 5]);
        assert.is(store.info(store.lookup('c.d')!.id)!.name, 'c.d');
      });
    });

    it('leaves a pair alone whose names do not fit', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await store.append(frameOf(HOUR, { a: 1, b: 2 }));
        const pairs = [
          { from: 'a', to: 'b' },
          { from: 'x', to: 'y' },
          { from: 'a', to: '' },
        ];
        assert.is(await store.rename(pairs), 0);
        assertValues(await values(store, 'a', HOUR - 10, HOUR, HOUR), [1]);
        assertValues(await values(store, 'b', HOUR - 10, HOUR, HOUR), [2]);
      });
    });

    it('lets a living metric have its old name again', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await store.append(frameOf(HOUR, { a: 1 }));
        await store.rename([{ from: 'a', to: 'kept' }]);
        const next = withoutNames(frameOf(HOUR + 10, { a: 2 }));
        await store.append(next);
        const now = HOUR + 10;
        assertValues(await values(store, 'kept', HOUR - 10, now, now), [1, null]);
        assertValues(await values(store, 'a', HOUR - 10, now, now), [null, 2]);
        await store.append(points(['kept'], [now], [5]), now);
        assertValues(await values(store, 'kept', HOUR - 10, now, now), [1, 5]);
      });
    });
  });

  describe(`${title}: last seen`, (it) => {
    it('tells when a value last came, in any way', async () => {
      await using(rulesOf({ '': 'sum 10s:10m' }), async (store) => {
        await store.append(frameOf(HOUR, { f: 1 }));
        await store.append(points(['p'], [HOUR - 100], [1]), HOUR + 20);
        const info = keep('i', '10s:1h');
        const times = Float64Array.of(HOUR - 5000, HOUR - 4000);
        await store.importSeries(info, [{ step: 10, times, values: Float64Array.of(1, 2) }]);
        await store.tagSeries('t;x=1');
        for (let second = 0; second <= 1200; second += 60) {
          await store.append(frameOf(HOUR + second, { f: 1 }));
        }
        const seen = (name: string): number => store.lastWrite(store.lookup(name)!.id);
        assert.ok(seen('f') > HOUR + 1200 - 601 && seen('f') <= HOUR + 1200);
        assert.is(seen('p'), HOUR + 20);
        assert.is(seen('i'), HOUR - 4000);
        assert.is(seen('t;x=1'), 0);
        assert.is(store.lastWrite(99), 0);
        assert.is(await store.delete(['i']), 1);
        await store.tagSeries('u;x=1');
        assert.is(seen('u;x=1'), 0);
        if (maker.reopen === undefined) return store;
        const again = await maker.reopen(store, rulesOf({ '': 'sum 10s:10m' }));
        assert.is(again.lastWrite(again.lookup('f')!.id), HOUR + 1200);
        return again;
      });
    });
  });

  describe(`${title}: changes in any order`, (it) => {
    const LISTS = [
      keep('', '10s:10m'),
      keep('', '10s:5m,1m:30m', 'max', 0.5),
      keep('', '20s:20m,1m:1h', 'sum', 0.5),
      keep('', '30s:30m', 'average', 0.9),
      keep('', '1m:1h', 'last', 0.5),
      keep('', '10s:20m,2m:2h', 'min'),
      keep('', '10s:10m,1m:1h', 'sum', 0),
    ];
    const NAMES = ['a', 'b', 'c;t=1'];
    const name = fc.constantFrom(...NAMES);
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('flush' as const),
          count: fc.integer({ min: 1, max: 12 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('late' as const),
          name,
          age: fc.integer({ min: 0, max: 900 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('retain' as const),
          name,
          list: fc.constantFrom(...LISTS),
          rewrite: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), name, to: name }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    );

    it(
      'answers as the plain model does',
      async () => {
        const rules = rulesOf({ '': 'sum 10s:10m,1m:1h' });
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
            const model = new MemoryStore(rules);
            let store = await maker.open(rules);
            let now = HOUR;
            let value = 0;
            // What a deleted name had is hidden from the next series of that name, also when late.
            let deletedAt = 0;
            try {
              for (const one of steps) {
                if (one.do === 'restart') {
                  if (maker.reopen !== undefined) store = await maker.reopen(store, rules);
                  continue;
                }
                if (one.do === 'late' && now - one.age <= deletedAt) continue;
                if (one.do === 'delete') deletedAt = now;
                for (const each of [model, store]) {
                  if (one.do === 'retain') {
                    const info = { ...one.list, name: one.name };
                    await each.retain([info], { rewrite: one.rewrite });
                  } else if (one.do === 'rename') {
                    await each.rename([{ from: one.name, to: one.to }]);
                  } else if (one.do === 'delete') await each.delete([one.name]);
                  else if (one.do === 'late') {
                    const batch = points([one.name], [now - one.age], [value + 0.5]);
                    await each.append(batch, now);
                  } else {
                    for (let i = 1; i <= one.count; i++) {
                      const all = Object.fromEntries(
                        NAMES.map((each, j) => [each, value + i * 7 + j]),
                      );
                      await each.append(frameOf(now + i * 10, all, { merge: MERGE_SUM }));
                    }
                  }
                }
                if (one.do === 'flush') now += one.count * 10;
                value += 100;
                await assertSame(model, store, now);
              }
            } finally {
              await maker.close(store);
            }
          }),
          { numRuns: rounds(6, 60) },
        );
      },
      { timeoutMs: 120_000 },
    );
  });
}

/** All series, at every age of an archive. */
async function assertSame(model: Store, store: Store, now: number): Promise<void> {
  assert.equal(store.allNames(), model.allNames());
  for (const name of model.allNames()) {
    const id = store.lookup(name)!.id;
    const modelId = model.lookup(name)!.id;
    assert.equal(store.info(id), model.info(modelId));
    for (const { step, points: count } of model.info(modelId)!.archives) {
      const from = now - step * count;
      const [expected] = await model.fetch([modelId], from, now, now);
      const [found] = await store.fetch([id], from, now, now);
      assert.is(found!.archiveIndex, expected!.archiveIndex);
      assert.is(found!.start, expected!.start);
      assertValues(found!.values, [...expected!.values]);
    }
  }
}
