import net from 'node:net';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { eventLogOf } from '../../../src/intake/event-log.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { NOW, testServer, type TestServer } from '../../http/client.ts';
import { modelStore } from '../../model/model-store.ts';
import { DEFAULT_LIMITS } from '../../../src/http/limits.ts';
import { openStartupServer } from '../../../src/http/startup-server.ts';
import type { HttpLimits } from '../../../src/config/config.ts';

const NAMES = ['a'];

async function limited(limits: Partial<HttpLimits>): Promise<TestServer & { store: Store }> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const startup = await openStartupServer({ address: '127.0.0.1', port: 0 }, () => 'this', all);
  const store = modelStore({ names: NAMES });
  return { ...(await testServer(store, { limits: all }, 0, startup)), store };
}

/** A connection that sends a text and no more, and what it was told. */
class Half {
  text = '';
  closed = false;
  readonly socket: net.Socket;

  constructor(port: number, sent: string) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1').on('data', (text: string) => (this.text += text));
    this.socket.on('close', () => (this.closed = true)).on('error', () => {});
    this.socket.write(sent);
  }
}

async function many(port: number, count: number, sent: string): Promise<Half[]> {
  const all = Array.from({ length: count }, () => new Half(port, sent));
  await Promise.all(all.map(({ socket }) => new Promise((done) => socket.once('connect', done))));
  return all;
}

async function metric(server: TestServer, name: string): Promise<number> {
  const page = (await server.ask('/metrics')).text;
  const line = page.split('\n').find((one) => one.startsWith(name)) ?? '';
  return Number(line.split(' ').at(-1));
}

const BODY = 'POST /render HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n';

describe('attacks: connections without end', (it) => {
  it('idle and half requests give way, and everything is answered', async () => {
    const server = await limited({ connections: 20 });
    for (const sent of ['', 'GET /ren', `${BODY}target=a`]) {
      const halves = await many(server.port, 60, sent);
      for (const path of ['/health', '/render?target=a&format=json', '/metrics/find?query=*']) {
        assert.is((await server.ask(path)).status, 200, `${path} beside ${sent}`);
      }
      assert.ok(halves.filter(({ closed }) => closed).length >= 40);
      for (const { socket } of halves) socket.destroy();
    }
    assert.ok(
      (await metric(server, 'tallyd_http_connections_refused_total{reason="gaveWay"}')) >= 120,
    );
    await server.close();
  });

  it('answers that are being made do not: others hear why, and /health answers', async () => {
    const release: (() => void)[] = [];
    const store = modelStore({ names: NAMES });
    store.fetch = () => new Promise((resolve) => release.push(() => resolve([undefined])));
    const all = { ...DEFAULT_LIMITS, connections: 8, concurrentRenders: 100 };
    const startup = await openStartupServer({ address: '127.0.0.1', port: 0 }, () => 'this', all);
    const server = await testServer(store, { limits: all }, 0, startup);
    const busy = Array.from({ length: 8 }, (_, i) =>
      server.ask(`/render?target=a&format=json&from=-${i + 1}h`),
    );
    await until(() => release.length === 8);
    const other = await server.ask('/version');
    assert.equal([other.status, other.headers['retry-after']], [503, '2']);
    assert.match(other.text, /^8 connections are open, as many as httpLimits.connections/);
    assert.is((await server.ask('/health')).status, 200);
    for (const one of release) one();
    for (const answer of await Promise.all(busy)) assert.is(answer.status, 200);
    assert.is((await server.ask('/version')).status, 200);
    await server.close();
  });

  it('bodies share a limit; the largest that is still coming gives way', async () => {
    const server = await limited({ heldBodyBytes: 100_000 });
    const halves = await many(server.port, 4, `${BODY}${'x'.repeat(30_000)}`);
    await until(() => halves.some(({ text }) => text.includes('503')));
    const refused = halves.filter(({ text }) => text !== '');
    assert.is(refused.length, 1);
    assert.match(refused[0]!.text, /requests hold 100000 bytes of bodies: try again later\n/);
    const small = await server.ask('/render', { body: 'target=a&format=json' });
    assert.is(small.status, 200);
    assert.is(await metric(server, 'tallyd_http_bodies_refused_total'), 1);
    for (const { socket } of halves) socket.destroy();
    await until(async () => (await metric(server, 'tallyd_http_body_bytes')) === 0);
    await server.close();
  });

  it('answers that nobody reads end', async () => {
    const server = await limited({ receiveMs: 300 });
    const log = eventLogOf(server.store);
    for (let i = 0; i < 70; i++) await log.add({ what: `${i}`, data: 'x'.repeat(60_000) }, NOW);
    const asked = 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20);
    const half = new Half(server.port, asked);
    half.socket.pause();
    const name = 'tallyd_http_connections_refused_total{reason="notRead"}';
    await until(async () => (await metric(server, name)) === 1);
    half.socket.destroy();
    await server.close();
  });

  it('heads and bodies have a time', async () => {
    const server = await limited({ receiveMs: 100 });
    const halves = [
      ...(await many(server.port, 1, 'GET /ren')),
      ...(await many(server.port, 1, `${BODY}target=a`)),
    ];
    await until(() => halves.every(({ closed }) => closed));
    assert.match(halves[0]!.text, /^HTTP\/1.1 408 [^]*did not come in time\n$/);
    await server.close();
  });
});
