/** What every store does with ready-made values that are added to what their slots have. */
import fc from 'fast-check';
import { MemoryStore } from '../model/memory-store.ts';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import type { Store } from '../../src/storage/roles.ts';
import type { FlushBatch, SampleBatch, SampleReport } from '../../src/wire/sample-batch.ts';
import { MERGE_POINT, MERGE_RATE, MERGE_SUM, type MergeCode } from '../../src/wire/merge.ts';
import { frameOf } from '../support/frame.ts';
import { assert, assertValues, describe, rounds } from '../support/suite.ts';
import { rulesOf } from './rules-of.ts';
import { type StoreMaker, usingOf, values } from './store-maker.ts';
import { points } from '../support/points.ts';

const NOW = 1_700_000_040;
const INTERVAL_MS = 10_000;

function added(rows: [string, number, number, MergeCode][], intervalMs = INTERVAL_MS): SampleBatch {
  const batch = points(
    rows.map(([name]) => name),
    rows.map(([, time]) => time),
    rows.map(([, , value]) => value),
  );
  const mergeOf = new Map(rows.map(([name, , , merge]) => [name, merge]));
  batch.series.merges = Uint8Array.from(mergeOf.values());
  return { ...batch, how: 'merge', intervalMs };
}

/** A counter of one flush: its count and its rate. */
function counterFrame(time: number, count: number, intervalMs = INTERVAL_MS): FlushBatch {
  const frame = frameOf(time, { n: count, 'n.rate': count / (intervalMs / 1000) }, { intervalMs });
  frame.series.merges.set([MERGE_SUM, MERGE_RATE]);
  return frame;
}

/** The same with a time of its own. */
function counterPoint(time: number, count: number, intervalMs = INTERVAL_MS): SampleBatch {
  const rate = count / (intervalMs / 1000);
  return added(
    [
      ['n', time, count, MERGE_SUM],
      ['n.rate', time, rate, MERGE_RATE],
    ],
    intervalMs,
  );
}

export function storeTimedSuite(title: string, maker: StoreMaker): void {
  const using = usingOf(maker);
  const read = async (store: Store, from: number, until: number): Promise<[number[], number[]]> => [
    [...(await values(store, 'n', from, until, until))],
    [...(await values(store, 'n.rate', from, until, until))],
  ];

  describe(`${title}: values with times`, (it) => {
    it('add up with the flush of their slot, before and behind the newest', async () => {
      await using(rulesOf({ '': 'sum 10s:1h' }), async (store) => {
        await store.append(counterFrame(NOW - 10, 5));
        await store.append(counterFrame(NOW, 7));
        await store.append(counterPoint(NOW - 8, 10), NOW);
        await store.append(counterPoint(NOW + 3, 20), NOW + 3);
        await store.append(counterPoint(NOW - 25, 1), NOW);
        assert.equal(await read(store, NOW - 40, NOW), [
          [1, NaN, 15, 27],
          [0.1, NaN, 1.5, 2.7],
        ]);
      });
    });

    it('last write wins among the others; a series of them is no gauge that lives on', async () => {
      await using(rulesOf({ '': '10s:1h' }), async (store) => {
        await store.append(frameOf(NOW, { live: 1 }));
        const report = await store.append(
          added([
            ['g', NOW + 1, 3, MERGE_POINT],
            ['g', NOW, 4, MERGE_POINT],
          ]),
          NOW,
        );
        assert.is(report.stored, 2);
        assertValues(await values(store, 'g', NOW - 20, NOW, NOW), [null, 4]);
        assert.equal((await store.lastGauges()).names, ['live']);
      });
    });

    it('count rates over the slot where it is longer than a flush', async () => {
      await using(rulesOf({ '': 'sum 60s:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        for (let i = 0; i < 6; i++) await store.append(counterFrame(minute + i * 10, 30));
        await store.append(counterFrame(minute + 60, 30));
        // Into a full slot, into one with a sixth of its traffic, into an empty one.
        await store.append(counterPoint(minute + 59, 60), minute + 60);
        await store.append(counterPoint(minute + 60, 60), minute + 60);
        await store.append(counterPoint(minute - 60, 60), minute + 60);
        assert.equal(await read(store, minute - 120, minute + 60), [
          [60, 240, 90],
          [1, 4, 9],
        ]);
        for (let i = 1; i < 6; i++) await store.append(counterFrame(minute + 60 + i * 10, 30));
        const [counts, rates] = await read(store, minute, minute + 110);
        assert.equal([counts, rates], [[240], [4]]);
      });
    });

    it('go into coarser archives when they are old, and are refused beyond', async () => {
      await using(rulesOf({ '': 'sum 10s:5m,1m:1h' }), async (store) => {
        await store.append(counterFrame(NOW, 1));
        const old = NOW - 1200;
        const reports: SampleReport[] = [
          await store.append(counterPoint(old, 60), NOW),
          await store.append(counterPoint(old + 1, 60), NOW),
          await store.append(counterPoint(NOW - 3600, 60), NOW),
          await store.append(counterPoint(NOW + 11, 60), NOW),
        ];
        assert.equal(
          reports.map(({ stored, tooOld, inFuture }) => [stored, tooOld, inFuture]),
          [
            [2, 0, 0],
            [2, 0, 0],
            [0, 2, 0],
            [0, 0, 2],
          ],
        );
        const minute = old - (old % 60);
        const coarse = [
          await values(store, 'n', minute - 60, minute, NOW),
          await values(store, 'n.rate', minute - 60, minute, NOW),
        ];
        assert.equal(
          coarse.map((one) => one[0]),
          [120, 2],
        );
      });
    });

    it('follow rollups that are due of finer points', async () => {
      await using(rulesOf({ '': 'sum 10s:5m,1m:1h' }), async (store) => {
        const minute = NOW - (NOW % 60);
        await store.append(counterFrame(minute, 1));
        await store.append(counterFrame(minute + 360, 1));
        const now = minute + 360;
        // The first is fine, the second is too old by then: both are of one minute.
        await store.append(counterPoint(minute + 70, 5), now);
        await store.append(counterPoint(minute + 60, 6), now);
        const coarse = await values(store, 'n', minute - 1, minute + 60, now);
        assert.equal([...coarse], [1, 11]);
      });
    });

    it('as in the plain model, whatever comes', async () => {
      const retentions = ['10s:2m,30s:10m', '30s:10m', '10s:1m,20s:2m,60s:20m'];
      const step = fc.record({
        kind: fc.constantFrom('flush' as const, 'point' as const),
        ago: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 900 })),
        count: fc.integer({ min: 0, max: 100 }),
        wait: fc.integer({ min: 0, max: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...retentions),
          fc.array(step, { minLength: 5, maxLength: 40 }),
          async (text, steps) => {
            const rules = rulesOf({ '': `sum ${text}` });
            const model = new MemoryStore(rules);
            await using(rules, async (store) => {
              // They come behind the flush that passes their time.
              let now = NOW;
              for (const one of [store, model]) await one.append(counterFrame(now, 1));
              for (const { kind, ago, count, wait } of steps) {
                if (kind === 'flush') now += 10 * (1 + wait);
                for (const one of [store, model]) {
                  if (kind === 'flush') await one.append(counterFrame(now, count));
                  else await one.append(counterPoint(now - ago, count), now);
                }
              }
              for (const archive of parseRetentions(text)) {
                const from = now - archive.step * archive.points;
                const [ours, theirs] = [await read(store, from, now), await read(model, from, now)];
                ours.forEach((column, i) => assertClose(column, theirs[i]!));
              }
            });
          },
        ),
        { numRuns: rounds(5, 30) },
      );
    });
  });
}

function assertClose(got: number[], wanted: number[]): void {
  const round = (all: number[]): number[] => all.map((value) => Number(value.toPrecision(10)));
  assert.equal(round(got), round(wanted));
}
