/** DogStatsD's `|T`: values with times of their own, on their way out behind a flush. */
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import type { Aggregator } from '../../../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import { MERGE_POINT, MERGE_RATE, MERGE_SUM } from '../../../src/wire/merge.ts';
import { countOf } from '../../support/count-of.ts';
import { declaredIn, namedPoints } from '../../support/points.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { contents, makeAggregator, send } from './make.ts';

const NOW = 1_700_000_000;
const MERGES: Record<number, string> = { [MERGE_POINT]: '=', [MERGE_SUM]: '+', [MERGE_RATE]: '/' };

function started(...config: Parameters<typeof makeAggregator>): Aggregator {
  const aggregator = makeAggregator(...config);
  aggregator.nowSeconds = NOW;
  return aggregator;
}

/** `name value @seconds-from-now merge` of every point. */
function taken(aggregator: Aggregator, flushTime = NOW): string[] {
  const all: string[] = [];
  for (;;) {
    const batch = aggregator.takeTimed(flushTime);
    if (batch === undefined) return all;
    assert.is(batch.how, 'merge');
    const { names, times, values } = namedPoints([batch]);
    names.forEach((name, i) => {
      const merge = MERGES[batch.series.merges[i]!]!;
      all.push(`${merge} ${name} ${values[i]} @${times[i]! - NOW}`);
    });
  }
}

describe('values with times', (it) => {
  it('go under the names they would have without, and not into the interval', () => {
    const aggregator = started();
    send(aggregator, `hits:4|c|T${NOW - 60}\ntemp:21.5|g|#room:a|T${NOW - 30}\nhits:1|c`);
    assert.equal(contents(aggregator, 'counters'), { hits: 1 });
    assert.equal(contents(aggregator, 'gauges'), {});
    assert.equal(taken(aggregator), [
      '/ stats.hits 0.4 @-60',
      '+ stats_counts.hits 4 @-60',
      '= stats.gauges.temp;room=a 21.5 @-30',
    ]);
    assert.equal(taken(aggregator), [], 'once');
    const emitted = flushOf(aggregator, NOW, new Map());
    assert.equal(emitted.values.get('stats_counts.hits'), [1]);
    assert.not.ok(emitted.values.has('stats.gauges.temp;room=a'));
  });

  it('name series as the layout of names says', () => {
    const { namespace: usual } = DEFAULT_CONFIG.aggregation;
    const namespace = { ...usual, legacy: false as const, globalPrefix: 'g', globalSuffix: 'x' };
    const aggregator = started({ namespace, flushIntervalMs: 2000 });
    send(aggregator, `a:4|c|T${NOW}|#k:v\nb:1|g|T${NOW}`);
    assert.equal(taken(aggregator), [
      '/ g.counters.a.rate.x;k=v 2 @0',
      '+ g.counters.a.count.x;k=v 4 @0',
      '= g.gauges.b.x 1 @0',
    ]);
    const rateOnly = started({ flushCounts: false });
    send(rateOnly, `a:4|c|T${NOW}`);
    assert.equal(taken(rateOnly), ['/ stats.a 0.4 @0']);
  });

  it('of one name and second add up, spelled in any way; sample rates count', () => {
    const aggregator = started();
    send(aggregator, `a:1:2|c|@0.5|#x:1,y:2|T${NOW - 5}`);
    send(aggregator, `a:1|c|T${NOW - 5}|#y:2,x:1`, dialectCode('extended'));
    send(aggregator, `a,y=2,x=1:1|c|T${NOW - 5}`);
    send(aggregator, `a:100|c|T${NOW - 4}|#y:2,x:1`);
    assert.equal(taken(aggregator), [
      '/ stats.a;x=1;y=2 0.8 @-5',
      '+ stats_counts.a;x=1;y=2 8 @-5',
      '/ stats.a;x=1;y=2 10 @-4',
      '+ stats_counts.a;x=1;y=2 100 @-4',
    ]);
  });

  it('gauges: the last line stands, and comes last; a sign is a sign', () => {
    const aggregator = started();
    send(aggregator, `a:1|g|T${NOW - 3}\na:2|g|T${NOW - 8}\na:-7|g|T${NOW - 3}`);
    assert.equal(taken(aggregator), ['= stats.gauges.a 2 @-8', '= stats.gauges.a -7 @-3']);
    send(aggregator, `a:+5:6|g|T${NOW}`, dialectCode('dogstatsd'));
    assert.equal(taken(aggregator), ['= stats.gauges.a 6 @0']);
  });

  it('a counter and a gauge of one name are two', () => {
    const aggregator = started({ flushCounts: false });
    send(aggregator, `a:10|c|T${NOW}\na:10|g|T${NOW}`);
    assert.equal(taken(aggregator), ['/ stats.a 1 @0', '= stats.gauges.a 10 @0']);
  });

  it('a time ahead waits for its flush; too far ahead is refused', () => {
    const aggregator = started({ flushCounts: false });
    send(aggregator, `a:10|c|T${NOW + 7}\na:10|c|T${NOW + 60}\nb:1|g|T${NOW}`);
    assert.equal(taken(aggregator), ['= stats.gauges.b 1 @0']);
    assert.equal(taken(aggregator, NOW + 10), ['/ stats.a 1 @7']);
    assert.equal(taken(aggregator, NOW + 60), ['/ stats.a 1 @60']);
    const metrics = aggregator.health().metrics;
    // Milliseconds, nanoseconds and one second over the bound.
    send(aggregator, `a:1|c|T${NOW * 1000}\na:1|c|T${NOW}000000000\na:1|c|T${NOW + 61}`);
    assert.is(aggregator.health().badLines['inFuture'], 3);
    assert.is(aggregator.health().metrics, metrics);
    assert.equal(taken(aggregator, NOW + 600), []);
  });

  it('other types: refused in dogstatsd, of this interval in extended', () => {
    const aggregator = started();
    for (const line of ['a:1|h', 'a:1|d', 'a:1|ms', 'a:x|s']) {
      send(aggregator, `${line}|T${NOW - 60}`, dialectCode('dogstatsd'));
    }
    assert.is(aggregator.health().badLines['timestampOnType'], 4);
    assert.equal(contents(aggregator, 'timers'), {});
    send(aggregator, `a:1|h|T${NOW - 60}\nb:x|s|T${NOW - 60}`);
    assert.equal(contents(aggregator, 'timers'), { a: [1] });
    assert.equal(contents(aggregator, 'sets'), { b: ['x'] });
    assert.equal(taken(aggregator), []);
  });

  it('do not rub off on what comes next', () => {
    const aggregator = started();
    send(aggregator, `a:1|c|T${NOW}:2|c:3|c\nb:4|c|c:x\nb:5|c|@1|c:x`);
    send(aggregator, `c:1|c|T${NOW}`);
    send(aggregator, `c:1|c|#t:v|T${NOW}:9|c`, dialectCode('statsd'));
    assert.equal(contents(aggregator, 'counters'), { b: 9, [`c;t=vT${NOW}9c`]: 1 });
  });

  it('have a bound, and what is over it is counted', () => {
    const aggregator = started({ flushCounts: false });
    const lines = Array.from({ length: 70_000 }, (_, i) => `n${i}:1|c|T${NOW}`);
    for (let i = 0; i < lines.length; i += 100) {
      send(aggregator, lines.slice(i, i + 100).join('\n'));
    }
    assert.is(countOf(aggregator.rejections(), 'series.refused timedValues'), 70_000 - 65_536);
    const seen = aggregator.rejections().find(({ reason }) => reason === 'timedValues');
    assert.equal(seen?.last, { example: 'n69999', time: NOW });
    assert.is(aggregator.health().metricsLive, started().health().metricsLive);
    assert.is(taken(aggregator).length, 65_536);
    send(aggregator, lines.slice(0, 10).join('\n'));
    assert.is(taken(aggregator).length, 10, 'room again after the flush');
  });

  it('are taken in parts; what comes meanwhile is not lost', () => {
    const aggregator = started({ flushCounts: false });
    for (let i = 0; i < 3000; i++) send(aggregator, `n${i}:1|g|T${NOW}`);
    const first = aggregator.takeTimed(NOW)!;
    assert.ok(first.refs.length < 3000, `${first.refs.length} at once`);
    assert.is(declaredIn(first)[0], 'stats.gauges.n0');
    // One that is gone already, one that is still to come, a new one.
    send(aggregator, `n0:2|g|T${NOW}\nn2999:2|g|T${NOW}\nm:1|g|T${NOW}`);
    const rest = taken(aggregator);
    assert.is(rest.length, 3000 - first.refs.length);
    assert.is(rest.at(-1), '= stats.gauges.n2999 2 @0');
    assert.equal(taken(aggregator, NOW + 10), ['= stats.gauges.n0 2 @0', '= stats.gauges.m 1 @0']);
    // A flush that comes meanwhile takes over.
    for (let i = 0; i < 3000; i++) send(aggregator, `n${i}:1|g|T${NOW}`);
    aggregator.takeTimed(NOW);
    send(aggregator, `m:1|g|T${NOW + 5}`);
    assert.is(taken(aggregator, NOW + 10).length, 3000 - first.refs.length + 1);
  });

  it('names over the limit and too many tags are bad lines', () => {
    const aggregator = started({ maxNameBytes: 20 });
    send(aggregator, `${'n'.repeat(21)}:1|c|T${NOW}`);
    assert.is(aggregator.health().badLines['nameTooLong'], 1);
    const tags = Array.from({ length: 65 }, (_, i) => `${i}:v`).join();
    const roomy = started();
    send(roomy, `a:1|c|T${NOW}|#${tags}`);
    assert.is(roomy.health().badLines['tooManyTags'], 1);
  });
});
