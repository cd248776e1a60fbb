/** Clumsy senders at a running tallyd: refused, counted and explained, and the good ones go on. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import type { HealthReport } from '../../src/health/health.ts';
import type { Rejection } from '../../src/rejections/rejections.ts';
import { askConsole } from '../support/ask-console.ts';
import { Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';

async function sendTcp(port: number, data: string | Buffer): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.end(data);
  socket.resume();
  await closed;
}

async function sendUdp(port: number, packets: string[]): Promise<void> {
  const socket = dgram.createSocket('udp4');
  for (const packet of packets) {
    await new Promise<void>((resolve) => socket.send(packet, port, '127.0.0.1', () => resolve()));
  }
  socket.close();
}

async function refusals(server: Server): Promise<Rejection[]> {
  return (await server.json<HealthReport>('/health')).refusals ?? [];
}

async function refusal(server: Server, key: string): Promise<Rejection | undefined> {
  return (await refusals(server)).find(({ what, reason }) => `${what} ${reason}` === key);
}

describe('e2e/refusals', (it) => {
  let server: Server;
  it.before(async () => void (server = await Server.start(['--max-series-per-prefix', '20'])));
  it.after(() => server?.remove());

  it.slow(
    'a bad deploy fills its share of names; /health, /metrics and tallyd.* tell it',
    async () => {
      const bad = Array.from({ length: 60 }, (_, i) => `app.checkout.request${i}:1|c`);
      await sendUdp(server.port('statsd udp'), [bad.join('\n'), 'app.search.hits:5|c']);
      await server.until(
        async () => (await server.sum('stats_counts.app.search.hits')) === 5,
        'hits',
      );
      const seen = await refusal(server, 'series.refused prefix');
      assert.is(seen?.count, 40);
      assert.is(seen?.last?.example, 'app.checkout.request59');
      assert.match(seen?.hint ?? '', /maxSeriesPerPrefix/);
      const { status, reason } = await server.json<HealthReport>('/health');
      assert.is(status, 'degraded');
      assert.match(reason ?? '', /^new names are refused \(40 times, the last "app\.checkout/);
      const page = await (await server.get('/metrics')).text();
      assert.match(page, /^tallyd_series_refused_total\{reason="prefix"\} 40$/m);
      await server.until(
        async () => (await server.sum('maxSeries(tallyd.series.refused.prefix)')) >= 40,
        'the own series',
      );
    },
  );

  it.slow('a flood of carbon names fills its share of the store', async () => {
    const server = await Server.start(['--max-stored-series-per-prefix', '30']);
    try {
      const now = Math.floor(Date.now() / 1000);
      const flood = Array.from({ length: 100 }, (_, i) => `flood.one.id${i} 1 ${now}\n`).join('');
      await sendTcp(server.port('carbon tcp'), `${flood}good.one.x 7 ${now}\n`);
      await server.until(async () => (await server.sum('good.one.x')) === 7, 'the good point');
      const found = await server.json<unknown[]>('/metrics/find?query=flood.one.*');
      assert.is(found.length, 30);
      assert.is((await refusal(server, 'store.refused prefix'))?.last?.example, 'flood.one.id99');
      assert.is((await refusal(server, 'points overLimit'))?.count, 70);
    } finally {
      await server.remove();
    }
  });

  it.slow('connections to a console that has enough are counted', async () => {
    const server = await Server.start();
    try {
      const port = server.port('console');
      const open = Array.from({ length: 64 }, () => net.connect(port, '127.0.0.1'));
      await Promise.all(open.map((socket) => once(socket, 'connect')));
      const closed = once(open[0]!, 'close');
      const over = net.connect(port, '127.0.0.1');
      await closed;
      over.write('health\n');
      const [answer] = (await once(over, 'data')) as [Buffer];
      assert.is(answer.toString(), 'health: up\n');
      const seen = await refusal(server, 'console.refused tooMany');
      assert.is(seen?.count, 1);
      assert.is(seen?.last?.sender, '127.0.0.1');
      assert.match(seen?.hint ?? '', /64 connections/);
      const page = await (await server.get('/metrics')).text();
      assert.match(page, /^tallyd_console_refused_total\{reason="tooMany"\} 1$/m);
      for (const socket of [...open, over]) socket.destroy();
    } finally {
      await server.remove();
    }
  });

  it.slow('protocols on the wrong port are told apart, with where they belong', async () => {
    const pickle = Buffer.from('8002285805000000702e712e725871015d2e', 'hex');
    const length = Buffer.from([0, 0, 0, pickle.length]);
    const [statsd, carbon, pickles] = ['statsd udp', 'carbon tcp', 'pickle tcp'].map((kind) =>
      server.port(kind),
    );
    await sendUdp(statsd!, ['a:5', '{"a":1}', 'a.b 5 1700000000', 'GET / HTTP/1.1\r\n']);
    await sendTcp(carbon!, 'a.b:1|c\n');
    await sendTcp(carbon!, Buffer.concat([length, pickle, Buffer.from('\n')]));
    await sendTcp(pickles!, 'a.b.c 5 1700000000\n');
    const answer = await askConsole(server.port('console'), 'a.b:1|c\n');
    assert.is(
      answer,
      `ERROR: this is a StatsD line; those go to udp port ${statsd}; ` +
        'this is the management console\n',
    );
    const expected: [string, string][] = [
      ['lines.mistaken missingType', '|ms'],
      ['lines.mistaken json', 'name:value|type'],
      ['lines.mistaken carbonLine', `tcp port ${carbon}`],
      ['lines.mistaken http', `port ${server.port('http')}`],
      ['carbon.mistaken statsdLine', `udp port ${statsd}`],
      ['carbon.mistaken pickle', `tcp port ${pickles}`],
      ['pickle.mistaken carbonLine', `tcp port ${carbon}`],
      ['console.mistaken statsdLine', `udp port ${statsd}`],
    ];
    for (const [key, part] of expected) {
      await server.until(async () => (await refusal(server, key)) !== undefined, key);
      const { hint = '' } = (await refusal(server, key))!; // it was there just now
      assert.ok(hint.includes(part), `${key}: ${hint}`);
    }
    await server.until(
      () => server.log.some(({ msg }) => String(msg).includes('(carbonLine, once)')),
      'the log',
    );
  });
});
