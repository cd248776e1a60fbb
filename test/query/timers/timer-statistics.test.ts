/**
 * Statistics of timers that are plain series: right over longer buckets where sketches cover those,
 * and what answers for timers where sketches are not kept any more.
 */
import { evaluateTargets, type EvaluateRequest } from '../../../src/query/evaluate/evaluate.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { STAT_COUNT, STAT_EDGE_P, STAT_MEAN, STAT_UPPER } from '../../../src/wire/statistics.ts';
import { assert, describe } from '../../support/suite.ts';
import { line } from '../functions/table.ts';
import { type SketchStore, sketchStore } from '../support/sketch-store.ts';

const T = 'stats.timers.web1.latency';
/** The middle of the bin that 10 is in. */
const TEN = 10.03125;
/** One fast minute of 98 values and 2 slow ones, one of a single slow value, twice over. */
const BUSY = [...Array.from({ length: 98 }, () => 10), 500, 500];
const SLOTS = [[], BUSY, [900], BUSY, [900]];
const UPPER_90 = [null, 10, 900, 10, 900];
const MEAN = [null, 19.8, 900, 19.8, 900];

const column = (values: (number | null)[]) => ({ step: 60, values });
const columns = {
  [`${T}.upper_90`]: column(UPPER_90),
  [`${T}.mean`]: column(MEAN),
  [`${T}.upper`]: column([null, 500, 900, 500, 900]),
  [`${T}.count`]: column([null, 100, 1, 100, 1]),
  'plain.upper_90': column(UPPER_90),
};
const statistics = {
  [`${T}.upper_90`]: { name: T, stat: STAT_EDGE_P, argument: 90 },
  [`${T}.mean`]: { name: T, stat: STAT_MEAN, argument: 0 },
  [`${T}.upper`]: { name: T, stat: STAT_UPPER, argument: 0 },
  [`${T}.count`]: { name: T, stat: STAT_COUNT, argument: 0 },
};
const store = sketchStore({ [T]: { step: 60, slots: SLOTS } }, columns, statistics);

function render(
  target: string,
  changes: Partial<EvaluateRequest> = {},
  of: SketchStore = store,
): Promise<Series[]> {
  return evaluateTargets(of, { targets: [target], from: 60, until: 240, now: 240, ...changes });
}

async function gives(
  target: string,
  expected: string[],
  changes?: Partial<EvaluateRequest>,
  of?: SketchStore,
): Promise<void> {
  const found = (await render(target, changes, of)).map(line);
  assert.equal(found, expected, `${target}: ${found.join(' | ')}`);
}

describe('summarize of statistics of timers', (it) => {
  it('is the statistic of the whole bucket, not an average of statistics', async () => {
    // Of 202 values from 120 to 300 the 182nd is 10; averaged it would be (900 + 10 + 900) / 3.
    const around = 'summarize(stats.timers.web1.latency';
    await gives(`summarize(${T}.upper_90, "5min", "avg")`, [
      `${around}.upper_90, "5min", "avg") @0/300: ${TEN} _`,
    ]);
    await gives(`summarize(${T}.mean, "5min", "average")`, [
      `${around}.mean, "5min", "average") @0/300: ${(1980 + 1800) / 102} _`,
    ]);
    await gives(`summarize(${T}.upper_90, "5min")`, [
      `${around}.upper_90, "5min", "sum") @0/300: ${TEN} _`,
    ]);
    await gives(`smartSummarize(${T}.upper_90, "3min", "avg")`, [
      `smartSummarize(${T}.upper_90, "3min", "avg") @120/180: ${TEN}`,
    ]);
  });

  it('counts and what was asked for otherwise stay as they are', async () => {
    await gives(`summarize(${T}.count, "5min", "sum")`, [
      `summarize(${T}.count, "5min", "sum") @0/300: 102 _`,
    ]);
    await gives(`summarize(${T}.upper_90, "5min", "max")`, [
      `summarize(${T}.upper_90, "5min", "max") @0/300: 900 _`,
    ]);
    await gives('summarize(plain.upper_90, "5min", "avg")', [
      `summarize(plain.upper_90, "5min", "avg") @0/300: ${1810 / 3} _`,
    ]);
    await gives(`summarize(scale(${T}.upper_90, 2), "5min", "avg")`, [
      `summarize(scale(${T}.upper_90,2), "5min", "avg") @0/300: ${3620 / 3} _`,
    ]);
  });

  it('renamed and shifted series are still statistics', async () => {
    await gives(`summarize(alias(${T}.upper_90, "a"), "5min", "avg")`, [
      `summarize(a, "5min", "avg") @0/300: ${TEN} _`,
    ]);
    await gives(
      `summarize(timeShift(${T}.upper_90, "5min"), "5min", "avg")`,
      [`summarize(timeShift(${T}.upper_90, "-5min"), "5min", "avg") @300/300: ${TEN} _`],
      { from: 360, until: 540, now: 540 },
    );
  });

  it('buckets that sketches do not cover wholly keep the average', async () => {
    // Slots of two minutes: from 120 to 240 is one, 240 to 300 is half of one.
    const coarse = sketchStore(
      { [T]: { step: 120, slots: [[], [10, 10, 900], [10, 900]] } },
      columns,
      statistics,
    );
    await gives(
      `summarize(${T}.upper_90, "2min", "avg")`,
      [`summarize(${T}.upper_90, "2min", "avg") @120/120: 900 900`],
      {},
      coarse,
    );
    await gives(
      `summarize(${T}.upper_90, "3min", "avg")`,
      [`summarize(${T}.upper_90, "3min", "avg") @0/180: 900 ${(10 + 900) / 2}`],
      {},
      coarse,
    );
  });

  it('timers that are not kept as sketches are averaged', async () => {
    const without = sketchStore({}, columns, statistics);
    await gives(
      `summarize(${T}.upper_90, "5min", "avg")`,
      [`summarize(${T}.upper_90, "5min", "avg") @0/300: ${1810 / 3} _`],
      {},
      without,
    );
  });
});

describe('maxDataPoints over statistics of timers', (it) => {
  it('merges sketches where the consolidation is the default one', async () => {
    await gives(`${T}.upper_90`, [`${T}.upper_90 @120/180: ${TEN}`], { maxDataPoints: 1 });
    await gives(`${T}.upper_90`, [`${T}.upper_90 @120/120: ${TEN} 900`], { maxDataPoints: 2 });
    await gives(`alias(${T}.mean, "m")`, [`m @120/120: ${(900 + 1980) / 101} 900`], {
      maxDataPoints: 2,
    });
  });

  it('leaves other series and consolidations to the format', async () => {
    for (const target of ['plain.upper_90', `consolidateBy(${T}.upper_90, "max")`, `${T}.count`]) {
      const [one] = await render(target, { maxDataPoints: 2 });
      assert.is(one!.values.length, 3, target);
    }
    const [whole] = await render(`${T}.upper_90`, { maxDataPoints: 3 });
    assert.is(whole!.values.length, 3);
  });
});

describe('timers beyond the retention of sketches', (it) => {
  const kept = { [T]: { step: 60, slots: SLOTS, keptFrom: 180 } };
  const partly = sketchStore(kept, columns, statistics);
  const gone = sketchStore(
    { [T]: { step: 60, slots: SLOTS, keptFrom: 6000 } },
    columns,
    statistics,
  );

  it('are answered from their statistics, and say so', async () => {
    const [one] = await render(`timerPercentile(${T}, 90)`, {}, gone);
    assert.is(line(one!), `timerPercentile(${T},90) @120/60: 900 10 900`);
    assert.match(one!.notice ?? '', /no sketches are kept of this range: averages of upper_90/);
    await gives(
      `timerStat(${T}, "count", "3min")`,
      [`timerStat(${T},"count","3min") @0/180: 1 101`],
      {},
      gone,
    );
    await gives(
      `timerStat(${T}, "max", "5min")`,
      [`timerStat(${T},"max","5min") @0/300: 900 _`],
      {},
      gone,
    );
  });

  it('in part, where only the older part is gone', async () => {
    const [one] = await render(`timerPercentile(${T}, 90, "2min")`, { from: 0 }, partly);
    assert.is(line(one!), `timerPercentile(${T},90,"2min") @0/120: 10 ${(900 + 10) / 2} 900`);
    assert.match(one!.notice ?? '', /kept from before 180: averages of upper_90 there/);
  });

  it('have no notice where sketches reach back, and no series without any statistic', async () => {
    const [one] = await render(`timerPercentile(${T}, 90)`);
    assert.is(one!.notice, undefined);
    await gives(`timerPercentile(${T}, 75)`, [], {}, gone);
    await gives(`timerCdf(${T}, 75)`, [], {}, gone);
    await gives(`timerMerge(${T})`, [], {}, gone);
    await gives(
      `timerPercentile(${T}, 75)`,
      [`timerPercentile(${T},75) @180/60: ${TEN} 900`],
      {},
      partly,
    );
  });
});
