/** Bins of one timer span 32 octaves; what is smaller shares the lowest bin, and is counted. */
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { NO_ROOM_VALUE } from '../../../src/ingest/aggregate/rejected-series.ts';
import { TimerCells } from '../../../src/ingest/aggregate/timer.ts';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { makeAggregator, send } from './make.ts';

function rejected(aggregator: Aggregator, reason: string): Rejection | undefined {
  return aggregator.rejections().find((one) => one.reason === reason);
}

describe('bins of a timer', (it) => {
  it('that lie too far apart collapse at the low end, and are counted', () => {
    const aggregator = makeAggregator({ exactTimerValues: 4 });
    for (let i = 0; i < 40; i++) send(aggregator, `t:${2 ** 20 + i}|ms`);
    assert.is(countOf(aggregator.rejections(), 'series.refused timerBins'), 0);
    aggregator.nowSeconds = 1234;
    for (let i = 0; i < 3; i++) send(aggregator, `t:${2 ** -20}|ms\nother:1|ms`);
    assert.equal(rejected(aggregator, 'timerBins'), {
      what: 'series.refused',
      reason: 'timerBins',
      count: 3,
      last: { example: 't', time: 1234 },
    });
  });

  it('are counted by their weight, and named after the next flush too', () => {
    const aggregator = makeAggregator({ exactTimerValues: 4 });
    const names = new Map<number, string>();
    for (const name of ['t', 'u']) {
      for (let i = 0; i < 40; i++) send(aggregator, `${name}:${2 ** 20 + i}|d|@0.5`);
      send(aggregator, `${name}:${2 ** -20}|d|@0.25`);
      assert.is(rejected(aggregator, 'timerBins')?.last?.example, name);
      flushOf(aggregator, 10, names);
    }
    assert.is(rejected(aggregator, 'timerBins')?.count, 8);
  });

  it('that the pool has no room for are counted, with the name', () => {
    const lost: number[] = [];
    const cells = new TimerCells(2, 2048, (metric, reason, count) => {
      assert.equal([reason, count], [NO_ROOM_VALUE, 1]);
      lost.push(metric);
    });
    const numbers = new Float64Array([1]);
    for (let metric = 0; metric < 10; metric++) {
      const cell = cells.take(metric);
      for (let i = 0; i < 3; i++) cells.add(cell, numbers, 0);
    }
    // A window of 32 bins takes 256 bytes: eight timers have one.
    assert.equal(lost, [8, 8, 8, 9, 9, 9]);
  });
});
