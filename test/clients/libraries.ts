/** Client libraries that Debian has: of Python, Perl and Ruby. */
import type { LightProgram, Program } from './program.ts';
import { findDebian, scriptOf } from './children.ts';

export const python3Statsd: LightProgram = {
  name: 'python3-statsd',
  from: 'Debian python3-statsd',
  sends: 'its whole interface over UDP; TCP and unix streams; pipelines, timers, delta gauges',
  find: () => findDebian('python3-statsd'),
  async run(stage) {
    await stage.open();
    await stage.script('/usr/bin/python3', scriptOf('python3-statsd.py'), stage.ports());
    await stage.sums({
      'stats_counts.py.hits': 1400,
      'stats_counts.py.half': 0.5,
      'stats_counts.py.sampled': 20,
      'stats.timers.py.took.count': 2,
      'stats.timers.py.took.sum': 1820,
      'stats.timers.py.rare.count': 4,
      'stats.timers.py.block.count': 1,
      'stats.timers.py.function.count': 1,
      'stats.sets.py.users.count': 2,
      'stats_counts.py.piped': 50,
      'stats.timers.py.pipetook.sum': 4,
      'stats_counts.pytcp.hits': 200,
      'stats_counts.pytcp.piped': 200,
      'stats_counts.pytcp.again': 1,
      'stats.timers.pytcp.took.sum': 12.25,
      'stats_counts.pyunix.hits': 200,
      'stats_counts.pyunix.piped': 200,
      'stats_counts.pyunix.again': 1,
      'stats.timers.pyunix.took.sum': 12.25,
    });
    await stage.latest({
      'stats.gauges.py.level': 41.5,
      'stats.gauges.py.below': -5,
      'stats.gauges.py.pipelevel': -1,
      'stats.gauges.pytcp.level': -2,
      'stats.gauges.pyunix.level': -2,
    });
  },
};

export const perlNetStatsd: LightProgram = {
  name: 'Net::Statsd',
  from: 'Debian libnet-statsd-perl',
  sends: 'its whole interface over UDP: counters and timers with rates, gauges, packets of values',
  find: () => findDebian('libnet-statsd-perl'),
  async run(stage) {
    const server = await stage.open();
    const port = String(server.port('statsd udp'));
    await stage.script('/usr/bin/perl', scriptOf('libnet-statsd.pl'), port);
    await stage.sums({
      'stats_counts.pl.hits': 204,
      'stats_counts.pl.one': 3.5,
      'stats_counts.pl.two': 3.5,
      'stats_counts.pl.sampled': 40,
      'stats.timers.pl.took.sum': 570,
      'stats.timers.pl.rare.count': 4,
      'stats_counts.pl.raw': 4,
      'stats.sets.pl.users.count': 1,
      'stats_counts.pl.many': 3,
      'stats_counts.pl.manysampled': 6,
    });
    await stage.latest({
      'stats.gauges.pl.level': 13,
      'stats.gauges.pl.other': 20,
      'stats.gauges.pl.below': -18.5,
    });
  },
};

export const rubyStatsd: LightProgram = {
  name: 'ruby-statsd',
  from: 'Debian ruby-statsd',
  sends:
    'its whole interface over UDP, batches; TCP messages that end without a newline; its Admin ' +
    'class over the management console',
  find: () => findDebian('ruby-statsd'),
  async run(stage) {
    await stage.open();
    const told = await stage.script('/usr/bin/ruby', scriptOf('ruby-statsd.rb'), stage.ports());
    stage.notes(
      'Statsd::Admin',
      {
        gauges: { 'rb.level': 97, 'rb.batch.level': 3 },
        counters: true,
        timers: true,
        bad: 0,
        deleted: ['rb.batch.level'],
        left: [],
      },
      JSON.parse(told),
    );
    await stage.sums({
      'stats_counts.rb.hits': 204,
      'stats_counts.rb.sampled': 20,
      'stats.timers.rb.took.sum': 320,
      'stats.timers.rb.rare.count': 4,
      'stats.timers.rb.block.count': 1,
      'stats.sets.rb.users.count': 2,
      'stats_counts.rb.Foo.Bar_x_y_z': 1,
      'stats_counts.rb.hits.end': 1,
      'stats_counts.rb.batched': 25,
      'stats_counts.rb.bytes': 80,
      'stats_counts.rbtcp.hits': 1,
      'stats_counts.rbtcp.batched': 180,
    });
    await stage.latest({ 'stats.gauges.rb.level': 97, 'stats.gauges.rbtcp.level': 12 });
  },
};

export const aiodogstatsd: Program = {
  name: 'aiodogstatsd',
  from: 'Debian python3-aiodogstatsd',
  sends: 'its whole interface over UDP: counters and timers with rates, tags, distributions',
  find: () => findDebian('python3-aiodogstatsd'),
  async run(stage) {
    await stage.open();
    await stage.script('/usr/bin/python3', scriptOf('python3-aiodogstatsd.py'), stage.ports());
    await stage.sums({
      'stats_counts.aio.hits;env=t': 3,
      'stats_counts.aio.sampled;env=t': 20,
      'stats.timers.aio.sizes.count;env=t': 2,
      'stats.timers.aio.sizes.sum;env=t': 15,
      'stats.timers.aio.took.sum;env=t': 9,
      'stats.timers.aio.rare.count;env=t': 4,
      'stats.timers.aio.block.count;env=t': 1,
      'stats.timers.aio.task.count;env=t': 1,
    });
    await stage.latest({ 'stats.gauges.aio.level;env=t;n=1;x=y': 4.5 });
  },
};
