/** What happens where the descriptor cannot be read, and how drops are found without our socket. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { findHandle, type UdpHandle } from '../../../src/ingest/receive/descriptor.ts';
import { drainReceiver } from '../../../src/ingest/receive/drain.ts';
import { dropsByTable, KernelDrops, parseDrops } from '../../../src/ingest/receive/kernel-drops.ts';
import { messageReceiver } from '../../../src/ingest/receive/dgram-receiver.ts';
import type { ReceiverOptions } from '../../../src/ingest/receive/receiver.ts';
import { openReceiver } from '../../../src/ingest/receive/udp.ts';
import { bindUdpSocket } from '../../../src/ingest/receive/udp-socket.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { sendDatagrams } from './senders.ts';

const OPTIONS: ReceiverOptions = {
  address: '127.0.0.1',
  port: 0,
  ipv6: false,
  receiveBufferBytes: 1024 * 1024,
  receiver: 'drain',
  onFault: (error) => assert.unreachable(error.message),
  kind: { rival: 'another StatsD or tallyd', flag: '--port' },
};

describe('the descriptor', (it) => {
  it('is found on this Node', async () => {
    const bound = await bindUdpSocket(OPTIONS);
    assert.type(bound.handle, 'object');
    bound.socket.close();
  });

  it('is refused in words when Node looks different', () => {
    const state = Symbol('state symbol');
    const recvStart = (): undefined => undefined;
    const recvStop = recvStart;
    const reasonFor = (object: object): unknown => findHandle(object as Socket);
    const hidden = 'this Node hides the descriptor';
    assert.is(reasonFor({}), hidden);
    assert.is(reasonFor({ [state]: undefined }), hidden);
    assert.is(reasonFor({ [state]: { handle: null } }), hidden);
    assert.is(reasonFor({ [state]: { handle: { fd: 5 } } }), hidden);
    const windows = { fd: -1, recvStart, recvStop };
    assert.is(reasonFor({ [state]: { handle: windows } }), 'no descriptor on this system');
    const fine = { fd: 5, recvStart, recvStop };
    assert.is(reasonFor({ [state]: { handle: fine } }), fine);
  });
});

describe('the self-test', (it) => {
  it('finds out that the descriptor is not that of the socket, and nothing is lost', async () => {
    const other = createSocket('udp4');
    other.bind(0, '127.0.0.1');
    await once(other, 'listening');
    const bound = await bindUdpSocket(OPTIONS);
    const real = bound.handle as UdpHandle;
    const foreign = findHandle(other) as UdpHandle;
    // An empty socket's descriptor under the name of ours: reading it gives nothing.
    const handle: UdpHandle = {
      fd: foreign.fd,
      recvStart: () => real.recvStart(),
      recvStop: () => real.recvStop(),
    };
    const got: string[] = [];
    const outcome = await drainReceiver(
      { ...bound, handle },
      (bytes, from, to) => got.push(Buffer.from(bytes.subarray(from, to)).toString()),
      'drain',
    );
    assert.is(outcome.receiver, undefined);
    if (outcome.receiver !== undefined) return;
    assert.is(outcome.reason, 'the self-test datagram did not arrive');
    const receiver = messageReceiver(bound, outcome.sink, `message (${outcome.reason})`);
    await sendDatagrams([Buffer.from('a:1|c'), Buffer.from('')], receiver.port);
    await until(() => got.length === 2);
    await receiver.stop();
    assert.equal(got, ['a:1|c', ''], 'without the datagrams of the self-test');
    other.close();
  });

  it('is not tried without a descriptor', async () => {
    const bound = await bindUdpSocket(OPTIONS);
    const outcome = await drainReceiver({ ...bound, handle: 'why' }, () => undefined, 'drain');
    assert.is(outcome.receiver === undefined && outcome.reason, 'why');
    bound.socket.close();
  });

  it('hands on what others send meanwhile', async () => {
    const bound = await bindUdpSocket(OPTIONS);
    (bound.handle as UdpHandle).recvStop();
    const bodies = Array.from({ length: 300 }, (_, i) => Buffer.from(String(i)));
    await sendDatagrams(bodies, bound.port);
    const got: number[] = [];
    const { receiver } = await drainReceiver(
      bound,
      (bytes, from, to) => got.push(Number(Buffer.from(bytes.subarray(from, to)).toString())),
      'drain',
    );
    await receiver?.stop();
    assert.equal(
      got,
      bodies.map((_, i) => i),
    );
  });
});

describe('without the addon', (it) => {
  it('datagrams are read one by one, and the reason is told', async () => {
    for (const receiver of ['auto', 'native'] as const) {
      const got: string[] = [];
      const opened = await openReceiver(
        { ...OPTIONS, receiver },
        (bytes, from, to) => got.push(Buffer.from(bytes.subarray(from, to)).toString()),
        () => 'GLIBC_2.99 not found',
      );
      if (process.platform === 'linux') {
        assert.is(opened.mode, 'drain (not native: GLIBC_2.99 not found)');
      } else assert.match(opened.mode, 'message (');
      await sendDatagrams([Buffer.from('a:1|c')], opened.port);
      await until(() => got.length === 1);
      await opened.stop();
    }
  });

  it('others than those that were asked for are not tried', async () => {
    const load = (): never => assert.unreachable('loaded') as never;
    const opened = await openReceiver({ ...OPTIONS, receiver: 'message' }, () => {}, load);
    assert.is(opened.mode, 'message');
    await opened.stop();
  });
});

describe('kernel drops', (it) => {
  const row = (inode: number, drops: number): string =>
    `  77: 0100007F:1FBD 00000000:0000 07 00000000:00000000 00:00000000 00000000     0` +
    `        0 ${inode} 2 00000000aa9b4b80 ${drops}`;
  const table = ['  sl  local_address rem_address … drops', row(41, 7), row(4, 9), ''].join('\n');

  it('are those of the row with our inode', () => {
    assert.is(parseDrops(table, '4'), 9);
    assert.is(parseDrops(table, '41'), 7);
    assert.is(parseDrops(table, '1'), undefined);
    assert.is(parseDrops('', '4'), undefined);
    assert.is(parseDrops(table.replace(' 9', ' -1'), '4'), 2 ** 32 - 1, 'printed as signed');
  });

  it('are unknown without a descriptor of a socket', async () => {
    assert.is(await new KernelDrops(dropsByTable(undefined, 'udp4')).read(), undefined);
    assert.is(await new KernelDrops(dropsByTable(0x7fff, 'udp4')).read(), undefined);
  });
});
