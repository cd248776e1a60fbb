/** Client libraries of Node: hot-shots, statsd-client, node-statsd, lynx. */
import type { LightProgram, Program } from './program.ts';
import { ROOT } from '../support/program.ts';
import path from 'node:path';
import { scriptOf } from './children.ts';
import { findNpm, findOwn, findUnixDgram, npmFolder, unixDgramFolder } from './npm-packages.ts';

export const hotShots: LightProgram = {
  name: 'hot-shots',
  from: 'npm, a development dependency',
  sends:
    'counters, gauges, timers, sets, distributions, tags, a timestamp, events and checks over UDP; ' +
    'buffered, Telegraf tags, aggregated with telemetry; counters over TCP and a unix stream',
  find: () => findOwn('hot-shots'),
  async run(stage) {
    const server = await stage.open();
    const ports = stage.ports({ packages: ROOT });
    const then = Number(await stage.script(process.execPath, scriptOf('hot-shots.mjs'), ports));
    await stage.sums({
      'stats_counts.hs.hits': 3,
      'stats_counts.hs.one': 1,
      'stats_counts.hs.two': 1,
      'stats_counts.hs.sampled': 30,
      'stats_counts.hs.zero': 0,
      'stats.sets.hs.users.count': 2,
      'stats.timers.hs.took.count': 4,
      'stats.timers.hs.took.sum': 100,
      'stats.timers.hs.took.upper': 40,
      'stats.timers.hs.rare.count': 4,
      'stats.timers.hs.sizes.count': 2,
      'stats.timers.hs.sizes.sum': 16,
      'stats.timers.hs.since.count': 1,
      'stats.timers.hs.work.count': 1,
      'stats.timers.hs.async.count': 1,
      'stats.timers.hs.distributed.count': 1,
      'stats_counts.hs.tagged;app=web;zone=b': 7,
      'stats_counts.hs.odd_name-': 1,
      'stats_counts.kid.hs.hits.end;kid=1': 6,
      'stats_counts.hsb.hits': 2000,
      'stats_counts.hst.hits;app=web;zone=b': 3,
      'stats.timers.hst.took.sum;zone=b': 5,
      'stats_counts.hsa.hits;zone=b': 10,
      'stats_counts.hstcp.hits;zone=b': 50,
      'stats.timers.hstcp.took.sum': 25,
      'stats_counts.hsunix.hits': 50,
    });
    await stage.latest({
      'stats.gauges.hs.level': 42.25,
      'stats.gauges.hs.below': -7,
      'stats.gauges.hsa.level': 9,
      'stats.gauges.hstcp.level': 3,
      'stats.gauges.hs.disk;host=a': 2,
    });
    const dated = 'stats.gauges.hs.then';
    await stage.sees(`${dated}, sent with |T`, { value: 17, time: then }, async () =>
      (await server.render(dated)).get(dated)?.at(0),
    );
    await stage.sees(
      '/events/get_data',
      [
        ['hs.deploy', 'by bob\nat noon', ['app:web', 'alert_type:warning', 'priority:low']],
        ['hs.déploiement 🎉', 'à midi', []],
        ['hs.disk: critical', 'full', ['host:a', 'check']],
      ],
      async () => {
        const events =
          await server.json<{ what: string; data: string; tags: string[] }[]>('/events/get_data');
        return events.map(({ what, data, tags }) => [what, data, tags]);
      },
    );
  },
};

export const hotShotsUds: Program = {
  name: 'hot-shots, unix datagrams',
  from: 'npm, with unix-dgram',
  sends: '1000 counters with tags in packets of 8 KB, a gauge, a timer, an event',
  find: findUnixDgram,
  async run(stage) {
    const datagrams = path.join(stage.folder, 'dogstatsd.sock');
    const server = await stage.open({
      servers: [{ server: './servers/udp', datagramSocket: datagrams }],
    });
    const place = JSON.stringify({ packages: await unixDgramFolder(), datagrams });
    await stage.script(process.execPath, scriptOf('hot-shots-uds.mjs'), place);
    await stage.sums({
      'stats_counts.hsuds.hits;zone=b': 1000,
      'stats.timers.hsuds.took.sum': 25,
    });
    await stage.latest({ 'stats.gauges.hsuds.level': 3 });
    await stage.sees('/events/get_data', [['hsuds.deploy', 'over a socket']], async () => {
      const events = await server.json<{ what: string; data: string }[]>('/events/get_data');
      return events.map(({ what, data }) => [what, data]);
    });
  },
};

export const statsdClient: Program = {
  name: 'statsd-client',
  from: 'npm',
  sends: 'its whole interface over UDP in packets of 1200 bytes and line by line, and over TCP',
  find: async () => findNpm('statsd-client'),
  async run(stage) {
    await stage.open();
    const ports = stage.ports({ packages: await npmFolder() });
    await stage.script(process.execPath, '--no-deprecation', scriptOf('statsd-client.cjs'), ports);
    await stage.sums({
      'stats_counts.sc.hits': 300,
      'stats.sets.sc.users.count': 2,
      'stats.timers.sc.took.sum': 17,
      'stats.timers.sc.since.count': 1,
      'stats.timers.sc.sizes.count': 2,
      'stats.timers.sc.sizes.sum': 10,
      'stats_counts.sc.tagged;app=web;zone=b': 2,
      'stats_counts.raw.line': 1,
      'stats_counts.sc.kid.hits': 7,
      'stats_counts.sc.called.ok': 1,
      'stats.timers.sc.called.time.count': 1,
      'stats_counts.scs.hits;all=1': 20,
      'stats_counts.sct.hits': 40,
      'stats.timers.sct.took.sum': 8,
    });
    await stage.latest({
      'stats.gauges.sc.level': 11.5,
      'stats.gauges.sc.below': -4,
      'stats.gauges.sct.level': 1,
    });
  },
};

export const nodeStatsd: Program = {
  name: 'node-statsd',
  from: 'npm',
  sends: 'its whole interface over UDP: counters with rates, gauges, timers, sets, tags',
  find: async () => findNpm('node-statsd'),
  async run(stage) {
    await stage.open();
    const ports = stage.ports({ packages: await npmFolder() });
    await stage.script(process.execPath, '--no-deprecation', scriptOf('node-statsd.cjs'), ports);
    await stage.sums({
      'stats_counts.ns.hits': 3,
      'stats_counts.ns.sampled': 20,
      'stats_counts.ns.one': 1,
      'stats_counts.ns.two': 1,
      'stats.timers.ns.took.sum': 320,
      'stats.timers.ns.rare.count': 4,
      'stats.timers.ns.sizes.sum': 11,
      'stats.sets.ns.users.count': 2,
      'seriesByTag("name=stats_counts.ns.tagged","zone=b")': 4,
      'stats_counts.nsall.end;app=web;zone=b': 6,
    });
    // It has no deltas: a negative gauge is a change, as with StatsD.
    await stage.latest({ 'stats.gauges.ns.level': -0.5 });
  },
};

export const lynx: Program = {
  name: 'lynx',
  from: 'npm',
  sends: 'its whole interface over UDP: batches, rates, sets, timers, and as a stream of lines',
  find: async () => findNpm('lynx'),
  async run(stage) {
    await stage.open();
    const ports = stage.ports({ packages: await npmFolder() });
    await stage.script(process.execPath, '--no-deprecation', scriptOf('lynx.cjs'), ports);
    await stage.sums({
      'stats_counts.lx.hits': 7,
      'stats_counts.lx.one': 1,
      'stats_counts.lx.two': 1,
      'stats_counts.lx.rated': 5,
      'stats.sets.lx.users.count': 2,
      'stats.timers.lx.took.sum': 501.25,
      'stats.timers.lx.timer.count': 1,
      'stats_counts.lx.b1': 1,
      'stats_counts.lx.b2': -1,
      'stats.timers.lx.b3.sum': 3,
      'stats_counts.lx.b5': 8,
      'stats_counts.lx.piped': 3,
      'stats.timers.lx.slow.sum': 3,
    });
    await stage.latest({ 'stats.gauges.lx.level': 95, 'stats.gauges.lx.b4': 4 });
  },
};
