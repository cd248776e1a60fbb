/** A dialect for each listener, and DogStatsD's timestamps, from the socket to /render. */
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Rejection } from '../../src/rejections/rejections.ts';
import { NATIVE, NO_NATIVE } from '../support/native.ts';
import { sendUnix } from '../support/send-unix.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

async function sendUdp(port: number, packet: string): Promise<void> {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve, reject) =>
    socket.send(packet, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
  );
  socket.close();
}

async function sendStream(where: number | string, text: string): Promise<void> {
  const socket = net.connect(typeof where === 'number' ? { port: where } : { path: where });
  socket.end(text);
  await new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject));
}

/** Starts with a file that lists these listeners; the ports of the UDP ones come in its order. */
async function withServers(
  servers: Record<string, unknown>[],
  body: (server: Server, udpPorts: number[]) => Promise<void>,
  rest: Record<string, unknown> = {},
): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-dialects-'));
  const file = path.join(folder, 'tallyd.json5');
  fs.writeFileSync(file, JSON.stringify({ servers, ...rest }));
  const server = await Server.start(['--config', file]);
  try {
    const udp = server.addresses!.filter((text) => text.startsWith('statsd udp'));
    await body(
      server,
      udp.map((text) => Number(text.slice(text.lastIndexOf(':') + 1))),
    );
  } finally {
    await server.remove();
    fs.rmSync(folder, { recursive: true });
  }
}

const LOOPBACK = { address: '127.0.0.1', port: 0 };

describe('e2e/dialects', (it) => {
  it.slow('each listener reads in its own', async () => {
    const socket = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-socket-')), 's.sock');
    const servers: Record<string, unknown>[] = [
      { server: './servers/udp', ...LOOPBACK },
      { server: './servers/udp', ...LOOPBACK, dialect: 'dogstatsd' },
      { server: './servers/udp', ...LOOPBACK, dialect: 'statsd' },
      { server: './servers/tcp', ...LOOPBACK, dialect: 'statsd' },
      { server: './servers/tcp', socket, dialect: 'dogstatsd' },
    ];
    const datagramSocket = path.join(path.dirname(socket), 'd.sock');
    if (NATIVE !== undefined) {
      servers.push({ server: './servers/udp', datagramSocket, dialect: 'dogstatsd' });
    } else console.log(`no unix datagrams: ${NO_NATIVE}`);
    await withServers(servers, async (server, [extended, dogstatsd, statsd]) => {
      const tcp = server.port('statsd tcp');
      // What `+5`, `d` and packed values are to each.
      const wanted: Record<string, [gauge: number, packed: number, d: string]> = {
        extended: [15, 3, 'stats.timers.extended.d.upper'],
        dogstatsd: [5, 3, 'stats.timers.dogstatsd.d.upper'],
        statsd: [15, 2, 'stats_counts.statsd.d'],
        tcp: [15, 2, 'stats_counts.tcp.d'],
        unix: [5, 3, 'stats.timers.unix.d.upper'],
      };
      // To each the same lines under names of its own.
      const lines = (name: string): string =>
        `${name}.g:10|g\n${name}.g:+5|g\n${name}.d:3|d\n${name}.p:1:2|c\n`;
      await sendUdp(extended!, lines('extended'));
      await sendUdp(dogstatsd!, lines('dogstatsd'));
      await sendUdp(statsd!, lines('statsd'));
      await sendStream(tcp, lines('tcp'));
      await sendStream(socket, lines('unix'));
      if (NATIVE !== undefined) {
        await sendUnix(datagramSocket, lines('unixgram'));
        wanted['unixgram'] = [5, 3, 'stats.timers.unixgram.d.upper'];
      }
      const last = async (name: string): Promise<number | null | undefined> =>
        (await server.render(name)).get(name)?.at(-1)?.value;
      for (const [name, [gauge, packed, d]] of Object.entries(wanted)) {
        await server.until(async () => (await last(`stats.gauges.${name}.g`)) === gauge, name);
        await server.until(
          async () => (await server.sum(`stats_counts.${name}.p`)) === packed,
          `${name}.p`,
        );
        assert.is((await server.render(d)).size, 1, d);
      }
      await server.signal('SIGTERM');
      assert.equal(server.exit, { code: 0, signal: null });
      assert.equal(fs.readdirSync(path.dirname(socket)), [], 'sockets are gone');
    });
    fs.rmSync(path.dirname(socket), { recursive: true });
  });

  it.slow('timestamps: values go into the slots of their times', async () => {
    const server = await Server.start(['--graphite-legacy-namespace', 'false']);
    try {
      const port = server.port('statsd udp');
      const now = Math.floor(Date.now() / 1000);
      const slot = now - (now % 60) - 300;
      await sendUdp(
        port,
        `jobs:4|c|T${slot}\njobs:6|c|T${slot}|#x:y\njobs:1|c\nroom:19.5|g|T${slot}\n` +
          `jobs:3|c|@0.5|T${slot}\nroom:20.5|g|T${slot + 60}`,
      );
      await sendUdp(port, `jobs:2|c|T${slot}\nold:1|c|T1000000000\nfar:1|c|T${now + 3600}`);
      const count = 'stats.counters.jobs.count';
      const at = async (name: string, time: number): Promise<number | null | undefined> => {
        const points = (await server.render(name, '-30min')).get(name);
        return points?.find((point) => point.time === time)?.value;
      };
      await server.until(async () => (await at(count, slot)) === 12, 'all lines of the slot');
      await sendUdp(port, `jobs:100|c|T${slot}\nroom:18|g|T${slot}`);
      await server.until(async () => (await at(count, slot)) === 112, 'what came later added');
      assert.is(await at('stats.gauges.room', slot), 18, 'the last gauge');
      assert.is(await at('stats.gauges.room', slot + 60), 20.5);
      await server.until(async () => (await server.sum(count)) === 113, 'the flush of now');
      const metrics = await (await server.get('/metrics')).text();
      assert.match(metrics, /^tallyd_timed_refused_total\{reason="tooOld"\} 2$/m);
      assert.match(metrics, /^tallyd_lines_bad_total\{reason="inFuture"\} 1$/m);
      const { refusals } = await server.json<{ refusals: Rejection[] }>('/health');
      const told = refusals.map(({ what, reason, count }) => `${what} ${reason} ${count}`);
      assert.equal(told.sort(), ['lines.bad inFuture 1', 'timed.refused tooOld 2']);
      for (const { hint } of refusals) assert.match(String(hint), /timestamp \|T/);
      const all = await server.json<string[]>('/metrics/index.json');
      assert.not.ok(all.some((name) => /\.(old|far)(\.|$)/.test(name)));
      assert.not.ok(
        (await server.render('stats.gauges.room', '-2min')).get('stats.gauges.room')?.length,
      );
    } finally {
      await server.remove();
    }
  });
});
