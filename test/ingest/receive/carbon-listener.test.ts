/** Carbon's port when the main thread is late: TCP waits and loses nothing, UDP counts its losses. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { openCarbon, type CarbonListener } from '../../../src/ingest/receive/carbon-listener.ts';
import { UserError } from '../../../src/lib/errors.ts';
import type { PointBatch } from '../../../src/wire.ts';
import { assert, describe } from '../../support/suite.ts';
import { sendDatagrams, until } from './senders.ts';

async function open(batches: PointBatch[], wish: { port?: number } = {}): Promise<CarbonListener> {
  return openCarbon({
    address: '127.0.0.1',
    port: 0,
    receiveBufferBytes: 4 * 1024 * 1024,
    receiver: 'drain',
    nameBytesMax: 100,
    nowMs: () => 1_700_000_000_900,
    onBatch: (batch) => batches.push(batch),
    onFault: (error) => assert.unreachable(error.message),
    ...wish,
  });
}

const LINES = 400_000;

describe('carbon listener', (it) => {
  it('holds TCP senders back while batches wait, and then takes everything in order', async () => {
    const batches: PointBatch[] = [];
    const carbon = await open(batches);
    const socket = connect(carbon.tcp.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(Array.from({ length: LINES }, (_, i) => `a ${i} N\n`).join(''));
    await until(() => batches.length === 4);
    const halted = carbon.health().points;
    // Whole turns of the event loop bring nothing more: the sender is stuck.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(carbon.health().points < halted + 20_000, `${carbon.health().points} points`);
    assert.is(batches.length, 4);
    let acknowledged = 0;
    await until(() => {
      while (acknowledged < batches.length) {
        acknowledged += 1;
        carbon.acknowledge();
      }
      return carbon.health().points === LINES;
    });
    await carbon.stop();
    const values = batches.flatMap((batch) => [...batch.values]);
    assert.is(values.length, LINES);
    assert.ok(values.every((value, i) => value === i));
    assert.is(batches[0]?.times[0], 1_700_000_000);
    assert.is(carbon.health().dropped, 0);
  });

  it('drops and counts UDP points while batches wait', async () => {
    const batches: PointBatch[] = [];
    const carbon = await open(batches);
    const packet = Buffer.from('a 1 N\n'.repeat(1000));
    await sendDatagrams(
      Array.from({ length: 100 }, () => packet),
      carbon.udp.port,
    );
    await until(() => carbon.udp.datagrams === 100);
    const { points, dropped } = carbon.health();
    assert.is(points + dropped, 100_000);
    assert.ok(dropped > 0);
    assert.is(batches.length, 4);
    await carbon.stop();
    assert.is(batches.flatMap(({ names }) => names).length, points);
  });

  it('reads the last line of a datagram without newline, not that of a connection', async () => {
    const batches: PointBatch[] = [];
    const carbon = await open(batches);
    await sendDatagrams([Buffer.from('udp 1 N')], carbon.udp.port);
    const socket = connect(carbon.tcp.port, '127.0.0.1');
    socket.end('tcp 1 N\nhalf 1 15');
    await once(socket, 'close');
    await until(() => carbon.health().points === 2);
    await carbon.stop();
    assert.equal(batches.flatMap(({ names }) => names).sort(), ['tcp', 'udp']);
    assert.is(carbon.tcp.health.tailsDropped, 1);
  });

  it('says who may sit on a taken port, and gives back what it had opened', async () => {
    const carbon = await open([]);
    const { port } = carbon.tcp;
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
