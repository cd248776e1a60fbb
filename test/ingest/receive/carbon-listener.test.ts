/** Carbon's port when the main thread is late: TCP waits and loses nothing, UDP counts its losses. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { openCarbon, type CarbonListener } from '../../../src/ingest/receive/carbon-listener.ts';
import { POINT_QUEUE_LIMITS } from '../../../src/ingest/receive/point-queue.ts';
import { UserError } from '../../../src/lib/errors.ts';
import type { SampleBatch } from '../../../src/wire/sample-batch.ts';
import { copyOf, namedPoints } from '../../support/points.ts';
import { countOf } from '../../support/count-of.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { sendDatagrams } from './senders.ts';

async function open(
  batches: SampleBatch[],
  wish: { port?: number; pickle?: boolean } = {},
): Promise<CarbonListener> {
  return openCarbon({
    plaintext: { address: '127.0.0.1', port: wish.port ?? 0 },
    pickle: wish.pickle === true ? { address: '127.0.0.1', port: 0 } : undefined,
    receiveBufferBytes: 4 * 1024 * 1024,
    receiver: 'drain',
    nameBytesMax: 100,
    connections: { max: 100, maxPerSource: 100 },
    hashSeed: 7,
    nowMs: () => 1_700_000_000_900,
    onBatch: (batch) => batches.push(copyOf(batch)),
    onFault: (error) => assert.unreachable(error.message),
  });
}

function message(pickle: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(pickle.length);
  return Buffer.concat([head, Buffer.from(pickle)]);
}

function entry(name: string, time: string, value: string): string {
  return `(S'${name}'\n(L${time}L\nS'${value}'\ntta`;
}

const LINES = 400_000;
const { batchPoints, batchesInFlight } = POINT_QUEUE_LIMITS;

describe('carbon listener', (it) => {
  it('holds TCP senders back while batches wait, and then takes everything in order', async () => {
    const batches: SampleBatch[] = [];
    const carbon = await open(batches);
    const socket = connect(carbon.tcp!.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(Array.from({ length: LINES }, (_, i) => `a ${i} N\n`).join(''));
    await until(() => batches.length === batchesInFlight);
    const halted = carbon.health().points;
    // Whole turns of the event loop bring nothing more: the sender is stuck.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(
      carbon.health().points < halted + batchPoints + 20_000,
      `${carbon.health().points} points`,
    );
    assert.is(batches.length, batchesInFlight);
    let acknowledged = 0;
    await until(() => {
      while (acknowledged < batches.length) {
        carbon.acknowledge(batches[acknowledged]!.slot!);
        acknowledged += 1;
      }
      return carbon.health().points === LINES;
    });
    await carbon.stop();
    const values = batches.flatMap((batch) => [...batch.values]);
    assert.is(values.length, LINES);
    assert.ok(values.every((value, i) => value === i));
    assert.is(namedPoints(batches.slice(0, 1)).times[0], 1_700_000_000);
    assert.is(carbon.health().dropped, 0);
  });

  it('drops and counts UDP points while batches wait', async () => {
    const batches: SampleBatch[] = [];
    const carbon = await open(batches);
    const packet = Buffer.from('a 1 N\n'.repeat(8000));
    // A few at a time, which the smallest receive buffer holds.
    for (let sent = 10; sent <= 50; sent += 10) {
      await sendDatagrams(
        Array.from({ length: 10 }, () => packet),
        carbon.udp!.port,
      );
      await until(() => carbon.udp!.datagrams === sent);
    }
    const { points, dropped } = carbon.health();
    assert.is(points + dropped, 400_000);
    assert.ok(dropped > 0);
    assert.is(batches.length, batchesInFlight);
    await carbon.stop();
    assert.is(namedPoints(batches).names.length, points);
  });

  it('reads the last line of a datagram without newline, not that of a connection', async () => {
    const batches: SampleBatch[] = [];
    const carbon = await open(batches);
    await sendDatagrams([Buffer.from('udp 1 N')], carbon.udp!.port);
    const socket = connect(carbon.tcp!.port, '127.0.0.1');
    socket.end('tcp 1 N\nhalf 1 15');
    await once(socket, 'close');
    await until(() => carbon.health().points === 2);
    await carbon.stop();
    assert.equal(namedPoints(batches).names.sort(), ['tcp', 'udp']);
    assert.is(countOf(carbon.tcp!.rejections(), 'connections.refused lineCutOff'), 1);
  });

  it('takes pickles by their lengths, however they are cut, under the same rules', async () => {
    const batches: SampleBatch[] = [];
    const carbon = await open(batches, { pickle: true });
    const bytes = Buffer.concat([
      message(`(l${entry('a', '1700000000', '1')}${entry('b', '-1', '2.5')}.`),
      message(`(l${entry('c', '1700000000', 'nan')}${entry('d'.repeat(101), '1', '1')}.`),
      message(`(l${entry('e', '1700000001', '5')}.`),
      message('(l.').subarray(0, 5),
    ]);
    const socket = connect(carbon.pickle!.port, '127.0.0.1');
    socket.setNoDelay(true);
    await once(socket, 'connect');
    for (let at = 0; at < bytes.length; at += 7) {
      socket.write(bytes.subarray(at, at + 7));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    await until(() => countOf(carbon.pickle!.rejections(), 'connections.refused lineCutOff') === 1);
    assert.is(carbon.pickle!.health.packets, 3);
    await carbon.stop();
    const { names, times, values: numbers } = namedPoints(batches);
    const points = names.map((name, i) => `${name}=${numbers[i]}@${times[i]}`);
    assert.equal(points, ['a=1@1700000000', 'b=2.5@1700000000', 'e=5@1700000001']);
    const refusals = carbon.rejections();
    assert.is(countOf(refusals, 'carbon.refused notFinite'), 1);
    assert.is(countOf(refusals, 'carbon.refused nameTooLong'), 1);
    assert.is(countOf(refusals, 'carbon.refused badPickle'), 0);
  });

  it('goes on behind a pickle of anything but points', async () => {
    const batches: SampleBatch[] = [];
    const carbon = await open(batches, { pickle: true });
    const good = message(`(l${entry('after', '1700000001', '5')}.`);
    const socket = connect(carbon.pickle!.port, '127.0.0.1');
    const before = message(`(l${entry('before', '1700000001', '5')}.`);
    socket.write(Buffer.concat([before, message('cos\nsystem\n.'), good]));
    await until(() => carbon.pickle!.health.packets === 3);
    socket.end(message(`(l${entry('later', '1700000001', '5')}.`));
    await once(socket, 'close');
    await carbon.stop();
    assert.equal(namedPoints(batches).names, ['before', 'after', 'later']);
    assert.is(countOf(carbon.rejections(), 'carbon.refused badPickle'), 1);
    assert.is(countOf(carbon.pickle!.rejections(), 'connections.refused lineTooLong'), 0);
  });

  it('closes a pickle connection that announces too much', async () => {
    const carbon = await open([], { pickle: true });
    const socket = connect(carbon.pickle!.port, '127.0.0.1');
    socket.write(Buffer.from([0x7f, 0, 0, 0]));
    await once(socket, 'close');
    assert.is(countOf(carbon.pickle!.rejections(), 'connections.refused lineTooLong'), 1);
    await carbon.stop();
  });

  it('says who may sit on a taken port, and gives back what it had opened', async () => {
    const carbon = await open([]);
    const { port } = carbon.tcp!;
    let caught: unknown;
    try {
      await open([], { port });
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, UserError);
    assert.is(
      (caught as UserError).message,
      `TCP port ${port} on 127.0.0.1 is taken (EADDRINUSE): another carbon or tallyd is ` +
        'running there; choose another with --carbon-port',
    );
    await carbon.stop();
    await (await open([], { port })).stop();
  });
});
