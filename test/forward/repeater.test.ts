import dgram from 'node:dgram';
import net from 'node:net';
import { once } from 'node:events';
import type { RepeaterConfig } from '../../src/config/config.ts';
import { Repeater } from '../../src/forward/repeater.ts';
import { packTexts } from '../../src/wire/packed-strings.ts';
import { assert, describe } from '../support/suite.ts';
import { until } from '../support/until.ts';

const PACKETS = ['a:1|c', '', 'no line at all', 'b:2|c\n'];

async function receiver(type: 'udp4' | 'udp6', address: string) {
  const got: string[] = [];
  const socket = dgram.createSocket(type);
  socket.on('message', (message) => got.push(message.toString()));
  socket.bind(0, address);
  await once(socket, 'listening');
  return { got, port: socket.address().port, close: () => socket.close() };
}

/** A TCP server that keeps what it reads. */
async function streamReceiver() {
  const got = { text: '' };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => (got.text += data.toString()));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    got,
    port: (server.address() as net.AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function repeater(
  protocol: RepeaterConfig['protocol'],
  targets: RepeaterConfig['targets'],
  lookUp?: (host: string) => Promise<string>,
) {
  const errors: string[] = [];
  const told: string[] = [];
  const made = new Repeater(
    { protocol, targets },
    {
      onError: (message) => errors.push(message),
      tell: (_level, message) => told.push(message),
      ...(lookUp === undefined ? {} : { lookUp }),
    },
  );
  return { made, errors, told };
}

describe('forward/repeater', (it) => {
  for (const [type, host] of [
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const) {
    it(`sends every packet as it came to every target, ${type}`, async () => {
      const first = await receiver(type, host);
      const second = await receiver(type, host);
      const { made, errors } = repeater(type, [
        { host, port: first.port },
        { host, port: second.port },
      ]);
      made.repeat(packTexts(PACKETS));
      await until(() => first.got.length + second.got.length === 8, 'eight datagrams');
      assert.equal(first.got, PACKETS);
      assert.equal(second.got, PACKETS);
      assert.equal(made.stats(), { packets: 4, errors: 0, dropped: 0, noAddress: 0 });
      assert.equal(errors, []);
      await made.stop(1000);
      first.close();
      second.close();
    });
  }

  it('adds a line feed to each over TCP, also where there is one', async () => {
    const peer = await streamReceiver();
    const { made } = repeater('tcp', [{ host: '127.0.0.1', port: peer.port }]);
    made.repeat(packTexts(PACKETS));
    made.repeat(packTexts(['c:3|c']));
    const expected = 'a:1|c\n\nno line at all\nb:2|c\n\nc:3|c\n';
    await until(() => peer.got.text.length >= expected.length, 'all lines');
    assert.is(peer.got.text, expected);
    await made.stop(1000);
    await peer.close();
  });

  it('a dead target keeps nothing from the others', async () => {
    const gone = await streamReceiver();
    await gone.close();
    const peer = await streamReceiver();
    const { made, errors } = repeater('tcp', [
      { host: '127.0.0.1', port: gone.port },
      { host: '127.0.0.1', port: peer.port },
    ]);
    made.repeat(packTexts(['a:1|c']));
    await until(() => peer.got.text === 'a:1|c\n' && errors.length > 0, 'a line and an error');
    assert.match(errors[0]!, /ECONNREFUSED/);
    await made.stop(10);
    await peer.close();
  });

  it('counts what a target that is away has no place for', async () => {
    const gone = await streamReceiver();
    await gone.close();
    const { made } = repeater('tcp', [{ host: '127.0.0.1', port: gone.port }]);
    const packet = 'x'.repeat(1024 * 1024 - 1);
    for (let i = 0; i < 18; i++) made.repeat(packTexts([packet]));
    assert.is(made.stats().dropped, 2);
    await made.stop(10);
  });

  it('counts what cannot be sent', async () => {
    const { made, errors } = repeater('udp4', [{ host: '127.0.0.1', port: 9 }]);
    made.repeat(packTexts(['x'.repeat(70_000)]));
    await until(() => made.stats().errors === 1, 'a packet that is too long');
    assert.match(errors[0]!, /EMSGSIZE/);
    await made.stop(10);
  });

  it('looks a name up now and then, not for each packet, and says once that it has no address', async () => {
    const peer = await receiver('udp4', '127.0.0.1');
    const asked: ((address: string | undefined) => void)[] = [];
    const lookUp = (host: string) =>
      new Promise<string>((resolve, reject) => {
        asked.push((address) =>
          address === undefined ? reject(new Error(`ENOTFOUND ${host}`)) : resolve(address),
        );
      });
    const targets = ['no.test', 'here.test'].map((host) => ({ host, port: peer.port }));
    const { made, told } = repeater('udp4', targets, lookUp);
    const packet = 'x'.repeat(1000);
    for (let i = 0; i < 6000; i++) made.repeat(packTexts([packet]));
    await until(() => asked.length === 1, 'the first question');
    // 6 MB came while the name server is silent: 4 MiB wait for each target.
    const waiting = Math.floor((4 * 1024 * 1024) / packet.length);
    assert.is(made.stats().noAddress, 2 * (6000 - waiting));
    asked[0]!(undefined);
    await until(() => asked.length === 2, 'one question at a time');
    assert.is(made.stats().noAddress, 6000 + 6000 - waiting);
    assert.match(told[0]!, /^repeater target no\.test:\d+ is away \(ENOTFOUND no\.test\)/);
    assert.is(made.troubles().length, 1);
    asked[1]!('127.0.0.1');
    made.repeat(packTexts(['late:1|c']));
    await until(() => peer.got.includes('late:1|c'), 'packets by the address');
    assert.is(asked.length, 2);
    assert.is(told.length, 1);
    await made.stop(10);
    peer.close();
  });
});
