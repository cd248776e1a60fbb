/** Bins of one timer span 32 octaves; what is smaller shares the lowest bin, and is counted. */
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { makeAggregator, send } from './make.ts';

describe('bins of a timer', (it) => {
  it('that lie too far apart collapse at the low end, and are counted', () => {
    const aggregator = makeAggregator({ exactTimerValues: 4 });
    for (let i = 0; i < 40; i++) send(aggregator, `t:${2 ** 20 + i}|ms`);
    assert.is(countOf(aggregator.rejections(), 'series.refused timerBins'), 0);
    for (let i = 0; i < 3; i++) send(aggregator, `t:${2 ** -20}|ms`);
    assert.ok(countOf(aggregator.rejections(), 'series.refused timerBins') >= 3);
  });
});
