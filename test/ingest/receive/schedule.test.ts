/** When flushes are due, on a clock that the test turns. */
import * as fc from 'fast-check';
import { FlushSchedule } from '../../../src/ingest/receive/schedule.ts';
import { assert, describe } from '../../support/suite.ts';

describe('schedule: aligned', (it) => {
  it('flushes at multiples of the interval, the first after 0.5 to 1.5 intervals', () => {
    const early = new FlushSchedule(1_000_003_000, 10_000, true);
    assert.is(early.waitMs(1_000_003_000), 7000);
    assert.is(early.due(1_000_009_999), undefined);
    assert.equal(early.due(1_000_010_002), { timeMs: 1_000_010_000, skipped: 0 });
    const late = new FlushSchedule(1_000_007_000, 10_000, true);
    assert.is(late.waitMs(1_000_007_000), 13_000);
  });

  it('stamps a late flush with its boundary and takes each boundary once', () => {
    const schedule = new FlushSchedule(1_000_000_000, 1000, true);
    assert.equal(schedule.due(1_000_001_600), { timeMs: 1_000_001_000, skipped: 0 });
    assert.is(schedule.due(1_000_001_999), undefined);
    assert.equal(schedule.due(1_000_002_000), { timeMs: 1_000_002_000, skipped: 0 });
  });

  it('counts the boundaries it slept through', () => {
    const schedule = new FlushSchedule(1_000_000_000, 10_000, true);
    assert.equal(schedule.due(1_000_035_000), { timeMs: 1_000_030_000, skipped: 2 });
  });

  it('stamps a flush before its time with the end of the interval that it cuts short', () => {
    const schedule = new FlushSchedule(1_000_000_000, 10_000, true);
    assert.is(schedule.lastMs(1_000_004_000), 1_000_010_000);
    // One that is due and was not taken covers the interval before.
    assert.is(schedule.lastMs(1_000_010_003), 1_000_010_000);
    assert.is(schedule.lastMs(1_000_010_004), 1_000_020_000);
    assert.is(new FlushSchedule(1_000_000_000, 100_000, true).lastMs(1_000_004_000), 1_000_004_000);
    assert.is(new FlushSchedule(1_000_000_300, 10_000, false).lastMs(1_000_004_000), 1_000_004_000);
  });

  it('waits after a small step back until the last boundary has passed again', () => {
    const schedule = new FlushSchedule(1_000_000_000, 10_000, true);
    assert.ok(schedule.due(1_000_010_000));
    assert.is(schedule.due(1_000_004_000), undefined);
    assert.is(schedule.waitMs(1_000_004_000), 16_000);
    assert.is(schedule.due(1_000_010_000), undefined, 'this one was taken');
    assert.equal(schedule.due(1_000_020_000), { timeMs: 1_000_020_000, skipped: 0 });
  });

  it('starts over after a step back of more than an interval', () => {
    const schedule = new FlushSchedule(1_000_000_000, 10_000, true);
    assert.ok(schedule.due(1_000_010_000));
    assert.is(schedule.due(900_000_004), undefined);
    assert.is(schedule.waitMs(900_000_004), 9996);
    assert.equal(schedule.due(900_010_000), { timeMs: 900_010_000, skipped: 0 });
  });

  it('takes one boundary after a step forward', () => {
    const schedule = new FlushSchedule(1_000_000_000, 10_000, true);
    assert.equal(schedule.due(1_003_600_500), { timeMs: 1_003_600_000, skipped: 359 });
    assert.is(schedule.due(1_003_600_500), undefined);
    assert.is(schedule.waitMs(1_003_600_500), 9500);
  });
});

describe('schedule: as StatsD', (it) => {
  it('flushes at the start rounded to a second plus multiples, stamped with now', () => {
    const schedule = new FlushSchedule(1_000_003_400, 10_000, false);
    assert.is(schedule.waitMs(1_000_003_400), 9600);
    assert.equal(schedule.due(1_000_013_004), { timeMs: 1_000_013_004, skipped: 0 });
    assert.is(schedule.waitMs(1_000_013_010), 9990);
    const up = new FlushSchedule(1_000_003_600, 10_000, false);
    assert.is(up.waitMs(1_000_003_600), 10_400);
  });

  it('works with intervals that do not divide a second', () => {
    const schedule = new FlushSchedule(1_000_000_000, 300, false);
    assert.ok(schedule.due(1_000_000_300));
    assert.is(schedule.waitMs(1_000_000_301), 299);
  });
});

describe('schedule: properties', (it) => {
  it('never gives one boundary twice while the clock does not go back', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 3000 }),
        fc.boolean(),
        steps,
        (interval, align, all) => {
          let now = 1_700_000_000_123;
          const schedule = new FlushSchedule(now, interval, align);
          let taken = 0;
          let skipped = 0;
          let lastIndex = -Infinity;
          for (const step of all) {
            now += step;
            const due = schedule.due(now);
            if (due === undefined) continue;
            const index = align ? due.timeMs / interval : Math.floor(due.timeMs);
            assert.ok(index > lastIndex || !align);
            lastIndex = index;
            taken += 1;
            skipped += due.skipped;
          }
          const elapsed = now - 1_700_000_000_123;
          assert.ok(Math.abs(taken + skipped - elapsed / interval) <= 1.5 + 500 / interval);
        },
      ),
    );
  });

  it('always wakes up within two intervals, whatever the clock does', () => {
    const clocks = fc.array(fc.integer({ min: 0, max: 4_000_000_000_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 100_000 }), fc.boolean(), clocks, (ms, align, all) => {
        const schedule = new FlushSchedule(1_700_000_000_123, ms, align);
        for (const now of all) {
          schedule.due(now);
          const wait = schedule.waitMs(now);
          assert.ok(wait >= 1 && wait <= 2 * ms, `${wait} ms`);
        }
      }),
    );
  });
});
