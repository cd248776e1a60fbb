/**
 * Infinity, 1e400, and sums that become infinite: one line voided what a whole interval had, and
 * nothing was counted. Only `dialect: statsd` keeps what StatsD keeps, and says so.
 */
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { explainLine } from '../../../src/ingest/protocol/statsd/explain.ts';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { bytesAt } from '../../../src/wire/packed-strings.ts';
import { flushOf } from '../../ingest/aggregate/flushing.ts';
import { makeAggregator, send } from '../../ingest/aggregate/make.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';

const NOT_FINITE = ['Infinity', '-Infinity', '+Infinity', '1e400', '-1e309', 'NaN', '1.8e308'];
const LONG = ['9'.repeat(400), `0x${'f'.repeat(300)}`, `1${'0'.repeat(308)}e1`];
const others = DIALECT_NAMES.filter((name) => name !== 'statsd');

describe('a value that is not finite', (it) => {
  for (const dialect of others) {
    it(`is badValue in ${dialect}, and costs the others nothing`, () => {
      const aggregator = makeAggregator({}, true);
      const code = dialectCode(dialect);
      const values = [...NOT_FINITE, ...LONG];
      for (const type of ['c', 'g', 'ms', 'h', 'd']) {
        for (const value of values) {
          send(aggregator, `${type}:1|${type}`, code);
          send(aggregator, `${type}:${value}|${type}`, code);
          send(aggregator, `${type}:${value}|${type}|@0.1|T1700000000|#a:b`, code);
        }
      }
      const { badLines } = aggregator.health();
      assert.is(badLines['badValue'], 2 * 5 * values.length);
      const emitted = flushOf(aggregator, 10, new Map()).values;
      assert.equal(emitted.get('stats_counts.c'), [values.length]);
      assert.equal(emitted.get('stats.gauges.g'), [1]);
      for (const type of ['ms', 'h', 'd']) {
        assert.equal(emitted.get(`stats.timers.${type}.sum`), [values.length]);
        assert.equal(emitted.get(`stats.timers.${type}.mean`), [1]);
      }
    });
  }

  it('is told by parse', () => {
    for (const dialect of others) {
      const explained = explainLine(Buffer.from('c:1e400|c'), dialectCode(dialect));
      assert.equal(explained, { error: 'the value is not a finite number' });
    }
  });

  it('costs its line in dogstatsd, itself alone in extended', () => {
    const sums = others.map((dialect) => {
      const aggregator = makeAggregator();
      send(aggregator, 't:1:1e999:2|ms', dialectCode(dialect));
      return flushOf(aggregator, 10, new Map()).values.get('stats.timers.t.sum');
    });
    assert.equal(sums, [[3], undefined]);
  });
});

describe('a sum that would be infinite', (it) => {
  for (const dialect of others) {
    it(`refuses what is too much, in ${dialect}`, () => {
      const aggregator = makeAggregator({}, true);
      const code = dialectCode(dialect);
      const lines = ['c:1e308|c', 'c:1e308|c', 'c:5|c', 'c:-1e308|c', 'n:1e300|c|@1e-10', 'n:2|c'];
      for (const line of lines) send(aggregator, line, code);
      for (const value of [1, 1e308, -1e308, 1e200, 2]) send(aggregator, `t:${value}|d`, code);
      for (const value of ['1.7e308', '+1.7e308', '-5']) send(aggregator, `g:${value}|g`, code);
      for (let i = 0; i < 2; i++) send(aggregator, 'v:1e308|c|T1700000000', code);
      const { values } = flushOf(aggregator, 1.7e9, new Map());
      assert.equal(values.get('stats_counts.c'), [0]);
      assert.equal(values.get('stats_counts.n'), [2]);
      assert.equal(values.get('stats.timers.t.sum_squares'), [5]);
      // dogstatsd has no changes of gauges.
      assert.equal(values.get('stats.gauges.g'), [dialect === 'extended' ? 1.7e308 : -5]);
      const timed = aggregator.takeTimed(1.7e9)!;
      assert.equal([...timed.values], [1e307, 1e308]);
      const { badLines } = aggregator.health();
      assert.is(badLines['sumTooLarge'], dialect === 'extended' ? 7 : 6);
    });
  }

  it('is said where it is no more exact', () => {
    const aggregator = makeAggregator();
    for (const line of ['c:1e16|c', 'c:1|c', 'd:9007199254740991|c', 'd:1|c']) {
      send(aggregator, line);
    }
    const { values } = flushOf(aggregator, 10, new Map());
    assert.equal(values.get('stats_counts.c'), [1e16]);
    assert.is(countOf(aggregator.rejections(), 'lines.odd inexactSum'), 3);
  });
});

describe('Infinity in dialect statsd', (it) => {
  const statsd = dialectCode('statsd');

  it('is kept as StatsD keeps it, told, and no part of a sketch', () => {
    const aggregator = makeAggregator({}, true);
    const packet = 't:1|ms\nt:Infinity|ms\nt:1e300|ms\nt:2|ms\nt:3|ms|@0\nc:7|c\nc:Infinity|c';
    send(aggregator, `${packet}\ng:Infinity|g\ng:-5|g`, statsd);
    const names = new Map<number, string>();
    const { values, frame } = flushOf(aggregator, 10, names);
    assert.equal(values.get('stats_counts.c'), [Infinity]);
    assert.equal(values.get('stats.gauges.g'), [Infinity]);
    assert.equal(values.get('stats.timers.t.upper'), [Infinity]);
    assert.equal(values.get('stats.timers.t.lower'), [1]);
    const sketch = decodeSketch(bytesAt(frame.sketches!.bytes, 0));
    assert.equal([sketch.count, sketch.total, sketch.sum, sketch.max], [5, 3, 6, 3]);
    assert.ok(countOf(aggregator.rejections(), 'lines.odd infinite') >= 4);
    // A sender of another dialect can go on from there.
    send(aggregator, 'g:-5|g');
    assert.is(aggregator.health().badLines['sumTooLarge'], 0);
    assert.equal(flushOf(aggregator, 20, names).values.get('stats.gauges.g'), [-5]);
  });

  it('leaves no sketch where bins took it', () => {
    const aggregator = makeAggregator({ exactTimerValues: 0 }, true);
    send(aggregator, 't:1|ms\nt:Infinity|ms', statsd);
    assert.is(flushOf(aggregator, 10, new Map()).frame.sketches!.refs.length, 0);
    assert.is(countOf(aggregator.rejections(), 'series.refused timerSketches'), 1);
  });

  it('is told of a timer that has too many by whichever way its line is read', () => {
    const told = (packet: string): number => {
      const aggregator = makeAggregator();
      send(aggregator, packet, dialectCode('statsd'));
      return countOf(aggregator.rejections(), 'lines.odd inexactSum');
    };
    assert.is(told('t:1|ms|@0.00000000000000001\nt:5|ms\nt:5|ms'), 3);
    assert.is(told('t:1|ms|@0.00000000000000001\nt:5|ms|@1\nt:5|ms|@1'), 3);
  });
});
