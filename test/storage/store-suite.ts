/**
 * What every store must do, run on each implementation (memory, lmdb). `open` gives a fresh store;
 * `reopen` closes it and opens the same data again, where the store outlives its process.
 */
import fc from 'fast-check';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { encodeSketch } from '../../src/sketch/codec.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { statistic } from '../../src/sketch/statistics.ts';
import {
  MERGE_LAST,
  MERGE_MAX,
  MERGE_MIN,
  MERGE_RATE,
  MERGE_SKETCH,
  MERGE_SUM,
} from '../../src/wire/merge.ts';
import { STAT_COUNT_PS, STAT_EDGE_P, STAT_MEAN, STAT_MEDIAN } from '../../src/wire/statistics.ts';
import { packBytes } from '../../src/wire/packed-strings.ts';
import { frameOf, withoutNames } from '../support/frame.ts';
import { assert, assertValues, describe, rounds } from '../support/suite.ts';
import { rulesOf } from './rules-of.ts';
import { type StoreMaker, usingOf, values } from './store-maker.ts';
import { countsIn, points } from '../support/points.ts';
import { storeNamesSuite } from './store-names-suite.ts';
import { storeRetainSuite } from './store-retain-suite.ts';
import { storeTimedSuite } from './store-timed-suite.ts';

const NOW = 1_700_000_000;

export function storeSuite(title: string, maker: StoreMaker): void {
  const using = usingOf(maker);

  describe(`${title}: frames`, (it) => {
    it('gives back what a frame brought', async () => {
      await using(rulesOf({ '': '10s:1h,1m:1d' }), async (store) => {
        await store.append(frameOf(NOW, { 'a.b': 1.5, 'a.c': -0 }));
        await store.append(frameOf(NOW + 10, { 'a.b': 2 }));
        const [fetched] = await store.fetch(
          [store.lookup('a.b')!.id],
          NOW - 20,
          NOW + 10,
          NOW + 10,
        );
        const { start, end, step, archiveIndex } = fetched!;
        assert.equal([start, end, step, archiveIndex], [NOW - 10, NOW + 20, 10, 0]);
        assertValues(fetched!.values, [null, 1.5, 2]);
        assertValues(await values(store, 'a.c', NOW - 10, NOW + 10, NOW + 10), [-0, null]);
        assert.is(store.health().lastDurableFlush, NOW + 10);
        assert.is(store.health().pointsStored, 3);
        assert.is(store.health().state, 'ok');
      });
    });

    it('has a revision that grows with every write, and only then', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        const info = { name: 'i', archives: [{ step: 10, points: 6 }], xFilesFactor: 0 };
        const writes: (() => Promise<unknown>)[] = [
          () => store.append(frameOf(NOW, { a: 1 })),
          () => store.append(points(['b'], [NOW], [1]), NOW),
          () => store.importSeries({ ...info, aggregationMethod: 'sum' }, []),
          () => store.tagSeries('t;x=1'),
          () => store.putRecord('events/1', '{}'),
          () => store.putRecord('events/1', undefined),
          () => store.delete(['a']),
        ];
        for (const write of writes) {
          const before = store.revision();
          await store.fetch([0, 1], NOW - 10, NOW, NOW);
          assert.is(store.revision(), before);
          await write();
          assert.ok(store.revision() > before);
        }
      });
    });

    it('keeps records of each kind by the starts of their keys', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        const keys = ['dashboard/a', 'dashboard/b', 'dashboards/c', 'events/1'];
        await Promise.all(keys.map((key) => store.putRecord(key, `text of ${key}`)));
        const keysOf = (prefix: string) => store.listRecords(prefix).map(({ key }) => key);
        assert.equal(keysOf('dashboard/'), ['dashboard/a', 'dashboard/b']);
        assert.equal([keysOf('dashboards/'), keysOf('events/')], [['dashboards/c'], ['events/1']]);
        assert.is(
          store.recordsAfter('dashboard/', 'dashboard/a', 1e6)[0]!.text,
          'text of dashboard/b',
        );
        await store.putRecord('dashboard/a', undefined);
        assert.is(store.getRecord('dashboard/a'), undefined);
        assert.is(store.getRecord('dashboard/b'), 'text of dashboard/b');
      });
    });

    it('keeps finite values alone', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        await store.append(frameOf(NOW, { a: NaN, b: Infinity, c: -Infinity, d: 1 }));
        for (const name of ['a', 'b', 'c']) {
          assertValues(await values(store, name, NOW - 10, NOW, NOW), [null]);
        }
        assertValues(await values(store, 'd', NOW - 10, NOW, NOW), [1]);
      });
    });

    it('applies values of one flush, then forgets its retired refs', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        const retiring = frameOf(NOW, { old: 1 });
        retiring.series.retired = Uint32Array.of(0);
        await store.append(retiring);
        await store.append(withoutNames(frameOf(NOW + 10, { old: 5 })));
        assertValues(await values(store, 'old', NOW - 10, NOW + 10, NOW + 10), [1, null]);
        await store.append(frameOf(NOW + 20, { fresh: 7 }));
        assertValues(await values(store, 'old', NOW, NOW + 20, NOW + 20), [null, null]);
        assertValues(await values(store, 'fresh', NOW + 10, NOW + 20, NOW + 20), [7]);
      });
    });

    it('is one series whatever the order of tags, and joins their values', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        const frame = frameOf(NOW, { 'a;x=1;y=2': 3, 'a;y=2;x=1': 4 }, { merge: MERGE_SUM });
        await store.append(frame);
        assert.equal(store.allNames(), ['a;x=1;y=2']);
        assertValues(await values(store, 'a;y=2;x=1', NOW - 10, NOW, NOW), [7]);
      });
    });

    it('merges flushes into a slot longer than the flush interval', async () => {
      await using(rulesOf({ '': '1m:1h' }), async (store) => {
        const cases: [string, number, number[], number][] = [
          ['sum', MERGE_SUM, [1, 2, 4], 7],
          ['rate', MERGE_RATE, [1, 2, 6], 3],
          ['last', MERGE_LAST, [1, 9, 5], 5],
          ['max', MERGE_MAX, [1, 9, 5], 9],
          ['min', MERGE_MIN, [4, 2, 6], 2],
        ];
        const minute = NOW - (NOW % 60);
        for (let flush = 0; flush < 3; flush++) {
          for (const [i, [name, merge, all]] of cases.entries()) {
            const time = minute + flush * 10;
            await store.append(frameOf(time, { [name]: all[flush]! }, { merge, firstId: i }));
          }
        }
        for (const [name, , , expected] of cases) {
          const now = minute + 20;
          assertValues(await values(store, name, minute - 60, now, now), [expected]);
        }
        assert.is(store.health().lateMerged, 10);
      });
    });

    it('computes statistics of such a slot from the joined sketches', async () => {
      await using(rulesOf({ '': '1m:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        const flush = (time: number, samples: number[]) => {
          const sketch = new Sketch();
          for (const sample of samples) sketch.add(sample);
          const bytes = encodeSketch(sketch);
          const stats = [STAT_EDGE_P, STAT_MEAN, STAT_COUNT_PS, STAT_MEDIAN];
          const frame = frameOf(
            time,
            Object.fromEntries(stats.map((stat) => [`t${stat}`, statistic(sketch, stat, 50, 10)])),
            { merge: MERGE_SKETCH },
          );
          return store.append({
            ...frame,
            series: {
              ...frame.series,
              stats: Uint8Array.from(stats),
              arguments: new Float64Array(stats.length).fill(50),
              timers: new Uint32Array(stats.length).fill(7),
            },
            sketches: { refs: Uint32Array.of(7), bytes: packBytes([bytes]) },
          });
        };
        await flush(minute, [1, 2, 3, 4]);
        await flush(minute + 10, [100]);
        const stored = async (stat: number) =>
          (await values(store, `t${stat}`, minute - 60, minute + 10, minute + 10))[0]!;
        assert.is(await stored(STAT_MEAN), 22);
        assert.is(await stored(STAT_EDGE_P), 3);
        assert.is(await stored(STAT_MEDIAN), 3);
        assert.is(await stored(STAT_COUNT_PS), 5 / 20);
        await flush(minute + 60, [9]);
        const next = await values(store, `t${STAT_MEAN}`, minute, minute + 60, minute + 60);
        assertValues(next, [9]);
      });
    });

    it('weighs rates by their flush interval', async () => {
      await using(rulesOf({ '': '1m:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        const rate = (time: number, value: number, intervalMs: number) =>
          store.append(frameOf(time, { rate: value }, { merge: MERGE_RATE, intervalMs }));
        await rate(minute, 1, 10_000);
        await rate(minute + 30, 5, 30_000);
        assertValues(await values(store, 'rate', minute - 60, minute, minute + 30), [4]);
      });
    });

    it('puts a frame of an earlier time where it belongs', async () => {
      await using(rulesOf({ '': 'sum 10s:1h,1m:1d' }), async (store) => {
        const minute = NOW - (NOW % 60);
        await store.append(frameOf(minute, { a: 1 }, { merge: MERGE_SUM }));
        await store.append(frameOf(minute + 600, { a: 2 }, { merge: MERGE_SUM }));
        await store.append(frameOf(minute + 10, { a: 4 }, { merge: MERGE_SUM }));
        await store.append(frameOf(minute, { a: 8 }, { merge: MERGE_SUM }));
        const now = minute + 600;
        assertValues(await values(store, 'a', minute - 10, minute + 10, now), [9, 4]);
        const [coarse] = await store.fetch([store.lookup('a')!.id], now - 7200, now, now);
        assert.is(coarse!.step, 60);
        assert.is(coarse!.values.at(-11), 13);
        assert.is(coarse!.values.at(-1), 2);
      });
    });
  });

  describe(`${title}: fetch`, (it) => {
    const rules = rulesOf({ '': 'sum 10s:5m,1m:1h' });

    it('chooses the archive by the age of from and clips to now', async () => {
      await using(rules, async (store) => {
        for (let time = NOW - 600; time <= NOW; time += 10) {
          await store.append(frameOf(time, { a: 1 }));
        }
        const { id } = store.lookup('a')!;
        const shape = async (from: number, until: number, now = NOW) => {
          const [found] = await store.fetch([id], from, until, now);
          return found && [found.step, found.start, found.end, found.archiveIndex];
        };
        assert.equal(await shape(NOW - 300, NOW), [10, NOW - 290, NOW + 10, 0]);
        assert.equal(await shape(NOW - 301, NOW), [60, NOW - 260, NOW + 40, 1]);
        assert.equal(await shape(NOW - 301, NOW - 290), [60, NOW - 260, NOW - 200, 1]);
        assert.equal(await shape(NOW - 25, NOW + 1000), [10, NOW - 20, NOW + 10, 0]);
        assert.equal(await shape(NOW - 25, NOW - 25), [10, NOW - 20, NOW - 10, 0]);
        assert.equal(await shape(NOW - 99_999, NOW - 3000), [60, NOW - 3560, NOW - 2960, 1]);
        assert.is(await shape(NOW + 1, NOW + 10), undefined);
        assert.is(await shape(NOW - 9999, NOW - 3601), undefined);
        assert.is(await shape(NOW, NOW - 1), undefined);
      });
    });

    it('knows the newest point of each archive, as a question at that time shows it', async () => {
      await using(rules, async (store) => {
        const late = NOW - 2000;
        const batch = points(['a', 'a', 'b'], [late, NOW - 100, NOW], [1, 2, 3]);
        await store.append(batch, NOW);
        await store.tagSeries('empty;x=1');
        const { id } = store.lookup('a')!;
        const rowStart = (time: number, step: number) => time - (time % step);
        const expected = [rowStart(NOW - 100, 10), rowStart(NOW - 100, 60)];
        assert.equal(store.newestTimes(id), expected);
        assert.equal(store.newestTimes(store.lookup('empty;x=1')!.id), [0, 0]);
        assert.equal(store.newestTimes(99_999), []);
        const [last] = await store.fetch([id], expected[1]! - 3600, expected[1]!, expected[1]!);
        assert.is(last!.values.at(-1), 2);
      });
    });

    it('answers in the order of the ids, unknown ones with nothing', async () => {
      await using(rules, async (store) => {
        await store.append(frameOf(NOW, { a: 1, b: 2, c: 3 }));
        const ids = ['c', 'a', 'b', 'c'].map((name) => store.lookup(name)!.id);
        const found = await store.fetch([...ids, 99_999, -1], NOW - 10, NOW, NOW);
        assert.equal(
          found.map((one) => one?.values[0]),
          [3, 1, 2, 3, undefined, undefined],
        );
      });
    });

    it('shows a rollup while it grows, and the factor holds it back', async () => {
      const half = rulesOf({ sum: 'sum 10s:5m,1m:1h' }, 0.5);
      await using(half, async (store) => {
        const minute = NOW - (NOW % 60);
        const seen: (number | undefined)[] = [];
        for (let i = 0; i < 6; i++) {
          const now = minute + i * 10;
          await store.append(frameOf(now, { sum: 1 }));
          const [found] = await store.fetch([store.lookup('sum')!.id], now - 3000, now, now);
          seen.push(found!.values.at(-1));
        }
        assertValues(seen as number[], [null, null, 3, 4, 5, 6]);
      });
    });

    it('chains rollups: an average of averages', async () => {
      await using(rulesOf({ '': '10s:1m,30s:2m,1m:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        for (const [offset, value] of [
          [0, 1],
          [10, 2],
          [30, 9],
        ]) {
          await store.append(frameOf(minute + offset!, { a: value! }));
        }
        const now = minute + 59;
        assertValues((await values(store, 'a', now - 3000, now, now)).slice(-1), [(1.5 + 9) / 2]);
        await store.append(frameOf(minute + 60, { a: 0 }));
        const later = await values(store, 'a', now - 3000, minute + 60, minute + 60);
        assertValues(later.slice(-2), [(1.5 + 9) / 2, 0]);
      });
    });
  });

  describe(`${title}: points`, (it) => {
    const rules = rulesOf({ '': 'average 10s:5m,1m:1h' });

    it('puts each point into the finest archive that reaches it', async () => {
      await using(rules, async (store) => {
        const report = await store.append(
          points(
            ['a', 'a', 'a', 'a', 'a', 'a', 'b'],
            [NOW, NOW - 289.3, NOW - 1000, NOW - 3600, NOW + 10, NOW + 11, NOW],
            [1, 2, 3, 4, 5, 6, NaN],
          ),
          NOW,
        );
        const counts = { stored: 4, notFinite: 1, tooOld: 1, inFuture: 1, overLimit: 0 };
        assert.equal(countsIn(report), counts);
        const fine = await values(store, 'a', NOW - 300, NOW, NOW);
        assertValues([fine[0]!, fine.at(-1)!], [2, 1]);
        assertValues(await values(store, 'a', NOW - 361, NOW - 290, NOW), [2]);
        assertValues(await values(store, 'a', NOW - 1060, NOW - 1000, NOW), [3]);
        assert.equal(store.allNames(), ['a']);
        assert.is(store.health().pointsStored, 4);
      });
    });

    it('lets the last point of a slot win, and rolls it up again', async () => {
      await using(rules, async (store) => {
        const minute = NOW - (NOW % 60);
        const now = minute + 240;
        await store.append(points(['a', 'a'], [minute, minute + 10], [1, 3]), minute + 10);
        await store.append(points(['a'], [now], [0]), now);
        await store.append(points(['a', 'a'], [minute, minute], [50, 101]), now);
        const coarse = await values(store, 'a', now - 3000, now, now);
        assert.is(coarse.at(-5), 52);
      });
    });

    it('refuses series over the limit and goes on with known ones', async () => {
      await using(
        rules,
        async (store) => {
          await store.append(frameOf(NOW, { a: 1, b: 2, c: 3 }));
          assert.equal(store.allNames(), ['a', 'b']);
          const report = await store.append(points(['d', 'a'], [NOW, NOW], [4, 5]), NOW);
          assert.equal([report.overLimit, report.stored], [1, 1]);
          assert.is(store.health().refusedSeries > 0, true);
          assert.is(store.health().seriesCount, 2);
          assert.is(await store.tagSeries('e;x=1'), false);
        },
        { maxSeries: 2 },
      );
    });
  });

  describe(`${title}: imports`, (it) => {
    const info = (name: string) => ({
      name,
      archives: parseRetentions('10s:5m,1m:1h'),
      aggregationMethod: 'max' as const,
      xFilesFactor: 0.25,
    });
    const archive = (step: number, times: number[], all: number[]) => ({
      step,
      times: Float64Array.from(times),
      values: Float64Array.from(all),
    });

    it('puts finished archives into their slots, however old, without rolling up', async () => {
      await using(rulesOf({ '': '1s:1m' }), async (store) => {
        await store.append(frameOf(NOW + 90_000_000, { live: 1 }));
        await store.importSeries(info('old.a'), [
          archive(10, [NOW - 20, NOW - 10, NOW], [1, NaN, 3]),
          archive(60, [NOW - 3560, NOW - 20], [7, 8]),
        ]);
        await store.importSeries(info('old.b'), [archive(10, [NOW], [9])]);
        assertValues(await values(store, 'old.a', NOW - 30, NOW, NOW), [1, null, 3]);
        assertValues(await values(store, 'old.b', NOW - 30, NOW, NOW), [null, null, 9]);
        const coarse = await values(store, 'old.a', NOW - 3600, NOW, NOW);
        assert.is(coarse.length, 60);
        assertValues([coarse[0]!, coarse.at(-1)!, coarse[1]!], [7, 8, null]);
        assert.equal(store.info(store.lookup('old.a')!.id), info('old.a'));
        assertValues(await values(store, 'live', NOW + 89_999_999, 2e9, NOW + 90_000_000), [1]);
      });
    });

    it('fills a series that is there', async () => {
      await using(rulesOf({ '': 'sum 10s:5m,1m:1h' }), async (store) => {
        await store.append(frameOf(NOW, { a: 1 }));
        await store.importSeries(info('a'), [archive(10, [NOW - 100, NOW - 10], [5, 6])]);
        assertValues(await values(store, 'a', NOW - 20, NOW, NOW), [6, 1]);
        assertValues(await values(store, 'a', NOW - 110, NOW - 100, NOW), [5]);
        assert.is(store.info(store.lookup('a')!.id)!.aggregationMethod, 'sum');
      });
    });
  });

  storeNamesSuite(title, maker);
  storeRetainSuite(title, maker);
  storeTimedSuite(title, maker);

  describe(`${title}: against whisper's model`, (it) => {
    it(
      'holds what a plain model holds, through reopens',
      async () => {
        const operation = fc.record({
          wait: fc.oneof(fc.nat(15), fc.nat(400)),
          age: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(3700)),
          series: fc.nat(3),
          value: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
          reopen: fc.nat(300).map((n) => n === 0),
        });
        const schemas = {
          '^s0': 'sum 10s:5m,1m:1h',
          '^s1': 'last 10s:5m,1m:1h',
          '': '1s:2m,10s:1h',
        };
        const rules = rulesOf(schemas, 0.3);
        const model = new MemoryStore(rules);
        await using(rules, async (first) => {
          let store = first;
          let run = 0;
          await fc.assert(
            fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
              // Each run has names and hours of its own, in the same rings.
              run += 1;
              let now = NOW + run * 10_000;
              const names = [0, 1, 2, 3].map((series) => `s${series}.run${run}`);
              for (const { wait, age, series, value, reopen } of operations) {
                now += wait;
                const batch = points([names[series]!], [now - age], [value]);
                const report = await store.append(batch, now);
                assert.equal(countsIn(report), countsIn(await model.append(batch, now)));
                if (reopen && maker.reopen !== undefined) store = await maker.reopen(store, rules);
              }
              for (const name of names.filter((one) => model.lookup(one) !== undefined)) {
                for (const age of [100, 290, 3590]) {
                  const expected = await values(model, name, now - age, now, now);
                  assertValues(await values(store, name, now - age, now, now), expected);
                }
              }
            }),
            { numRuns: rounds(5, 40) },
          );
          return store;
        });
      },
      { timeoutMs: 60_000 },
    );
  });
}
