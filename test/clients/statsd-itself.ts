/**
 * The StatsD that tallyd replaces, from npm, in front of it: its Graphite backend into our carbon
 * ports as text and as pickles, its repeater into our StatsD port. Both sides count the same packets,
 * so tallyd's own series must be the real one's, number for number.
 */
import path from 'node:path';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { findNpm, npmFolder } from './npm-packages.ts';
import type { Found, Program } from './program.ts';
import type { Stage } from './stage.ts';

/** One packet a timer: all of its values are in one interval on both sides. */
const PACKETS = [
  'hits:3|c\nhits:1|c|@0.1\nhits:-2|c',
  'took:320.5|ms\ntook:10|ms\ntook:12|ms|@0.25\ntook:7.125|ms\ntook:11|ms\ntook:90|ms',
  'one:5|ms',
  'level:42.5|g\nlevel:+3|g\nlevel:-0.25|g',
  'users:alice|s\nusers:bob|s\nusers:alice|s',
  'odd name/x:4|c\ntagged:2|c|#zone:b',
  'bad\nbad:x|c\nbad:1|',
];
const BAD_LINES = 2;

const TIMER_STATS = [
  'count_90 mean_90 upper_90 sum_90 sum_squares_90',
  'std upper lower count count_ps sum sum_squares mean median',
]
  .join(' ')
  .split(' ');

/** Below the prefix; counts and sets add up over time, the rest is what is largest. */
const SUMS = ['counters.hits.count', 'counters.odd_name-x.count', 'sets.users.count'];
const PEAKS = ['took', 'one'].flatMap((name) =>
  TIMER_STATS.map((stat) => `timers.${name}.${stat}`),
);

function namespace(globalPrefix: string): object {
  return { legacyNamespace: false, globalPrefix };
}

async function startStatsd(
  stage: Stage,
  prefix: string,
  backend: { protocol: 'text' | 'pickle'; port: number; repeatTo?: number },
): Promise<number> {
  const [port, console] = [await freePort(), await freePort()];
  const { protocol, repeatTo } = backend;
  const config = {
    port,
    address: '127.0.0.1',
    mgmt_port: console,
    mgmt_address: '127.0.0.1',
    flushInterval: 1000,
    graphiteHost: '127.0.0.1',
    graphiteProtocol: protocol,
    [protocol === 'text' ? 'graphitePort' : 'graphitePicklePort']: backend.port,
    graphite: namespace(prefix),
    ...(repeatTo === undefined
      ? { backends: ['./backends/graphite'] }
      : {
          backends: ['./backends/graphite', './backends/repeater'],
          repeater: [{ host: '127.0.0.1', port: repeatTo }],
        }),
  };
  const file = stage.file(`${prefix}.js`, JSON.stringify(config));
  const script = path.join(await npmFolder(), 'node_modules/statsd/stats.js');
  const running = stage.start(process.execPath, ['--no-deprecation', script, file]);
  await until(() => running.stdout.includes('server is up') || running.isOver, 'StatsD is up');
  if (running.isOver) throw new Error(running.how());
  return port;
}

async function find(): Promise<Found> {
  // It calls util.log, which is gone.
  if (Number(process.versions.node.split('.')[0]) >= 23) return { missing: 'Node 22 or older' };
  return findNpm('statsd');
}

export const statsdItself: Program = {
  name: 'statsd',
  from: 'npm',
  sends: 'its Graphite backend (text, pickle) to our carbon ports, its repeater to our StatsD port',
  find,
  async run(stage) {
    const server = await stage.open({ dialect: 'statsd', graphite: namespace('own') });
    const text = await startStatsd(stage, 'text', {
      protocol: 'text',
      port: server.port('carbon tcp'),
      repeatTo: server.port('statsd udp'),
    });
    const pickle = await startStatsd(stage, 'pickle', {
      protocol: 'pickle',
      port: server.port('pickle tcp'),
    });
    // It says that it is up before its port is open; its first flush is a surer sign.
    const signs = ['text.statsd.numStats', 'pickle.statsd.numStats'];
    await stage.some(signs, 'its first flush', (value) => value > 0);
    await stage.sendTo(text, ...PACKETS);
    await stage.sendTo(pickle, ...PACKETS);
    stage.badLines = BAD_LINES;
    await stage.sums({
      'own.counters.hits.count': 11,
      'own.counters.tagged.count;zone=b': 2,
      'own.counters.bad.count': 1,
      'own.counters.statsd.bad_lines_seen.count': BAD_LINES,
    });
    for (const prefix of ['text', 'pickle']) {
      for (const name of SUMS) await same(stage, `sumSeries(integral(${prefix}.${name}))`, prefix);
      for (const name of PEAKS) await same(stage, `${prefix}.${name}`, prefix);
      await same(stage, `${prefix}.gauges.level`, prefix);
      await same(stage, `sumSeries(integral(${prefix}.counters.tagged.count;zone=b))`, prefix);
      await same(
        stage,
        `sumSeries(integral(${prefix}.counters.statsd.bad_lines_seen.count))`,
        prefix,
      );
    }
  },
};

/** The largest value of a real StatsD's series is that of our own. */
async function same(stage: Stage, target: string, prefix: string): Promise<void> {
  const peak = async (of: string): Promise<number> =>
    Math.max(
      ...[...(await stage.server.render(of)).values()].flat().map(({ value }) => value ?? 0),
    );
  const own = target.replace(`${prefix}.`, 'own.');
  await stage.sees(`peak ${target}`, await peak(own), async () => peak(target));
}
