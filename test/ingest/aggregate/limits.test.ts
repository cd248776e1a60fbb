/** One prefix, one sender: each has its share of the table and leaves the others theirs. */
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { contents, makeAggregator, send } from './make.ts';

function sendFrom(aggregator: Aggregator, sender: string | undefined, packet: string): void {
  const bytes = Buffer.from(packet);
  aggregator.packet(bytes, 0, bytes.length, dialectCode('extended'), false, sender);
}

function refusal(aggregator: Aggregator, reason: string): Rejection | undefined {
  return aggregator.rejections().find((one) => one.reason === reason && one.count > 0);
}

function names(aggregator: Aggregator, start: string): number {
  return Object.keys(contents(aggregator, 'counters')).filter((name) => name.startsWith(start))
    .length;
}

describe('limit on names of one prefix', (it) => {
  it('a bad deploy fills its own share, the others go on', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 100 });
    aggregator.nowSeconds = 1234;
    for (let i = 0; i < 5000; i++) {
      send(aggregator, `app.checkout.request.${i}:1|c\napp.search.node${i % 50}:1|c`);
    }
    assert.is(names(aggregator, 'app.checkout.'), 100);
    assert.is(names(aggregator, 'app.search.'), 50);
    assert.is(contents(aggregator, 'counters')['app.search.node7'], 100);
    // A name that is there already goes on counting.
    send(aggregator, 'app.checkout.request.5:1|c');
    assert.is(contents(aggregator, 'counters')['app.checkout.request.5'], 2);
    assert.equal(refusal(aggregator, 'prefix'), {
      what: 'series.refused',
      reason: 'prefix',
      count: 4900,
      last: { example: 'app.checkout.request.4999', time: 1234 },
    });
    assert.is(countOf(aggregator.rejections(), 'series.refused prefix'), 4900);
    assert.is(countOf(aggregator.rejections(), 'series.refused series'), 0);
  });

  it('holds for all kinds together, tags and every spelling', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 6 });
    for (let i = 0; i < 50; i++) {
      for (const type of ['c', 'ms', 'g', 's']) send(aggregator, `a.b.${type}:1|${type}|#id:${i}`);
    }
    assert.is(aggregator.health().metricsLive, 6 + 3); // and StatsD's own counters
    send(aggregator, 'a . b.x:1|c');
    assert.is(names(aggregator, 'a_._b'), 1);
  });

  it('prefixes of more nodes are smaller', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 10, prefixNodes: 3 });
    for (let i = 0; i < 50; i++) send(aggregator, `a.b.one.${i}:1|c\na.b.two.${i}:1|c`);
    assert.is(names(aggregator, 'a.b.one.'), 10);
    assert.is(names(aggregator, 'a.b.two.'), 10);
  });

  it('what was deleted on the console, or forgotten when idle, makes room', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 10 });
    for (let i = 0; i < 20; i++) send(aggregator, `a.b.${i}:1|c`);
    assert.is(aggregator.deleteMetrics('counters', 'a.b.*').length, 10);
    for (let i = 0; i < 20; i++) send(aggregator, `a.b.x${i}:1|c`);
    assert.is(names(aggregator, 'a.b.x'), 10);

    const idle = makeAggregator({ maxSeriesPerPrefix: 10, deleteCounters: true });
    for (let i = 0; i < 20; i++) send(idle, `a.b.${i}:1|c`);
    const series = new Map<number, string>();
    // The refusals of the first flush make dormant ones leave at the next.
    for (let time = 1; time < 4; time++) {
      flushOf(idle, time, series);
      send(idle, 'a.b.new:1|c');
    }
    assert.is(contents(idle, 'counters')['a.b.new'], 1);
  });

  it('gauges of before a restart come back, whatever the limit', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 2 });
    const old = ['stats.gauges.a.b.1', 'stats.gauges.a.b.2', 'stats.gauges.a.b.3'];
    assert.is(aggregator.restoreGauges(old, new Float64Array([1, 2, 3])), 3);
    send(aggregator, 'a.b.4:1|g');
    assert.is(contents(aggregator, 'gauges')['a.b.4'], undefined);
    assert.is(refusal(aggregator, 'prefix')?.count, 1);
  });

  it('changes with the configuration', () => {
    const aggregator = makeAggregator({ maxSeriesPerPrefix: 2, maxSeriesPerSource: 3 });
    for (let i = 0; i < 9; i++) send(aggregator, `a.b.${i}:1|c`);
    const more = { ...DEFAULT_CONFIG.aggregation, maxSeriesPerPrefix: 5 };
    aggregator.reconfigure(more, false);
    for (let i = 0; i < 9; i++) send(aggregator, `a.b.${i}:1|c`);
    assert.is(names(aggregator, 'a.b.'), 5);
  });

  it('by default is a quarter of the table', () => {
    const { maxSeries, maxSeriesPerPrefix, maxSeriesPerSource } = DEFAULT_CONFIG.aggregation;
    assert.equal([maxSeriesPerPrefix * 4, maxSeriesPerSource * 2], [maxSeries, maxSeries]);
  });
});

describe('limit on names of one sender', (it) => {
  it('holds where the sender is known, and leaves the others theirs', () => {
    const aggregator = makeAggregator({ maxSeriesPerSource: 5 });
    for (let i = 0; i < 20; i++) {
      sendFrom(aggregator, '10.0.0.1', `one.x${i}.y:1|c`);
      sendFrom(aggregator, '10.0.0.2', `two.x${i % 4}.y:1|c`);
      sendFrom(aggregator, undefined, `unknown.x${i}.y:1|c`);
    }
    assert.is(names(aggregator, 'one.'), 5);
    assert.is(names(aggregator, 'two.'), 4);
    assert.is(names(aggregator, 'unknown.'), 20);
    assert.is(refusal(aggregator, 'source')?.count, 15);
    assert.is(refusal(aggregator, 'source')?.last?.sender, '10.0.0.1');
    // It may go on with what others made.
    sendFrom(aggregator, '10.0.0.1', 'two.x1.y:1|c');
    assert.is(contents(aggregator, 'counters')['two.x1.y'], 6);
  });

  it("gauges of before a restart are nobody's, whoever sent first", () => {
    const aggregator = makeAggregator({ maxSeriesPerSource: 3 });
    sendFrom(aggregator, '10.0.0.1', 'one.a.b:1|c');
    const old = ['stats.gauges.a.1', 'stats.gauges.a.2', 'stats.gauges.a.3'];
    assert.is(aggregator.restoreGauges(old, new Float64Array([1, 2, 3])), 3);
    for (let i = 0; i < 9; i++) sendFrom(aggregator, '10.0.0.1', `one.x${i}.y:1|c`);
    assert.is(names(aggregator, 'one.'), 3);
  });

  it('a sender whose metrics are gone starts anew', () => {
    const aggregator = makeAggregator({ maxSeriesPerSource: 5 });
    for (let i = 0; i < 20; i++) sendFrom(aggregator, '10.0.0.1', `one.x${i}.y:1|c`);
    aggregator.deleteMetrics('counters', 'one.*');
    for (let i = 0; i < 20; i++) sendFrom(aggregator, '10.0.0.1', `new.x${i}.y:1|c`);
    assert.is(names(aggregator, 'new.'), 5);
  });

  it('tells 65,536 senders apart; all others are one', () => {
    const aggregator = makeAggregator({ maxSeriesPerSource: 2, maxSeries: 100_000 });
    for (let i = 0; i < 65_536; i++)
      sendFrom(aggregator, `10.1.${i >> 8}.${i & 255}`, `x${i}.a:1|c`);
    assert.is(refusal(aggregator, 'source'), undefined);
    for (let i = 0; i < 10; i++) sendFrom(aggregator, `10.2.0.${i}`, `y${i}.a:1|c`);
    assert.is(refusal(aggregator, 'source')?.count, 8);
    sendFrom(aggregator, '10.1.0.0', 'z.a:1|c');
    assert.is(refusal(aggregator, 'source')?.count, 8);
  });
});

describe('bad lines', (it) => {
  it('keep one example of each reason with its sender, and the mistakes among them', () => {
    const aggregator = makeAggregator();
    aggregator.nowSeconds = 77;
    sendFrom(aggregator, '10.0.0.9', 'a:5\na:1,5|ms\nGET / HTTP/1.1');
    for (let i = 0; i < 20; i++) send(aggregator, 'a:x|c');
    const last = { example: 'GET / HTTP/1.1', time: 77, sender: '10.0.0.9' };
    assert.equal(refusal(aggregator, 'noType')?.last, last);
    assert.equal(refusal(aggregator, 'http')?.last, last);
    assert.is(refusal(aggregator, 'missingType')?.what, 'lines.mistaken');
    assert.is(refusal(aggregator, 'decimalComma')?.count, 1);
    assert.is(refusal(aggregator, 'badValue')?.count, 21);
    assert.is(refusal(aggregator, 'badValue')?.last?.sender, undefined);
  });

  it('a typed-out \\n is counted as StatsD counts it, and told', () => {
    const lines = 'a:1|c\\nb:2|c\nc:1|m\nd:1|c\r\n';
    const aggregator = makeAggregator();
    send(aggregator, lines, dialectCode('statsd'));
    assert.equal(contents(aggregator, 'counters'), { a: 3, c: 1, d: 1 });
    assert.is(refusal(aggregator, 'literalNewline')?.what, 'lines.odd');
    assert.is(refusal(aggregator, 'literalNewline')?.count, 1);
    assert.is(refusal(aggregator, 'literalNewline')?.last?.example, 'a:1|c\\\\nb:2|c');
    assert.is(aggregator.health().badLinesSeen, 0);
    // Where types are known, none of its values counts.
    const extended = makeAggregator();
    send(extended, lines);
    assert.equal(contents(extended, 'counters'), { c: 1, d: 1 });
    assert.is(refusal(extended, 'literalNewline')?.what, 'lines.mistaken');
    assert.is(refusal(extended, 'badType')?.count, 1);
  });
});
