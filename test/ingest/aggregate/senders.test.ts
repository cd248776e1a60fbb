/**
 * Lines of clients that have several formats or habits of their own, as they come in datagrams, to
 * the series that their senders mean.
 */
import type { Dialect } from '../../../src/config/dialects.ts';
import { dialectCode } from '../../../src/config/dialects.ts';
import { assert, describe } from '../../support/suite.ts';
import { flushOf } from './flushing.ts';
import { makeAggregator, send } from './make.ts';

/** Values of the flush after these datagrams, without StatsD's own. */
function series(dialect: Dialect, ...datagrams: string[]): Map<string, number> {
  const aggregator = makeAggregator();
  for (const datagram of datagrams) send(aggregator, datagram, dialectCode(dialect));
  const { values } = flushOf(aggregator, 100, new Map());
  const { badLinesSeen, badLines } = aggregator.health();
  assert.is(badLinesSeen, 0, JSON.stringify(badLines));
  const own = [...values].filter(([name]) => !name.includes('statsd.'));
  return new Map(own.map(([name, [value]]) => [name, value!]));
}

function holds(got: Map<string, number>, wanted: Record<string, number>): void {
  for (const [name, value] of Object.entries(wanted)) assert.is(got.get(name), value, name);
}

/** What Micrometer's registry writes, each flavour for the same five meters and one SLO bucket. */
const ETSY = [
  'myCounter.myTag.val.statistic.count:2|c',
  'myCounter.myTag.val.statistic.count:3|c',
  'myGauge.myTag.val.statistic.value:2.5|g\nmyTimer.myTag.val:1|ms\nmySummary.myTag.val:7|h',
  'myLongTask.myTag.val.statistic.active:1|g\nmyTimerHistogram.le.+Inf.statistic.value:1|g\n',
];
const DATADOG = [
  'my.counter:2|c|#statistic:count,my.tag:val',
  'my.counter:3|c|#statistic:count,my.tag:val',
  'my.gauge:2.5|g|#statistic:value,my.tag:val\nmy.timer:1|ms|#my.tag:val\nmy.summary:7|h|#my.tag:val',
  'my.long.task:1|g|#statistic:active,my.tag:val\nmy.timer.histogram:1|g|#statistic:value,le:+Inf\n',
];
const TELEGRAF = [
  'my_counter,statistic=count,my_tag=val:2|c',
  'my_counter,statistic=count,my_tag=val:3|c',
  'my_gauge,statistic=value,my_tag=val:2.5|g\nmy_timer,my_tag=val:1|ms\nmy_summary,my_tag=val:7|h',
  'my_long_task,statistic=active,my_tag=val:1|g\nmy_timer_histogram,statistic=value,le=+Inf:1|g\n',
];
const SYSDIG = [
  'my.counter#statistic=count,my.tag=val:2|c',
  'my.counter#statistic=count,my.tag=val:3|c',
  'my.gauge#statistic=value,my.tag=val:2.5|g\nmy.timer#my.tag=val:1|ms\nmy.summary#my.tag=val:7|h',
];

describe('Micrometer', (it) => {
  it('etsy: dotted names, in statsd as in extended', () => {
    const wanted = {
      'stats_counts.myCounter.myTag.val.statistic.count': 5,
      'stats.gauges.myGauge.myTag.val.statistic.value': 2.5,
      'stats.timers.myTimer.myTag.val.upper': 1,
      'stats.gauges.myLongTask.myTag.val.statistic.active': 1,
      'stats.gauges.myTimerHistogram.le.Inf.statistic.value': 1,
    };
    holds(series('extended', ...ETSY), wanted);
    holds(series('statsd', ...ETSY), wanted);
    // A summary is one where the dialect knows h; to StatsD it is a counter.
    const summary = { 'stats.timers.mySummary.myTag.val.mean': 7 };
    holds(series('extended', ...ETSY), summary);
    holds(series('statsd', ...ETSY), { 'stats_counts.mySummary.myTag.val': 7 });
  });

  it('datadog: tags behind the type, in dogstatsd as in extended', () => {
    for (const dialect of ['dogstatsd', 'extended'] as const) {
      holds(series(dialect, ...DATADOG), {
        'stats_counts.my.counter;my.tag=val;statistic=count': 5,
        'stats.gauges.my.gauge;my.tag=val;statistic=value': 2.5,
        'stats.timers.my.timer.upper;my.tag=val': 1,
        'stats.timers.my.summary.mean;my.tag=val': 7,
        'stats.gauges.my.long.task;my.tag=val;statistic=active': 1,
        'stats.gauges.my.timer.histogram;le=+Inf;statistic=value': 1,
      });
    }
  });

  it('datadog: a negative gauge is a value in dogstatsd', () => {
    const lines = ['my.gauge:5|g|#statistic:value', 'my.gauge:-3|g|#statistic:value'];
    holds(series('dogstatsd', ...lines), { 'stats.gauges.my.gauge;statistic=value': -3 });
    holds(series('extended', ...lines), { 'stats.gauges.my.gauge;statistic=value': 2 });
  });

  it('telegraf: tags in the name', () => {
    holds(series('extended', ...TELEGRAF), {
      'stats_counts.my_counter;my_tag=val;statistic=count': 5,
      'stats.gauges.my_gauge;my_tag=val;statistic=value': 2.5,
      'stats.timers.my_timer.upper;my_tag=val': 1,
      'stats.timers.my_summary.mean;my_tag=val': 7,
      'stats.gauges.my_long_task;my_tag=val;statistic=active': 1,
      'stats.gauges.my_timer_histogram;le=+Inf;statistic=value': 1,
    });
    // An equals sign is not escaped: the first one counts.
    holds(series('extended', 'http,uri=/find?q=1:2|c'), { 'stats_counts.http;uri=/find?q=1': 2 });
  });

  it('sysdig: tags in the name behind a number sign', () => {
    holds(series('extended', ...SYSDIG), {
      'stats_counts.my.counter;my.tag=val;statistic=count': 5,
      'stats.gauges.my.gauge;my.tag=val;statistic=value': 2.5,
      'stats.timers.my.timer.upper;my.tag=val': 1,
      'stats.timers.my.summary.mean;my.tag=val': 7,
    });
  });
});

describe('habits of senders', (it) => {
  it('python: a negative gauge in two lines', () => {
    for (const dialect of ['extended', 'statsd'] as const) {
      const got = series(dialect, 'g:70|g', 'g:0|g\ng:-5|g', 'h:0|g\nh:-1|g');
      holds(got, { 'stats.gauges.g': -5, 'stats.gauges.h': -1 });
    }
  });

  it('Bucky: the rate without its bar', () => {
    holds(
      series('extended', 'page.hits:5|c\nload.dom:161.5|ms@0.5\nmem.used:43|g@0.5\nn:2|c@0.5\n'),
      {
        'stats_counts.page.hits': 5,
        'stats.timers.load.dom.upper': 161.5,
        'stats.timers.load.dom.count': 2,
        'stats.gauges.mem.used': 43,
        'stats_counts.n': 4,
      },
    );
  });

  it('mtail: an empty type', () => {
    for (const dialect of ['extended', 'statsd'] as const) {
      holds(series(dialect, 'p.lat:0|', 'p.lat:8|'), { 'stats_counts.p.lat': 8 });
    }
  });

  it('CRLF, blank lines, and an end without a line feed', () => {
    const got = series(
      'extended',
      'a:1|c\r\n\nb:2|g\r\nc:3|ms|@0.5\r\nd:4|c|#x:y\r\ne:m|s\r\nf:6|c',
    );
    holds(got, {
      'stats_counts.a': 1,
      'stats.gauges.b': 2,
      'stats.timers.c.count': 2,
      'stats_counts.d;x=y': 4,
      'stats.sets.e.count': 1,
      'stats_counts.f': 6,
    });
  });

  it('one metric in the four styles of tags, and in any order of them', () => {
    const lines = [
      'n:1|c|#b:2,a:1',
      'n,a=1,b=2:1|c',
      'n#b=2,a=1:1|c',
      'n[a=1,b=2]:1|c',
      'n;b=2;a=1:1|c',
    ];
    const mixed = ['n;b=2:1|c|#a:1', 'n[b=2]:1|c|#a:1', '[a=1,b=2]n:1|c', 'n:1|c|#a:1,b:0,b:2'];
    const got = series('extended', [...lines, ...mixed].join('\n'));
    assert.equal(
      [...got],
      [
        ['stats.n;a=1;b=2', 0.9],
        ['stats_counts.n;a=1;b=2', 9],
      ],
    );
  });

  it('dogstatsd: only its own style makes tags', () => {
    const got = series('dogstatsd', 'n,a=1:1|c\nn[a=1]:1|c\nn:1|c|#b:2,a:1');
    assert.equal(
      [...got.keys()].filter((name) => name.startsWith('stats_counts')),
      ['stats_counts.n,a=1', 'stats_counts.n[a=1]', 'stats_counts.n;a=1;b=2'],
    );
  });
});
