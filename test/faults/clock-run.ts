/**
 * Flushes whose clock is set to and fro, given to the embedded store and to a plain model that keeps
 * every flush by its slot. All that an archive reaches back to from the right time must be there:
 * no leap may cost any of it. What a far leap itself wrote is either wholly joined to what a slot
 * has or wholly not there: a slot of a ring holds one chunk, so of a wrong day and of a time that is
 * still reached only the latter can stay.
 */
import type { LmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { mergeSlot } from '../../src/storage/ring/values/slot-merge.ts';
import { MERGE_LAST, MERGE_MAX, MERGE_SUM } from '../../src/wire/merge.ts';
import type { FlushBatch } from '../../src/wire/sample-batch.ts';
import { frameOf, withoutNames } from '../support/frame.ts';
import { rulesOf } from '../storage/rules-of.ts';

export const CLOCK_RULES = rulesOf({ '': 'sum 10s:6h,1m:7d' });
const STEP = 10;
const FINE_SECONDS = 6 * 3600;
const DAY = 86_400;
const COARSE_SECONDS = 7 * DAY;
const YEARS = 5 * 365 * DAY;
const MERGES = [MERGE_SUM, MERGE_LAST, MERGE_MAX];
const SERIES = 9;

/** A leap: seconds, and flushes until the clock is right again. */
export interface Leap {
  seconds: number;
  flushes: number;
}

/** No leap: of the right time, or so near to it that the flush must be joined. */
const NEAR = 0;

export class ClockRun {
  /** Epoch seconds as they should be. */
  private now = 1_700_000_000;
  private first = true;
  private flushes = 0;
  private leaps = 0;
  /** By finest row: the flushes that fell into it, in order, and the far leap each is of. */
  private readonly model = new Map<number, { flush: number; leap: number }[]>();
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
    const isNear = offset > -FINE_SECONDS && offset < STEP;
    const leap = isNear ? NEAR : ++this.leaps;
    for (let i = 0; i < count; i++) {
      this.now += STEP;
      const time = this.now + offset;
      const row = Math.floor(time / STEP);
      this.model.set(row, [...(this.model.get(row) ?? []), { flush: this.flushes, leap }]);
      await this.store.append(this.frame(time));
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
    for (const from of [now - FINE_SECONDS, now - COARSE_SECONDS]) {
      for (let i = 0; i < SERIES; i++) {
        const { start, step, values } = await one(this.store, i, from, now);
        for (let j = 0; j < values.length; j++) {
          const time = start + j * step;
          const expected = this.expectedAt(i, time, step);
          points += 1;
          if (expected.some((value) => Object.is(values[j], value))) continue;
          different += 1;
          const where = `clock.s${i} at ${time - now} s (step ${step})`;
          complaint ??= `${where}: ${values[j]}, not ${expected.join(' or ')}`;
        }
      }
    }
    return { points, different, ...(complaint === undefined ? {} : { complaint }) };
  }

  /** The values that a slot may have: with each far leap that wrote into it, and without. */
  private expectedAt(i: number, time: number, step: number): number[] {
    const rows = Array.from({ length: step / STEP }, (_, k) => {
      return this.model.get(time / STEP + k) ?? [];
    });
    const leaps = new Set(rows.flat().map(({ leap }) => leap));
    leaps.delete(NEAR);
    let choices = [[NEAR]];
    for (const leap of leaps) choices = choices.flatMap((some) => [some, [...some, leap]]);
    return choices.map((taken) => {
      const known = rows
        .map((flushes) =>
          this.joined(
            i,
            flushes.filter(({ leap }) => taken.includes(leap)),
          ),
        )
        .filter((value) => !Number.isNaN(value));
      return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value);
    });
  }

  private joined(i: number, flushes: readonly { flush: number }[]): number {
    const merge = MERGES[i % MERGES.length]!;
    return flushes.reduce((before, { flush }) => {
      return mergeSlot(merge, before, 0, valueOf(flush, i), 0);
    }, NaN);
  }

  private frame(time: number): FlushBatch {
    const series: Record<string, number> = {};
    for (let i = 0; i < SERIES; i++) series[`clock.s${i}`] = valueOf(this.flushes, i);
    const frame = frameOf(time, series, { intervalMs: 10_000, sequence: this.flushes });
    frame.series.merges = frame.series.merges.map((_, i) => MERGES[i % MERGES.length]!);
    if (this.first) {
      this.first = false;
      return frame;
    }
    return withoutNames(frame);
  }
}

function valueOf(flush: number, i: number): number {
  return flush * 16 + i;
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
