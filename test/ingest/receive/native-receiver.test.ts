/** What the native receiver has beyond the suite of all: senders, ends of all kinds, its own addon. */
import { spawnSync } from 'node:child_process';
import { SenderNames } from '../../../src/ingest/receive/sender-names.ts';
import { openReceiver } from '../../../src/ingest/receive/udp.ts';
import { SENDER_BYTES, systemError } from '../../../src/lib/native/native.ts';
import { NATIVE, NO_NATIVE } from '../../support/native.ts';
import { scriptArgs } from '../../support/program.ts';
import { assert, describe } from '../../support/suite.ts';
import { until } from '../../support/until.ts';
import { sendDatagrams } from './senders.ts';

const NOBODY = new Uint8Array(0);

describe('native receiver', (it) => {
  const native = NATIVE!; // or none of these runs
  const live = NATIVE === undefined ? (name: string) => it.skipAloud(name, NO_NATIVE) : it;
  const liveSlow = NATIVE === undefined ? live : it.slow;

  live('knows the sender of each datagram, as dgram writes it', async () => {
    const options = {
      port: 0,
      receiveBufferBytes: 0,
      onFault: (error: Error) => assert.unreachable(error.message),
    };
    for (const [address, ipv6, to, sender] of [
      ['127.0.0.1', false, '127.0.0.1', '127.0.0.1'],
      ['::1', false, '::1', '::1'],
      ['::', true, '127.0.0.1', '::ffff:127.0.0.1'],
      ['localhost', false, '127.0.0.1', '127.0.0.1'],
    ] as const) {
      for (const receiver of ['native', 'message'] as const) {
        const senders: (string | undefined)[] = [];
        const kind = { rival: 'another', flag: '--port' };
        const opened = await openReceiver(
          { ...options, address, ipv6, receiver, kind },
          (_bytes, _from, _to, from) => senders.push(from),
        );
        await sendDatagrams([Buffer.from('a'), Buffer.from('b')], opened.port, to);
        await until(() => senders.length === 2);
        await opened.stop();
        assert.equal(senders, [sender, sender], `${receiver} at ${address}`);
      }
    }
  });

  live('tells senders apart, ten times as many as it remembers', () => {
    const names = new SenderNames(native, 2);
    const view = new DataView(names.bytes.buffer);
    view.setUint16(0, 2, true); // AF_INET
    view.setUint16(SENDER_BYTES, 10, true); // AF_INET6
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 10_000; i++) {
        view.setUint32(4, i);
        view.setUint16(2, i); // the port makes no difference
        assert.is(names.nameOf(0), `0.0.${i >> 8}.${i & 255}`);
        view.setUint32(SENDER_BYTES + 8, 0x20010db8);
        view.setUint16(SENDER_BYTES + 22, i + 1);
        assert.is(names.nameOf(1), `2001:db8::${(i + 1).toString(16)}`);
      }
    }
    // No family, nobody: never what an empty place holds.
    assert.is(new SenderNames(native, 1).nameOf(0), '');
  });

  live('calls on a closed socket find nothing, and wrong arguments are said', () => {
    const socket = native.bindUdp('127.0.0.1', 0, false);
    if (typeof socket === 'number') throw systemError(socket);
    const slots = new Uint8Array(64);
    const lengths = new Int32Array(4);
    const receive = (slotBytes: number, senders = NOBODY): number =>
      native.receive(socket, slots, slotBytes, lengths, senders);
    assert.is(receive(16), 0);
    assert.is(systemError(receive(17)).code, 'EINVAL', 'the slots are longer than their bytes');
    assert.is(systemError(receive(0)).code, 'EINVAL');
    assert.is(systemError(receive(16, new Uint8Array(SENDER_BYTES))).code, 'EINVAL');
    assert.is(
      native.listen(socket, () => {}),
      0,
    );
    assert.is(systemError(native.listen(socket, () => {})).code, 'EALREADY');
    native.close(socket);
    native.close(socket);
    for (const code of [receive(16), native.drops(socket), native.receiveBuffer(socket, 0)]) {
      assert.is(systemError(code).code, 'EBADF');
    }
    assert.is(systemError(native.listen(socket, () => {})).code, 'EBADF');
    assert.throws(() => native.drops({} as never), /expected a socket/);
    assert.throws(() => native.receive(socket, [] as never, 1, lengths, NOBODY), /typed array/);
    assert.is(systemError(native.bindUdp('nobody', 0, false) as number).code, 'EADDRNOTAVAIL');
  });

  live('lets a port be shared where that is asked for', () => {
    const first = native.bindUdp('127.0.0.1', 0, true);
    if (typeof first === 'number') throw systemError(first);
    const at = new Uint8Array(SENDER_BYTES);
    native.localAddress(first, at);
    const port = new DataView(at.buffer).getUint16(2);
    assert.is(systemError(native.bindUdp('127.0.0.1', port, false) as number).code, 'EADDRINUSE');
    const second = native.bindUdp('127.0.0.1', port, true);
    assert.type(second, 'object');
    for (const socket of [first, second]) native.close(socket as never);
  });

  liveSlow(
    'threads and processes end in the middle of a flood, and a throw is the process’s own',
    () => {
      const run = (end: string) =>
        spawnSync(
          process.execPath,
          ['--expose-gc', ...scriptArgs(import.meta.url, './native-ends'), end],
          { encoding: 'utf8', timeout: 60_000 },
        );
      for (const end of ['threads', 'exit', 'forgotten', 'unload']) {
        const { status, signal, stdout, stderr } = run(end);
        assert.equal([end, status, signal, stdout.trim()], [end, 0, null, 'ended'], stderr);
      }
      const { status, stderr } = run('throw');
      assert.is(status, 1);
      assert.match(stderr, /Error: of the sink/);
    },
  );
});
