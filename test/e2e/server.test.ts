/** The whole program as its user runs it: from datagram to render, stopped, killed, misused. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { runHere } from '../cli/run-here.ts';
import { askConsole } from '../support/ask-console.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

async function sendUdp(port: number, ...packets: string[]): Promise<void> {
  const socket = dgram.createSocket('udp4');
  for (const packet of packets) {
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  }
  socket.close();
}

const FREE_PORTS = ['--address', '127.0.0.1', '--port', '0', '--mgmt-port', '0'].concat([
  '--http-port',
  '0',
  '--carbon-port',
  '0',
  '--carbon-pickle-port',
  '0',
]);

describe('e2e/server', (it) => {
  it('takes a datagram all the way to /render, /metrics/find and /health', async () => {
    const server = await Server.start();
    let next: Server | undefined;
    try {
      await sendUdp(server.port('statsd udp'), 'api.hits:3|c\napi.time:12|ms\n', 'api.load:0.5|g');
      await server.until(async () => (await server.sum('stats_counts.api.hits')) === 3, 'counter');
      // A datagram of its own: a flush may have come between.
      await server.until(async () => {
        const gauge = await server.render('stats.gauges.api.load');
        return gauge.get('stats.gauges.api.load')?.at(-1)?.value === 0.5;
      }, 'gauge');
      const upper = await server.render('aliasByNode(stats.timers.api.time.upper_90, 2, 4)');
      assert.equal([...upper.keys()], ['api.upper_90']);
      const found = await server.json<{ text: string }[]>('/metrics/find?query=stats.timers.api.*');
      assert.equal(
        found.map(({ text }) => text),
        ['time'],
      );
      await server.until(async () => {
        const health = await server.json<{ status: string }>('/health');
        return health.status === 'ok';
      }, 'ok');
      await server.until(async () => (await server.sum('tallyd.*.*')) > 0, 'own numbers');
      // In short what the next two are about: killed, what was stored and gauges stay; ended, all.
      await server.signal('SIGKILL');
      const aligned = ['--flush-interval', '3600000', '--flush-align', 'false'];
      next = await Server.start(aligned, server.dataDir);
      assert.is(await next.sum('stats_counts.api.hits'), 3);
      await sendUdp(next.port('statsd udp'), 'api.load:+3|g', 'last.words:41|c');
      const port = next.port('console');
      const counters = (): Promise<string> => askConsole(port, 'counters\n');
      await next.until(async () => (await counters()).includes("'last.words': 41"), 'counted');
      await next.signal('SIGTERM');
      assert.equal(next.exit, { code: 0, signal: null });
      const names = ['stats_counts.last.words', 'stats.gauges.api.load'];
      // A flush is stamped with the nearest second, as StatsD's: the last may be half of one ahead,
      // and nothing after `now` is read.
      const range = ['--from', '-10min', '--until', '+1s', '--now', '+1s'];
      const flags = [...range, '--json', '--drop', 'nulls', '--data-dir', server.dataDir];
      const stored = (await runHere(['series', 'fetch', ...names, ...flags])).stdout;
      const lasts = stored
        .trim()
        .split('\n')
        .map((line) => {
          return (JSON.parse(line) as { points: [number, number][] }).points.at(-1)?.[1];
        });
      assert.equal(lasts, [41, 3.5]);
    } finally {
      await next?.signal('SIGKILL');
      await server.remove();
    }
  });

  it.slow('delivers what is in flight on SIGTERM and exits 0', async () => {
    // Aligned, the flush at the end could be stamped ahead, and be seen later than now.
    const server = await Server.start(['--flush-interval', '3600000', '--flush-align', 'false']);
    try {
      await sendUdp(server.port('statsd udp'), 'last.words:41|c', 'last.words:1|c');
      const port = server.port('console');
      await server.until(
        async () => (await askConsole(port, 'counters\n')).includes("'last.words': 42"),
        'both counted',
      );
      await server.signal('SIGTERM');
      assert.equal(server.exit, { code: 0, signal: null });
      const again = await Server.start([], server.dataDir);
      try {
        // Stamped with a rounded second, the last flush may be ahead of now for half of one.
        await again.until(async () => (await again.sum('stats_counts.last.words')) === 42, 'both');
      } finally {
        await again.remove();
      }
    } finally {
      await server.remove();
    }
  });

  it.slow('keeps gauges over kill -9, and every flush that /health called durable', async () => {
    const first = await Server.start();
    let second: Server | undefined;
    try {
      await sendUdp(first.port('statsd udp'), 'tank.level:7|g', 'tank.fills:5|c');
      await first.until(async () => (await first.sum('stats_counts.tank.fills')) === 5, 'stored');
      await first.signal('SIGKILL');
      second = await Server.start([], first.dataDir);
      assert.is(await second.sum('stats_counts.tank.fills'), 5);
      await sendUdp(second.port('statsd udp'), 'tank.level:+3|g');
      const server = second;
      await server.until(async () => {
        const points = (await server.render('stats.gauges.tank.level')).values().next().value;
        return points?.at(-1)?.value === 10;
      }, 'the gauge goes on from 7');
    } finally {
      await first.remove();
      await second?.remove();
    }
  });

  // These three are told by a process of their own in test/cli/, too.
  it.slow('refuses a data folder that another tallyd uses, with one sentence', async () => {
    const first = await Server.start();
    try {
      const second = Server.spawn(FREE_PORTS, first.dataDir);
      await second.waitForExit();
      assert.is(second.exit?.code, 1);
      assert.match(second.stderr, /data folder .* is in use by another tallyd/);
      assert.not.match(second.stderr, /\n\s+at /);
    } finally {
      await first.remove();
    }
  });

  it.slow('refuses a taken port with one sentence', async () => {
    const taken = dgram.createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const server = Server.spawn([...FREE_PORTS, '--port', String(taken.address().port)]);
    try {
      await server.waitForExit();
      assert.is(server.exit?.code, 2);
      assert.match(server.stderr, /port \d+ on 127\.0\.0\.1 is taken/);
      assert.not.match(server.stderr, /\n\s+at /);
    } finally {
      await server.remove();
      taken.close();
    }
  });

  it.slow('refuses a wrong configuration with the place', async () => {
    const server = Server.spawn([...FREE_PORTS, '--flush-interval', '-5']);
    try {
      await server.waitForExit();
      assert.is(server.exit?.code, 2);
      assert.match(server.stderr, /flush-interval/);
      assert.not.match(server.stderr, /\n\s+at /);
    } finally {
      await server.remove();
    }
  });
});
