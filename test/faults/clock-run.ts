/**
 * Flushes whose clock is set to and fro, given to the embedded store and to the plain model of
 * storage/memory, which has a Map where the other has rings. Both must answer alike for all that the
 * rings can hold: what they reach back from the furthest time of the steps that are small against
 * them. Leaps of years and of days must leave that as it is.
 */
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { MERGE_LAST, MERGE_MAX, MERGE_SUM } from '../../src/wire/merge.ts';
import type { FlushBatch } from '../../src/wire/sample-batch.ts';
import { frameOf, withoutNames } from '../support/frame.ts';
import { rulesOf } from '../storage/rules-of.ts';

export const CLOCK_RULES = rulesOf({ '': 'sum 10s:6h,1m:7d' });
const FINE_SECONDS = 6 * 3600;
const DAY = 86_400;
const YEARS = 5 * 365 * DAY;
const MERGES = [MERGE_SUM, MERGE_LAST, MERGE_MAX];
const SERIES = 9;

/** A leap: seconds, and flushes until the clock is right again. */
export interface Leap {
  seconds: number;
  flushes: number;
}

export class ClockRun {
  /** Epoch seconds as they should be. */
  private now = 1_700_000_000;
  private furthest = 0;
  private first = true;
  private flushes = 0;
  readonly model = new MemoryStore(CLOCK_RULES, { maxSeries: 1000 });
  store: LmdbStore;

  constructor(store: LmdbStore) {
    this.store = store;
  }

  get flushCount(): number {
    return this.flushes;
  }

  /** The store was opened anew: names cross again. */
  reopened(store: LmdbStore): void {
    this.store = store;
    this.first = true;
  }

  async flush(count: number, offset = 0): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.now += 10;
      const time = this.now + offset;
      if (Math.abs(offset) < FINE_SECONDS) this.furthest = Math.max(this.furthest, time);
      const frame = this.frame(time);
      await Promise.all([this.store.append(frame), this.model.append(structuredClone(frame))]);
      this.flushes += 1;
    }
  }

  /** The clock is wrong for some flushes, then right. */
  async leap({ seconds, flushes }: Leap): Promise<void> {
    await this.flush(flushes, seconds);
    await this.flush(3);
  }

  /** Points that differ, and the first of them in words. */
  async differences(): Promise<{ points: number; different: number; complaint?: string }> {
    const { now } = this;
    let points = 0;
    let different = 0;
    let complaint: string | undefined;
    // Rings hold no more than their length back from the furthest row, whole chunks at a time.
    const fineFrom = Math.max(now - FINE_SECONDS, this.furthest - FINE_SECONDS + 600);
    const coarseFrom = Math.max(now - 7 * DAY, this.furthest - 6 * DAY);
    for (const from of [fineFrom, coarseFrom]) {
      for (let i = 0; i < SERIES; i++) {
        const actual = await one(this.store, i, from, now);
        const expected = await one(this.model, i, from, now);
        if (actual.start !== expected.start || actual.step !== expected.step) {
          return { points, different: 1, complaint: `clock.s${i} starts at ${actual.start}` };
        }
        for (let j = 0; j < expected.values.length; j++) {
          points += 1;
          if (Object.is(actual.values[j], expected.values[j])) continue;
          different += 1;
          const when = `${expected.start + j * expected.step - now} s (step ${expected.step})`;
          complaint ??= `clock.s${i} at ${when}: ${actual.values[j]}, not ${expected.values[j]}`;
        }
      }
    }
    return { points, different, ...(complaint === undefined ? {} : { complaint }) };
  }

  private frame(time: number): FlushBatch {
    const series: Record<string, number> = {};
    for (let i = 0; i < SERIES; i++) series[`clock.s${i}`] = this.flushes * 16 + i;
    const frame = frameOf(time, series, { intervalMs: 10_000, sequence: this.flushes });
    frame.series.merges = frame.series.merges.map((_, i) => MERGES[i % MERGES.length]!);
    if (this.first) {
      this.first = false;
      return frame;
    }
    return withoutNames(frame);
  }
}

/**
 * Steps of a clock as they happen: a correction, a wrong zone, a wrong day, a wrong year. Wrong days
 * and years differ from leap to leap: those who stay at one for longer than a chunk replace what is
 * oldest, as time does.
 */
export function randomLeap(random: () => number, number: number): Leap {
  const day = DAY + (number % 60) * 1800;
  const sizes = [5, -5, 3600, -3600, day, -day, YEARS + number * 8 * DAY];
  const seconds = sizes[Math.floor(random() * sizes.length)]!;
  return { seconds, flushes: 1 + Math.floor(random() * 40) };
}

async function one(
  store: Pick<LmdbStore, 'lookup' | 'fetch'>,
  i: number,
  from: number,
  now: number,
) {
  const [fetched] = await store.fetch([store.lookup(`clock.s${i}`)!.id], from, now, now);
  return fetched!;
}
