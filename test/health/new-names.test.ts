import { NewNames } from '../../src/health/new-names.ts';
import { assert, describe } from '../support/suite.ts';
import { flushOf } from '../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../ingest/aggregate/make.ts';
import { points } from '../support/points.ts';

describe('new names', (it) => {
  it('are counted once, however many series they have, for a minute', () => {
    let ms = 0;
    const names = new NewNames(() => ms);
    const aggregator = makeAggregator();
    const known = new Map<number, string>();
    const flush = (...lines: string[]): void => {
      for (const line of lines) send(aggregator, line);
      names.take(flushOf(aggregator, 1_700_000_000 + ms / 1000, known).frame.series);
    };
    // StatsD's own names come with the first two.
    flush('z:1|c');
    flush('z:1|c');
    const own = names.lastMinute();
    flush('a:1|c', 'b:1|ms', 'c:1|g', 'd:x|s');
    assert.is(names.lastMinute() - own, 4);
    ms = 59_999;
    flush('a:1|c', 'e:1|c');
    assert.is(names.lastMinute() - own, 5);
    ms = 60_000;
    assert.is(names.lastMinute(), 1);
    names.take(points(['x', 'y'], [1, 1], [1, 2]).series);
    assert.is(names.lastMinute(), 3);
    assert.is(names.metrics()[0]!.value, own + 7);
  });
});
