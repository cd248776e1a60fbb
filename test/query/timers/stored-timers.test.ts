/** Timers asked of the embedded store: what was flushed comes back right over hosts and time. */
import fs from 'node:fs';
import { evaluateTargets } from '../../../src/query/evaluate/evaluate.ts';
import type { Series } from '../../../src/query/series/series.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { DEFAULT_SKETCHES } from '../../../src/storage/retention/sketch-rules.ts';
import { openIn, temporaryFolder } from '../../storage/lmdb/open.ts';
import { rulesOf } from '../../storage/rules-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { timerFrame } from '../../support/timer-frame.ts';

/** A whole hour. */
const NOW = 1_700_002_800;
const MINUTES = 30;
const A = 'stats.timers.a.latency';
const B = 'stats.timers.b.latency';
const rules = rulesOf({ '': '10s:1d' });

/** Flush i: many fast values on one host, few slow ones on the other. */
function valuesAt(i: number): Record<string, number[]> {
  return {
    [A]: Array.from({ length: 20 }, (_, k) => 1 + ((i * 7 + k) % 40)),
    [B]: i % 3 === 0 ? [1000 + i] : [],
  };
}

function render(store: Store, target: string, changes = {}): Promise<Series[]> {
  const window = { from: NOW - MINUTES * 60, until: NOW, now: NOW };
  return evaluateTargets(store, { targets: [target], ...window, ...changes });
}

const stampOf = (i: number): number => NOW - MINUTES * 60 + (i + 1) * 10;

/** By StatsD's rule, over all flushes that are stamped from `from` on and before `until`. */
function exact(percent: number, hosts: readonly string[], from: number, until: number): number {
  const all: number[] = [];
  for (let i = 0; i < MINUTES * 6; i++) {
    if (stampOf(i) < from || stampOf(i) >= until) continue;
    for (const host of hosts) all.push(...valuesAt(i)[host]!);
  }
  all.sort((a, b) => a - b);
  return all[Math.max(Math.round((percent / 100) * all.length), 1) - 1]!;
}

/** The second datapoint against all that was flushed in its time. */
function secondIsNear({ start, step, values }: Series): void {
  isNear(values[1]!, exact(90, [A], start + step, start + 2 * step));
}

function isNear(got: number, wanted: number): void {
  assert.ok(Math.abs(got / wanted - 1) <= 1 / 256, `${got}, exactly ${wanted}`);
}

async function inStore(averagedTimers: boolean, body: (store: Store) => Promise<void>) {
  const folder = temporaryFolder();
  const store = await openIn(folder, rules, { sketches: { ...DEFAULT_SKETCHES, averagedTimers } });
  try {
    const written: Promise<unknown>[] = [];
    for (let i = 0; i < MINUTES * 6; i++) {
      written.push(store.append(timerFrame(stampOf(i), valuesAt(i))));
      // Flushes that wait may share a commit.
      if (written.length % 30 === 0) await Promise.all(written.splice(0));
    }
    await Promise.all(written);
    await body(store);
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

describe('stored timers', (it) => {
  it('have true percentiles over hosts and time', async () => {
    await inStore(false, async (store) => {
      for (const percent of [50, 95, 99.5]) {
        const merged = `timerMerge(stats.timers.*.latency)`;
        const [all] = await render(store, `timerPercentile(${merged}, ${percent})`, {
          maxDataPoints: 1,
        });
        isNear(all!.values[0]!, exact(percent, [A, B], 0, NOW + 1));
      }
      const [slots] = await render(store, `timerPercentile(${A}, 90)`);
      assert.is(slots!.values.length, MINUTES * 6);
      assert.is(slots!.values.at(-1), exact(90, [A], NOW, NOW + 1));
    });
  });

  it('have true statistics over longer buckets, unless averages are wanted', async () => {
    const target = `summarize(${A}.upper_90, "10min", "avg")`;
    await inStore(false, async (store) => {
      const [folded] = await render(store, `${A}.upper_90`, { maxDataPoints: 3 });
      secondIsNear(folded!);
      const [summarized] = await render(store, target);
      secondIsNear(summarized!);
    });
    await inStore(true, async (store) => {
      const [summarized] = await render(store, target);
      const { start, step, values } = summarized!;
      const wrong = values[1]! / exact(90, [A], start + step, start + 2 * step) - 1;
      assert.ok(Math.abs(wrong) > 0.02, `${wrong}`);
      const [direct] = await render(store, `timerPercentile(${A}, 90, "10min")`);
      secondIsNear(direct!);
    });
  });
});
