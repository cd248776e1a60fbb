/** TCP and unix stream sockets: framing into packets, the bounds, and stopping without loss. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Rejection } from '../../../src/rejections/rejections.ts';
import { UserError } from '../../../src/lib/errors.ts';
import {
  openStreams,
  STREAM_LIMITS,
  type StreamListener,
  type StreamOptions,
} from '../../../src/ingest/receive/streams.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';

interface Opened {
  listener: StreamListener;
  packets: string[];
}

async function open(wish: Partial<StreamOptions> = {}): Promise<Opened> {
  const packets: string[] = [];
  const listener = await openStreams(
    {
      address: '127.0.0.1',
      port: 0,
      socketPath: undefined,
      socketMode: undefined,
      framing: 'lines',
      expects: 'statsd',
      keepTail: true,
      limits: STREAM_LIMITS,
      kind: { rival: 'another StatsD or tallyd', flag: '--port' },
      ...wish,
    },
    (bytes, from, to) => packets.push(Buffer.from(bytes.subarray(from, to)).toString()),
  );
  return { listener, packets };
}

function refused(listener: StreamListener, reason: string): Rejection | undefined {
  return listener.rejections().find((one) => one.reason === reason && one.count > 0);
}

async function dial(listener: StreamListener): Promise<Socket> {
  const socket =
    listener.port === 0 ? connect(listener.address) : connect(listener.port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('streams: framing', (it) => {
  it('makes a packet of everything up to the last newline of a read', async () => {
    const { listener, packets } = await open();
    const socket = await dial(listener);
    socket.write('a:1|c\nb:2|');
    await until(() => packets.length === 1);
    socket.write('c\n\nc:3|c\n');
    await until(() => packets.length === 2);
    socket.write('d');
    socket.write(':4|c');
    socket.write('\n');
    await until(() => packets.join('').endsWith('d:4|c\n'));
    assert.equal(packets.slice(0, 2), ['a:1|c\n', 'b:2|c\n\nc:3|c\n']);
    assert.is(packets.join(''), 'a:1|c\nb:2|c\n\nc:3|c\nd:4|c\n');
    assert.is(listener.health.packets, packets.length);
    socket.destroy();
    await listener.stop();
  });

  it('keeps connections apart', async () => {
    const { listener, packets } = await open();
    const [one, two] = [await dial(listener), await dial(listener)];
    one.write('one:1');
    two.write('two:2');
    await until(() => listener.health.accepted === 2);
    one.write('|c\n');
    await until(() => packets.length === 1);
    two.write('|c\n');
    await until(() => packets.length === 2);
    assert.equal(packets, ['one:1|c\n', 'two:2|c\n']);
    await listener.stop();
  });

  it('takes an unterminated tail at close as a line, where the dialect does', async () => {
    const { listener, packets } = await open({ keepTail: true });
    (await dial(listener)).end('a:1|c\nb:2|c');
    await until(() => packets.length === 2);
    assert.equal(packets, ['a:1|c\n', 'b:2|c']);
    await until(() => listener.health.connections === 0);
    await listener.stop();
  });

  it('drops an unterminated tail at close under dialect statsd, and counts it', async () => {
    const { listener, packets } = await open({ keepTail: false });
    (await dial(listener)).end('a:1|c\nb:2|c');
    await until(() => listener.health.accepted === 1 && listener.health.connections === 0);
    assert.equal(packets, ['a:1|c\n']);
    assert.is(countOf(listener.rejections(), 'connections.refused lineCutOff'), 1);
    await listener.stop();
  });

  it('drops the tail of a connection that was reset: it may be half a line', async () => {
    const { listener, packets } = await open({ keepTail: true });
    const socket = await dial(listener);
    socket.write('a:1|c\nb:2');
    await until(() => packets.length === 1);
    socket.resetAndDestroy();
    await until(() => listener.health.connections === 0);
    assert.equal(packets, ['a:1|c\n']);
    assert.is(countOf(listener.rejections(), 'connections.refused lineCutOff'), 1);
    await listener.stop();
  });

  it('closes its side when a peer half-closes', async () => {
    const { listener, packets } = await open();
    const socket = await dial(listener);
    const closed = once(socket, 'close');
    socket.end('a:1|c\n');
    socket.resume();
    await closed;
    assert.equal(packets, ['a:1|c\n']);
    await until(() => listener.health.connections === 0);
    await listener.stop();
  });

  it('passes a megabyte through unchanged', async () => {
    const { listener, packets } = await open();
    const lines = Array.from({ length: 40_000 }, (_, i) => `app.server${i}.x:${i}|c\n`).join('');
    const socket = await dial(listener);
    socket.end(lines);
    await until(() => listener.health.accepted === 1 && listener.health.connections === 0);
    assert.is(packets.join(''), lines);
    assert.ok(packets.length < 1000);
    await listener.stop();
  });
});

describe('streams: bounds', (it) => {
  it('closes a connection whose line grows past the limit', async () => {
    const { listener, packets } = await open({ limits: { ...STREAM_LIMITS, tailBytes: 1000 } });
    const socket = await dial(listener);
    const closed = once(socket, 'close');
    socket.write('a:1|c\n' + 'x'.repeat(5000));
    await closed;
    assert.equal(packets, ['a:1|c\n']);
    assert.is(countOf(listener.rejections(), 'connections.refused lineTooLong'), 1);
    await listener.stop();
  });

  it('refuses connections over the limit and lets others in once there is room', async () => {
    const { listener, packets } = await open({ limits: { ...STREAM_LIMITS, connections: 2 } });
    const first = await dial(listener);
    await dial(listener);
    const third = await dial(listener);
    await once(third, 'close');
    assert.is(countOf(listener.rejections(), 'connections.refused tooMany'), 1);
    assert.is(listener.health.connections, 2);
    first.destroy();
    await until(() => listener.health.connections === 1);
    (await dial(listener)).write('late:1|c\n');
    await until(() => packets.length === 1);
    await listener.stop();
  });

  it('refuses connections over the limit of one address, not those of a unix socket', async () => {
    const limits = { ...STREAM_LIMITS, connectionsPerSource: 2 };
    const { listener, packets } = await open({ limits });
    const first = await dial(listener);
    await dial(listener);
    const third = await dial(listener);
    await once(third, 'close');
    const refusal = refused(listener, 'tooManyFromSource');
    assert.is(refusal?.count, 1);
    assert.match(refusal?.last?.example ?? '', /^127\.0\.0\.1 port \d+$/);
    assert.is(refusal?.last?.sender, '127.0.0.1');
    first.destroy();
    await until(() => listener.health.connections === 1);
    (await dial(listener)).write('late:1|c\n');
    await until(() => packets.length === 1);
    await listener.stop();
    const folder = mkdtempSync(join(tmpdir(), 'tallyd-streams-'));
    const local = await open({ limits, socketPath: join(folder, 's.sock') });
    for (let i = 0; i < 5; i++) await dial(local.listener);
    await until(() => local.listener.health.connections === 5);
    await local.listener.stop();
    rmSync(folder, { recursive: true });
  });

  it('keeps the last example of what it refused, by reason', async () => {
    const limits = { ...STREAM_LIMITS, connections: 1, tailBytes: 100, idleMs: 50 };
    const { listener } = await open({ limits, keepTail: false });
    const long = await dial(listener);
    const closed = once(long, 'close');
    long.write(`GET / HTTP/1.1 ${'x'.repeat(300)}`);
    await closed;
    assert.match(refused(listener, 'lineTooLong')?.last?.example ?? '', /^GET \/ HTTP.*x$/);
    assert.is(refused(listener, 'http')?.what, 'lines.mistaken');
    await until(() => listener.health.connections === 0);
    (await dial(listener)).end('half:1');
    await until(() => countOf(listener.rejections(), 'connections.refused lineCutOff') === 1);
    assert.is(refused(listener, 'lineCutOff')?.last?.example, 'half:1');
    assert.is(refused(listener, 'lineCutOff')?.last?.sender, '127.0.0.1');
    await until(() => listener.health.connections === 0);
    const idle = await dial(listener);
    const over = await dial(listener);
    await once(over, 'close');
    assert.match(refused(listener, 'tooMany')?.last?.example ?? '', /^127\.0\.0\.1 port \d+$/);
    await once(idle, 'close');
    await until(() => refused(listener, 'idle') !== undefined);
    await listener.stop();
  });

  it('closes idle connections', async () => {
    const { listener } = await open({ limits: { ...STREAM_LIMITS, idleMs: 30 } });
    const socket = await dial(listener);
    await once(socket, 'close');
    await until(() => countOf(listener.rejections(), 'connections.refused idle') === 1);
    await listener.stop();
  });

  it('holds senders back while paused and loses nothing', async () => {
    const { listener, packets } = await open();
    const socket = await dial(listener);
    await until(() => listener.health.connections === 1);
    listener.pause();
    socket.write('a:1|c\n');
    const other = await dial(listener);
    other.write('b:1|c\n');
    await until(() => listener.health.connections === 2);
    assert.equal(packets, []);
    listener.resume();
    await until(() => packets.length === 2);
    await listener.stop();
  });

  it('stop takes in what was sent before, tails too', async () => {
    const { listener, packets } = await open();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => dial(listener)));
    for (const socket of sockets) socket.write('a:1|c\n'.repeat(500) + 'b:1|c');
    await listener.stop();
    assert.is(packets.join('\n').split('a:1|c').length - 1, 20 * 500);
    assert.is(packets.join('\n').split('b:1|c').length - 1, 20);
    assert.is(listener.health.connections, 0);
  });
});

describe('streams: unix sockets', (it) => {
  const folder = mkdtempSync(join(tmpdir(), 'tallyd-streams-'));
  it.after(() => rmSync(folder, { recursive: true }));

  it('listens on a path, with the mode asked for, and unlinks it', async () => {
    const socketPath = join(folder, 'statsd.sock');
    const { listener, packets } = await open({ socketPath, socketMode: 0o640 });
    assert.is(statSync(socketPath).mode & 0o777, 0o640);
    assert.is(listener.address, socketPath);
    assert.is(listener.port, 0);
    (await dial(listener)).write('a:1|c\n');
    await until(() => packets.length === 1);
    await listener.stop();
    assert.not(existsSync(socketPath));
  });

  it('takes over the path that a killed process left', async () => {
    const socketPath = join(folder, 'left.sock');
    const killed = spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    assert.is(killed.signal, 'SIGKILL');
    assert.ok(existsSync(socketPath));
    const { listener, packets } = await open({ socketPath });
    (await dial(listener)).write('a:1|c\n');
    await until(() => packets.length === 1);
    await listener.stop();
  });

  it('leaves the path of a living server and a plain file alone', async () => {
    const socketPath = join(folder, 'living.sock');
    const { listener } = await open({ socketPath });
    await rejects({ socketPath }, 'portTaken', `unix socket ${socketPath} is taken (EADDRINUSE)`);
    await listener.stop();
    const file = join(folder, 'file');
    writeFileSync(file, 'precious');
    await rejects({ socketPath: file }, 'badConfig', 'a file at its path, which is no socket');
    assert.is(statSync(file).size, 8);
  });

  it('says in a sentence that a TCP port is taken', async () => {
    const { listener } = await open();
    const { port } = listener;
    await rejects({ port }, 'portTaken', `TCP port ${port} on 127.0.0.1 is taken (EADDRINUSE)`);
    await listener.stop();
  });
});

async function rejects(wish: Partial<StreamOptions>, code: string, part: string): Promise<void> {
  let error: unknown;
  try {
    await (await open(wish)).listener.stop();
  } catch (caught) {
    error = caught;
  }
  assert.instance(error, UserError);
  assert.is((error as UserError).code, code);
  assert.match((error as UserError).message, part);
}
