/**
 * Sample rates whose reciprocal is no weight to count with: one datagram of 14 bytes kept the writer
 * of sketches busy for ever, another left a sketch that nothing could read.
 */
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { eachBytes } from '../../../src/wire/packed-strings.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { assert, describe } from '../../support/suite.ts';

const ATTACKS: Record<string, string[]> = {
  'infinite weight': ['t:1|d|@1e-309', 't:1|h|@1e-320', 't:1|ms|@5e-324', 't:1|c|@1e-309'],
  'weights that add up to Infinity': Array<string>(60).fill('t:1|d|@1e-307'),
  'fractions and one that is huge': [...Array<string>(49).fill('t:1|d|@0.3'), 't:1|d|@3e-305'],
  'a weight of 100 bits': ['t:1|d|@1e-30', 't:1|ms|@1e-30', 't:1|h|@1e-17'],
  'fractions of great weights': [...Array<string>(49).fill('t:2|d|@0.3'), 't:1|d|@3e-16'],
  'weights up to the edge': Array<string>(60).fill('t:1|d|@1.2e-16'),
  'no weight at all': ['t:1|d|@1e300', 't:1|d|@1e7', 't:1|c|@Infinity', 't:1|ms|@1e400'],
  'rates that are none': ['t:1|d|@0', 't:1|d|@-1', 't:1|ms|@NaN', 't:1|h|@0x10', 't:1|d|@'],
};

describe('rates without end', (it) => {
  for (const dialect of DIALECT_NAMES) {
    for (const [name, lines] of Object.entries(ATTACKS)) {
      it(`${dialect}: ${name}`, () => {
        const aggregator = makeAggregator({}, true);
        const code = dialectCode(dialect);
        const all = ['good:1|c', 't:5|ms', ...lines, 'other:7|ms|@0.5', 't:6|ms'];
        // Alone, and all in one datagram.
        for (const line of all) send(aggregator, line, code);
        send(aggregator, all.join('\n'), code);
        const { values, frame } = flushOf(aggregator, 10, new Map());
        assert.equal(values.get('stats_counts.good'), [2]);
        assert.equal(values.get('stats.timers.other.upper'), [7]);
        const totals: number[] = [];
        eachBytes(frame.sketches!.bytes, (bytes) => totals.push(decodeSketch(bytes).total));
        assert.is(totals.length, 2);
        assert.ok(totals.every((total) => total >= 2 && total < 2 ** 53));
        const { badLines, metrics } = aggregator.health();
        const refused = Object.values(badLines).reduce((sum, count) => sum + count, 0);
        assert.is(metrics + refused, 2 * all.length);
        if (dialect === 'statsd') return;
        for (const [series, [value]] of values) assert.ok(Number.isFinite(value), series);
        if (name.startsWith('weights up')) assert.ok(badLines['sumTooLarge']! >= 118);
        else if (!name.startsWith('fractions of')) assert.ok(badLines['badRate']! > 0);
      });
    }
  }

  it('take no count beyond 2^53, over a long interval either', () => {
    const aggregator = makeAggregator({}, true);
    for (let i = 0; i < 3; i++) send(aggregator, 't:4|ms|@2e-16');
    for (let i = 0; i < 100; i++) send(aggregator, 't:4|ms');
    const { values } = flushOf(aggregator, 10, new Map());
    assert.equal(values.get('stats.timers.t.count'), [5e15 + 100]);
    assert.equal(values.get('stats.timers.t.mean'), [4]);
    assert.is(aggregator.health().badLines['sumTooLarge'], 2);
  });
});
