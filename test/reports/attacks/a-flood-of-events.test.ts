import { assert, describe } from '../../support/suite.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';

describe('attacks: a flood of events', (it) => {
  it('takes a megabyte a second to the main thread, and counts the rest', () => {
    const aggregator = makeAggregator();
    const refused = (): number =>
      aggregator.rejections().find(({ reason }) => reason === 'flood')!.count;
    const tags = Array.from({ length: 4000 }, (_, i) => `tag${i}`).join(',');
    const long = `_e{1,20000}:x|${'d'.repeat(20_000)}|#${tags}`;
    for (let i = 0; i < 40; i++) send(aggregator, long);
    const most = Math.floor(2 ** 20 / long.length);
    assert.is(aggregator.takeEvents().length, most);
    assert.is(refused(), 40 - most);
    for (let i = 0; i < 1001; i++) send(aggregator, '_sc|up|0');
    assert.is(aggregator.takeEvents().length, 1000);
    assert.is(refused(), 41 - most);
    send(aggregator, long);
    assert.is(aggregator.takeEvents().length, 1);
  });
});
