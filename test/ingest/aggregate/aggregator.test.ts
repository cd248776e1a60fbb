/** The aggregator's own manners: idle metrics, limits, restoring, the console, live reloads. */
import { DEFAULT_CONFIG } from '../../../src/config/load.ts';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { statistic } from '../../../src/sketch/statistics.ts';
import * as merges from '../../../src/wire/merge.ts';
import { NO_TIMER, STAT_EDGE_P } from '../../../src/wire/statistics.ts';
import { DIALECT_NAMES, dialectCode } from '../../../src/config/dialects.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { bytesAt } from '../../../src/wire/packed-strings.ts';
import { type Emitted, flushOf, readFrame } from './flushing.ts';
import { contents, makeAggregator, send } from './make.ts';

const value = (emitted: Emitted, name: string): number | undefined => emitted.values.get(name)?.[0];

describe('flushing', (it) => {
  it('samples during a flush belong to the next one', () => {
    const aggregator = makeAggregator();
    const names = new Map<number, string>();
    send(aggregator, 'c:1|c\ng:5|g\nt:7|ms\ns:x|s');
    aggregator.beginFlush(100);
    send(aggregator, 'c:10|c\ng:+2|g\nt:9|ms\ns:x|s\ns:y|s\nnew:1|c');
    let frame = aggregator.continueFlush(0, () => 0);
    while (frame === undefined) frame = aggregator.continueFlush(0, () => 0);
    const first = readFrame(frame, names);
    assert.is(value(first, 'stats_counts.c'), 1);
    assert.is(value(first, 'stats.gauges.g'), 5);
    assert.is(value(first, 'stats.timers.t.upper'), 7);
    assert.is(value(first, 'stats.sets.s.count'), 1);
    assert.is(value(first, 'stats_counts.new'), undefined);
    const second = flushOf(aggregator, 110, names);
    assert.is(value(second, 'stats_counts.c'), 10);
    assert.is(value(second, 'stats.gauges.g'), 7);
    assert.is(value(second, 'stats.timers.t.upper'), 9);
    assert.is(value(second, 'stats.timers.t.count'), 1);
    assert.is(value(second, 'stats.sets.s.count'), 2);
    assert.is(value(second, 'stats_counts.new'), 1);
    const third = flushOf(aggregator, 120, names);
    assert.is(value(third, 'stats_counts.c'), 0);
    assert.is(value(third, 'stats.gauges.g'), 7);
    assert.is(value(third, 'stats.timers.t.count'), 0);
    assert.is(value(third, 'stats.timers.t.upper'), undefined);
  });

  it('a counter that became NaN starts anew with its next sample, as in StatsD', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'a:0|c|@0\nb:0|c|@0\nc:0|c|@0', dialectCode('statsd'));
    send(aggregator, 'a:5|c\nb:5|c|@0.5', dialectCode('statsd'));
    const emitted = flushOf(aggregator, 100, new Map());
    assert.is(value(emitted, 'stats_counts.a'), 5);
    assert.is(value(emitted, 'stats_counts.b'), 10);
    assert.ok(Number.isNaN(value(emitted, 'stats_counts.c')));
  });

  it('a flush in slices is the same as one at once', () => {
    const run = (budget: number): unknown => {
      const aggregator = makeAggregator();
      for (let i = 0; i < 500; i++) send(aggregator, `m${i}:${i}|${['c', 'g', 'ms', 's'][i % 4]!}`);
      aggregator.beginFlush(1);
      let clock = 0;
      let slices = 0;
      let frame = aggregator.continueFlush(budget, () => (clock += 1));
      while (frame === undefined) {
        slices += 1;
        frame = aggregator.continueFlush(budget, () => (clock += 1));
      }
      assert.is(slices > 0, budget < 5);
      return [...readFrame(frame, new Map()).values];
    };
    assert.equal(run(1), run(1e9));
  });

  it('timestamp_lag from the second flush on', () => {
    const aggregator = makeAggregator({ flushIntervalMs: 10_000 });
    const names = new Map<number, string>();
    assert.is(
      flushOf(aggregator, 100, names).values.has('stats.gauges.statsd.timestamp_lag'),
      false,
    );
    assert.is(value(flushOf(aggregator, 113, names), 'stats.gauges.statsd.timestamp_lag'), 3);
  });

  it('says how each series merges', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'c:1|c\ng:5|g\nt:7|ms\ns:x|s');
    const names = new Map<number, string>();
    const { frame } = flushOf(aggregator, 1, names);
    const merge = new Map<string, number>();
    frame.series.refs.forEach((id, i) => merge.set(names.get(id)!, frame.series.merges[i]!));
    assert.is(merge.get('stats.c'), merges.MERGE_RATE);
    assert.is(merge.get('stats_counts.c'), merges.MERGE_SUM);
    assert.is(merge.get('stats.gauges.g'), merges.MERGE_LAST);
    assert.is(merge.get('stats.sets.s.count'), merges.MERGE_MAX);
    assert.is(merge.get('stats.timers.t.upper'), merges.MERGE_MAX);
    assert.is(merge.get('stats.timers.t.lower'), merges.MERGE_MIN);
    assert.is(merge.get('stats.timers.t.sum'), merges.MERGE_SUM);
    assert.is(merge.get('stats.timers.t.upper_90'), merges.MERGE_SKETCH);
    const at = frame.series.refs.findIndex((id) => names.get(id) === 'stats.timers.t.upper_90');
    assert.is(frame.series.stats[at], STAT_EDGE_P);
    assert.is(frame.series.arguments[at], 90);
    assert.not(frame.series.timers[at] === NO_TIMER);
  });

  it('hands over sketches that answer as the frame does', () => {
    const aggregator = makeAggregator({}, true);
    for (let i = 0; i < 100; i++) send(aggregator, `t:${i}|ms`);
    send(aggregator, 'u:3|ms');
    const names = new Map<number, string>();
    const { frame, values } = flushOf(aggregator, 1, names);
    assert.is(frame.sketches!.refs.length, 2);
    const sketch = decodeSketch(bytesAt(frame.sketches!.bytes, 0));
    assert.is(sketch.total, 100);
    const p90 = statistic(sketch, STAT_EDGE_P, 90, 10);
    assert.equal(values.get('stats.timers.t.upper_90'), [p90]);
    assert.ok(Math.abs(p90 - 89) < 89 / 256);
    assert.is(flushOf(aggregator, 2, names).frame.sketches!.refs.length, 0);
  });

  it('distributions are weighed by their sample rate, and ms where the dialect has it so', () => {
    for (const dialect of DIALECT_NAMES) {
      const aggregator = makeAggregator();
      const names = new Map<number, string>();
      const code = dialectCode(dialect);
      const isStatsd = dialect === 'statsd';
      for (const type of isStatsd ? ['ms'] : ['ms', 'h', 'd']) {
        // Alone and in one packet, known and new, plain and not: each has its own way in.
        for (const [name, lines] of [
          ['a', [`a.${type}:10|${type}|@0.1\na.${type}:100|${type}`]],
          ['b', [`b.${type}:100|${type}`, `b.${type}:10|${type}|@0.1`]],
          ['c', [`c.${type}:100|${type}|#x:y`, `c.${type}:10|${type}|@0.1|#x:y`]],
          ['d', [`d.${type}:100|${type}`, `d.${type}:1e1|${type}|@0.1`]],
        ] as const) {
          for (const line of lines) send(aggregator, line, code);
          const emitted = flushOf(aggregator, 1, names);
          const of = (statistic: string): number | undefined => {
            const tags = name === 'c' ? ';x=y' : '';
            return value(emitted, `stats.timers.${name}.${type}.${statistic}${tags}`);
          };
          const found = [of('count'), of('sum'), of('mean'), of('upper_90'), of('median')];
          const expected = isStatsd ? [11, 110, 55, 100, 55] : [11, 200, 200 / 11, 10, 10];
          assert.equal(found, expected, `${dialect} ${lines.join(' ')}`);
        }
      }
    }
  });
});

describe('idle metrics', (it) => {
  it('keep their series while away, leave after some flushes', () => {
    const aggregator = makeAggregator({ deleteCounters: true });
    const names = new Map<number, string>();
    send(aggregator, 'c:1|c');
    assert.is(value(flushOf(aggregator, 1, names), 'stats_counts.c'), 1);
    const idle = flushOf(aggregator, 2, names);
    assert.is(value(idle, 'stats_counts.c'), undefined);
    assert.is(idle.metricCount, 4);
    assert.equal(contents(aggregator, 'counters'), {});
    send(aggregator, 'c:2|c');
    const back = flushOf(aggregator, 3, names);
    assert.is(value(back, 'stats_counts.c'), 2);
    assert.is(back.frame.series.refs.length, 0);
    for (let time = 4; time < 20; time++) flushOf(aggregator, time, names);
    assert.is([...names.values()].includes('stats_counts.c'), false);
  });

  it('gauges live for gaugesMaxTTL flushes', () => {
    const aggregator = makeAggregator({ deleteGauges: true, gaugesMaxTTL: 2 });
    const names = new Map<number, string>();
    send(aggregator, 'g:5|g');
    const seen = [1, 2, 3].map((time) => value(flushOf(aggregator, time, names), 'stats.gauges.g'));
    assert.equal(seen, [5, 5, undefined]);
    send(aggregator, 'g:+1|g');
    assert.is(value(flushOf(aggregator, 4, names), 'stats.gauges.g'), 1);
  });
});

/** Names that nobody should keep. */
const HOSTILE = rounds(80_000, 1_000_000);

describe('limits', (it) => {
  it('maxSeries: hostile names are refused, the known ones count on', () => {
    const aggregator = makeAggregator({ maxSeries: 1000 });
    send(aggregator, 'known:1|c');
    for (let first = 0; first < HOSTILE; first += 1000) {
      let packet = '';
      for (let i = first; i < first + 1000; i++)
        packet += `hostile.name.with.some.length.${i}:1|c\n`;
      send(aggregator, packet);
    }
    send(aggregator, 'known:1|c');
    const health = aggregator.health();
    assert.ok(health.metricsLive <= 1016);
    assert.ok(countOf(aggregator.rejections(), 'series.refused series') > HOSTILE - 2000);
    assert.ok(health.nameBytes < 1_000_000);
    assert.is(contents(aggregator, 'counters')['known'], 2);
  });

  it('spellings of names are remembered within bounds', () => {
    const aggregator = makeAggregator({ maxSeries: 1000 });
    for (let i = 0; i < 20_000; i++) send(aggregator, `a:1|c|#x:1,y:${'/'.repeat(i % 50)}|c:${i}`);
    for (let i = 0; i < 5000; i++) send(aggregator, `a b${'?'.repeat(i % 900)}:1|c`);
    assert.ok(aggregator.health().nameBytes < 2_000_000);
    assert.is(contents(aggregator, 'counters')['a_b'], 5000);
  });

  it('maxNameBytes and maxSetMembers', () => {
    const aggregator = makeAggregator({ maxNameBytes: 20, maxSetMembers: 3 });
    send(aggregator, `${'n'.repeat(21)}:1|c\n${'n'.repeat(20)}:1|c`);
    assert.is(aggregator.health().badLines['nameTooLong'], 1);
    assert.equal(contents(aggregator, 'counters'), { ['n'.repeat(20)]: 1 });
    send(aggregator, 'u:a|s\nu:b|s\nu:c|s\nu:d|s\nu:a|s');
    assert.equal(contents(aggregator, 'sets'), { u: ['a', 'b', 'c'] });
    assert.is(countOf(aggregator.rejections(), 'series.refused setMembers'), 1);
    const seen = aggregator.rejections().find(({ reason }) => reason === 'setMembers');
    assert.is(seen?.last?.example, 'u');
  });

  it('churning names does not grow memory', () => {
    const aggregator = makeAggregator({ deleteCounters: true, maxSeries: 5000 });
    const names = new Map<number, string>();
    let largest = 0;
    for (let time = 1; time < rounds(80, 200); time++) {
      for (let i = 0; i < 200; i++)
        send(aggregator, `churn.${'x'.repeat(i % 60)}.${time}.${i}:1|c`);
      for (const id of flushOf(aggregator, time, names).frame.refs) largest = Math.max(largest, id);
    }
    assert.ok(largest < 20_000, `ids reach ${largest}`);
    assert.ok(aggregator.health().metricsLive < 3000);
  });
});

describe('console, restart, reload', (it) => {
  it('deletes by name and by prefix', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'a:1|c\na.b:1|c\na.c:1|c\nab:1|c');
    assert.equal(aggregator.deleteMetrics('counters', 'a.*'), ['a.b', 'a.c']);
    assert.equal(aggregator.deleteMetrics('counters', 'a'), ['a']);
    assert.equal(aggregator.deleteMetrics('counters', 'a'), []);
    assert.equal(contents(aggregator, 'counters'), { ab: 1 });
    send(aggregator, 'a:5|c');
    assert.equal(contents(aggregator, 'counters'), { ab: 1, a: 5 });
  });

  it('aliases of a deleted metric lead to its successor', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'a b:1|c\na b:1|c');
    aggregator.deleteMetrics('counters', 'a_b');
    send(aggregator, 'other:7|c\na b:1|c');
    assert.equal(contents(aggregator, 'counters'), { other: 7, a_b: 1 });
  });

  it('restores gauges by their emitted names', () => {
    const aggregator = makeAggregator();
    send(aggregator, 'there:1|g');
    const names = ['stats.gauges.a.b;x=y', 'stats.timers.t.upper', 'stats.gauges.there', 'x'];
    assert.is(aggregator.restoreGauges(names, Float64Array.of(4, 5, 6, 7)), 1);
    send(aggregator, 'a.b;x=y:+1|g');
    const emitted = flushOf(aggregator, 1, new Map());
    assert.is(value(emitted, 'stats.gauges.a.b;x=y'), 5);
    assert.is(value(emitted, 'stats.gauges.there'), 1);
  });

  it('takes over histograms and calculatedTimerMetrics live', () => {
    const aggregator = makeAggregator();
    const names = new Map<number, string>();
    send(aggregator, 't:3|ms');
    flushOf(aggregator, 1, names);
    const config = {
      ...DEFAULT_CONFIG.aggregation,
      calculatedTimerMetrics: ['count', 'histogram'],
      histograms: [{ metric: 't', bins: [5, Infinity], labels: ['5', 'inf'] }],
    };
    aggregator.reconfigure(config, false);
    send(aggregator, 't:3|ms\nt:7|ms');
    const { values } = flushOf(aggregator, 2, names);
    const timer = [...values].filter(([name]) => name.startsWith('stats.timers.'));
    assert.equal(timer, [
      ['stats.timers.t.count', [2]],
      ['stats.timers.t.histogram.bin_5', [1]],
      ['stats.timers.t.histogram.bin_inf', [1]],
    ]);
  });

  it('dogstatsd: no gauge deltas, unknown types refused, events and checks counted', () => {
    const aggregator = makeAggregator();
    const lines = ['g:5|g', 'g:+2|g', 'x:1|kv', '_e{5,4}:title|text', '_sc|up|0', '_sc|up|9'];
    send(aggregator, lines.join('\n'), dialectCode('dogstatsd'));
    assert.equal(contents(aggregator, 'gauges'), { g: 2 });
    const { events, checks, badLines } = aggregator.health();
    assert.equal([events, checks, badLines['badType'], badLines['badCheck']], [1, 1, 1, 1]);
  });
});
