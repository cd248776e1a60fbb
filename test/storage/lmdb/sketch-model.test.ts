/**
 * Timers over simulated days in the embedded store, against the plain model that keeps every flush
 * (storage/memory) and against the values themselves: sketches, and the statistics that coarser
 * archives get from them.
 */
import fs from 'node:fs';
import fc from 'fast-check';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import type { SketchSettings } from '../../../src/storage/retention/sketch-rules.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { seriesName, timerFrame, TIMER_STATISTICS } from '../../support/timer-frame.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const START = 1_700_000_000 - (1_700_000_000 % 3600);
const RULES = rulesOf({ '': '10s:10m,1m:1h,10m:2d' }, 0);
const NAMES = ['t.a', 't.b', 't.c;x=1'];

function sketchesOf(retentions: string): SketchSettings {
  const source = { file: undefined, line: 0, section: 'test', pattern: '' };
  return { schemas: [{ source, archives: parseRetentions(retentions) }], averagedTimers: false };
}

const SKETCHES = sketchesOf('10s:10m,1m:1h,10m:12h,1h:2d');

type Step =
  | { kind: 'flush'; gap: number; values: number[][] }
  | { kind: 'late'; back: number; values: number[][] }
  | { kind: 'reopen' }
  | { kind: 'delete'; timer: number };

const values = fc.array(
  fc.array(
    fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0.5, max: 9e4, noNaN: true })),
    {
      maxLength: 45,
    },
  ),
  { minLength: NAMES.length, maxLength: NAMES.length },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      kind: fc.constant('flush' as const),
      gap: fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 90 })),
      values,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('late' as const),
      back: fc.integer({ min: 1, max: 40 }),
      values,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      timer: fc.nat({ max: NAMES.length - 1 }),
    }),
  },
);

class Run {
  readonly model = new MemoryStore(RULES, { sketches: SKETCHES });
  readonly folder = temporaryFolder();
  store: LmdbStore | undefined;
  now = START;
  private deleted = START;

  async open(): Promise<void> {
    this.store = await openIn(this.folder, RULES, { sketches: SKETCHES });
  }

  get stores(): Store[] {
    return [this.model, this.store!];
  }

  async take(one: Step): Promise<void> {
    if (one.kind === 'reopen') {
      await this.store!.close();
      await this.open();
    } else if (one.kind === 'delete') {
      const base = NAMES[one.timer]!;
      const names = TIMER_STATISTICS.map(([label]) => seriesName(base, label));
      this.deleted = this.now;
      for (const store of this.stores) await store.delete(names);
    } else {
      if (one.kind === 'flush') this.now += one.gap * 10;
      const time = one.kind === 'flush' ? this.now : this.now - one.back * 10;
      if (time <= this.deleted) return; // the model forgets what was, not what comes late
      const timers = Object.fromEntries(NAMES.map((name, i) => [name, one.values[i]!]));
      for (const store of this.stores) await store.append(timerFrame(time, timers));
    }
  }

  async check(): Promise<void> {
    const { now } = this;
    for (const [from, until] of [
      [now - 600, now],
      [now - 3600, now],
      [now - 40_000, now],
    ] as const) {
      await this.compareValues(from, until);
      await this.compareSketches(from, until);
    }
  }

  private async compareValues(from: number, until: number): Promise<void> {
    const { model, store, now } = this;
    const names = model.allNames();
    assert.equal(store!.allNames(), names);
    const ids = (of: Store): number[] => names.map((name) => of.lookup(name)!.id);
    const expected = await model.fetch(ids(model), from, until, now);
    const found = await store!.fetch(ids(store!), from, until, now);
    names.forEach((name, i) => {
      assert.equal([...found[i]!.values], [...expected[i]!.values], `${name} ${found[i]!.step}`);
    });
  }

  private async compareSketches(from: number, until: number): Promise<void> {
    const { model, store, now } = this;
    const all = (of: Store) => [
      ...of.findSketched('t.*'),
      ...of.findSketchedByTags([{ tag: 'x', operator: '=', value: '1' }]),
    ];
    const refs = all(model);
    assert.equal(
      all(store!).map(({ name }) => name),
      refs.map(({ name }) => name),
    );
    const expected = await model.fetchSketches(
      refs.map(({ id }) => id),
      from,
      until,
      now,
    );
    const found = await store!.fetchSketches(
      all(store!).map(({ id }) => id),
      from,
      until,
      now,
    );
    refs.forEach(({ name }, i) => {
      const { step } = expected[i]!;
      const digest = (bytes: Uint8Array | undefined) => {
        if (bytes === undefined) return undefined;
        const { count, sum, min, max } = decodeSketch(bytes);
        return [count, sum, min, max];
      };
      assert.equal(
        found[i]!.sketches.map(digest),
        expected[i]!.sketches.map(digest),
        `${name} ${step}`,
      );
    });
  }
}

describe('sketches against the plain model', (it) => {
  it(
    'the same whatever comes: gaps, late flushes, restarts, deletions',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 150 }), async (steps) => {
          const run = new Run();
          await run.open();
          try {
            for (const [i, one] of steps.entries()) {
              await run.take(one);
              if (i % 25 === 24) await run.check();
            }
            await run.check();
          } finally {
            await run.store!.close();
            fs.rmSync(run.folder, { recursive: true });
          }
        }),
        {
          numRuns: rounds(1, 15),
          includeErrorInReport: true,
          endOnFailure: true,
        },
      );
    },
    { timeoutMs: 120_000 },
  );
});
