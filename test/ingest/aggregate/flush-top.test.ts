/** What was busiest in a flush, beside a plain sort of what was sent. */
import fc from 'fast-check';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { makeAggregator, send } from './make.ts';

const SECONDS = 10;

function flushed() {
  const aggregator = makeAggregator({ flushIntervalMs: SECONDS * 1000, prefixNodes: 2 });
  const names = new Map<number, string>();
  let time = 1_700_000_000;
  return {
    aggregator,
    top(...lines: string[]) {
      for (const line of lines) send(aggregator, line);
      flushOf(aggregator, (time += SECONDS), names);
      return aggregator.top();
    },
  };
}

const shown = (top: { names: { name: string; kind: string; count: number }[] }): string[] =>
  top.names.map(({ name, kind, count }) => `${name} ${kind} ${count}`);

describe('top of a flush', (it) => {
  it('counts each kind by what is there at the flush, our own names apart', () => {
    const { top } = flushed();
    const { names, prefixes, time, seconds } = top(
      'shop.cart.add:3|c',
      'shop.cart.add:4|c',
      'shop.cart.undo:-9|c',
      'shop.pay.time:5:6:7|ms|@0.5',
      'shop.users:a|s',
      'shop.users:b|s',
      'shop.load:99|g',
    );
    assert.equal([time, seconds], [1_700_000_010, SECONDS]);
    assert.equal(shown({ names }), [
      'shop.cart.undo counters 9',
      'shop.cart.add counters 7',
      'shop.pay.time timers 6',
      'shop.users sets 2',
      'shop.load gauges 1',
    ]);
    assert.equal(prefixes, [
      { prefix: 'shop.cart', count: 16, names: 2 },
      { prefix: 'shop.pay', count: 6, names: 1 },
      { prefix: 'shop', count: 3, names: 2 },
    ]);
  });

  it('is of one flush: what is only repeated is not busy', () => {
    const { aggregator, top } = flushed();
    top('a.b.c:5|c', 'a.load:99|g');
    assert.equal(shown(top('a.b.d:1|c')), ['a.b.d counters 1']);
    assert.equal(shown(top()), []);
    assert.equal(aggregator.top().prefixes, []);
  });

  it('has the largest of many, whatever their order', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(counts, (values) => {
        const { top } = flushed();
        const { names, prefixes } = top(
          ...values.map((value, i) => `p${i % 40}.x.n${i}:${value}|c`),
        );
        const sorted = [...values].sort((a, b) => b - a);
        assert.equal(
          names.map(({ count }) => count),
          sorted.slice(0, 50),
        );
        for (const { name, count } of names) assert.is(values[Number(name.split('n')[1])], count);
        const sums = new Map<number, number>();
        values.forEach((value, i) => sums.set(i % 40, (sums.get(i % 40) ?? 0) + value));
        assert.equal(
          prefixes.map(({ count }) => count),
          [...sums.values()].sort((a, b) => b - a).slice(0, 20),
        );
        for (const { prefix, count } of prefixes) {
          assert.is(sums.get(Number(/^p(\d+)\.x$/.exec(prefix)![1])), count);
        }
      }),
      { numRuns: 30 },
    );
  });
});
