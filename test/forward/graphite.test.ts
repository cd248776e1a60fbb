import net from 'node:net';
import { once } from 'node:events';
import type { NamespaceConfig } from '../../src/config/config.ts';
import { GraphiteBackend } from '../../src/forward/graphite.ts';
import { OrderedSender } from '../../src/forward/ordered-sender.ts';
import { SeriesNames } from '../../src/wire/series-names.ts';
import type { FlushBatch } from '../../src/wire/sample-batch.ts';
import { frameOf } from '../support/frame.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const LEGACY: NamespaceConfig = {
  legacy: true,
  globalPrefix: 'stats',
  prefixCounter: 'counters',
  prefixTimer: 'timers',
  prefixGauge: 'gauges',
  prefixSet: 'sets',
  globalSuffix: undefined,
  prefixStats: 'statsd',
};

/** A carbon server of a few lines: keeps what it read, can be closed and opened on its port. */
class Peer {
  text = '';
  connections = 0;
  port = 0;
  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();

  async open(): Promise<void> {
    this.server = net.createServer((socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('data', (data) => (this.text += data.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server!, 'close');
    this.server!.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

function backendTo(peer: Peer, protocol: 'text' | 'pickle', namespace = LEGACY) {
  const names = new SeriesNames();
  const backend = new GraphiteBackend(
    { host: '127.0.0.1', port: peer.port, protocol, queueBytes: 0 },
    namespace,
    names,
    { nowSeconds: 1000, onError: () => {} },
  );
  const flush = async (frame: FlushBatch) => {
    names.learn(frame.series);
    await backend.flush(frame);
  };
  return { backend, flush };
}

describe('forward/graphite', (it) => {
  it('sends a flush as lines, then the lines about itself', async () => {
    const peer = new Peer();
    await peer.open();
    const { backend, flush } = backendTo(peer, 'text');
    await flush(frameOf(1010, { 'stats.a': 2.5, 'stats_counts.a': -0, x: 1e21 }));
    await backend.stop(5000);
    await peer.close();
    const lines = peer.text.split('\n');
    assert.equal(lines.slice(0, 4), [
      'stats.a 2.5 1010',
      'stats_counts.a 0 1010',
      'x 1e+21 1010',
      'statsd.numStats 3 1010',
    ]);
    assert.match(lines[4]!, /^stats\.statsd\.graphiteStats\.calculationtime \d+ 1010$/);
    assert.match(lines[7]!, /^stats\.statsd\.graphiteStats\.last_flush 1000 1010$/);
    assert.is(lines.length, 11);
  });

  it('names its own lines by the namespace, suffix last', async () => {
    const peer = new Peer();
    await peer.open();
    const namespace = { ...LEGACY, legacy: false as const, globalPrefix: 'g.h', globalSuffix: 's' };
    const { backend, flush } = backendTo(peer, 'text', namespace);
    await flush(frameOf(1010, { a: 1 }));
    await backend.stop(5000);
    await peer.close();
    assert.match(peer.text, /\ng\.h\.statsd\.numStats\.s 1 1010\n/);
    assert.match(peer.text, /\ng\.h\.statsd\.graphiteStats\.flush_length\.s 0 1010\n/);
  });

  it('sends a protocol-0 pickle with its length before it', async () => {
    const peer = new Peer();
    await peer.open();
    const { backend, flush } = backendTo(peer, 'pickle');
    await flush(frameOf(1010, { "it's": 2 }));
    await backend.stop(5000);
    await peer.close();
    const bytes = Buffer.from(peer.text, 'latin1');
    assert.is(bytes.readUInt32BE(0), bytes.length - 4);
    assert.match(peer.text.slice(4), /^\(l\(S'it\\'s'\n\(L1010L\nS'2'\ntta/);
    assert.is(peer.text.at(-1), '.');
  });

  it('keeps one connection, and keeps flushes in order while Graphite is away', async () => {
    const peer = new Peer();
    await peer.open();
    const { backend, flush } = backendTo(peer, 'text');
    await flush(frameOf(1010, { a: 1 }));
    await until(() => backend.stats().sentPayloads === 1 && peer.text !== '', 'first flush');
    await peer.close();
    await until(() => backend.stats().queuedPayloads === 0, 'queue');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await flush(frameOf(1020, { a: 2 }));
    await flush(frameOf(1030, { a: 3 }));
    await until(() => backend.stats().lastError !== '', 'a refused connection');
    assert.ok(backend.stats().queuedPayloads >= 2, 'they wait');
    await peer.open();
    await until(() => backend.stats().queuedPayloads === 0, 'all three sent');
    await backend.stop(5000);
    await peer.close();
    const times = [...peer.text.matchAll(/^a \d (\d+)$/gm)].map((match) => match[1]);
    // The first one may have crossed the peer's end, for all that the sender knows.
    assert.equal([...new Set(times)], ['1010', '1020', '1030']);
    assert.ok(times.length <= 4, times.join());
    assert.is(peer.connections, 2);
  });

  it('drops and counts the oldest when its queue is full', async () => {
    const sender = new OrderedSender({
      host: '127.0.0.1',
      port: 1,
      peer: 'Graphite',
      unit: ['flush', 'flushes'],
      isHarmlessTwice: true,
      queueBytesMax: 25,
      onError: () => {},
    });
    for (let i = 0; i < 4; i++) sender.push(new Uint8Array(10));
    assert.is(sender.health().queuedPayloads, 2);
    assert.is(sender.health().droppedPayloads, 2);
    assert.is(sender.health().queuedBytes, 20);
    await sender.stop(10);
  });

  it('refuses to write a series whose name it never heard', () => {
    assert.throws(() => new SeriesNames().name(7), /series 7 has no name/);
  });
});
