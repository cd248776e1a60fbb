/**
 * Ends of a process that receives natively, each in the middle of a flood; run by
 * `native-receiver.test.ts` as `node native-ends HOW`. It says `ended` where all went as it should.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { openReceiver } from '../../../src/ingest/receive/udp.ts';
import type { PacketSink, Receiver } from '../../../src/ingest/receive/receiver.ts';
import { startThread } from '../../../src/lib/thread.ts';
import { until } from '../../support/until.ts';

const FLOOD = 100_000;
const SOCKETS = 20;

function open(sink: PacketSink = () => {}): Promise<Receiver> {
  return openReceiver(
    {
      address: '127.0.0.1',
      port: 0,
      ipv6: false,
      receiveBufferBytes: 65_536,
      receiver: 'native',
      onFault: (error) => console.error(error),
      kind: { rival: 'another', flag: '--port' },
    },
    sink,
  );
}

/** Sends whatever becomes of the receiver, and does not stop before `count` are out. */
async function flood(port: number, count: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let i = 0; i < count; i++) {
    socket.send('a:1|c', () => {});
    if (i % 500 === 499) await delay(0);
  }
  socket.close();
}

/** Receivers of a thread that is ended from outside, and never stops them. */
async function receiveInThread(main: MessagePort): Promise<void> {
  const receivers = await Promise.all(Array.from({ length: SOCKETS }, () => open()));
  main.postMessage(
    receivers.map(({ port }) => port),
    [],
  );
  await until(() => receivers[0]!.datagrams > 100); // there are some
  main.postMessage('receiving', []);
}

const ends: Record<string, () => Promise<void>> = {
  /** Threads are terminated, one by one, while their sockets are full. */
  async threads() {
    for (let i = 0; i < 3; i++) {
      const worker = startThread(import.meta.url, './native-ends', undefined);
      const [ports] = (await once(worker, 'message')) as [number[]];
      const sent = flood(ports[0]!, 20_000); // there are some
      await once(worker, 'message');
      await worker.terminate();
      await sent;
    }
  },
  async exit() {
    const receiver = await open(() => {
      if (receiver.datagrams > 1000) {
        console.log('ended');
        process.exit(0);
      }
    });
    await flood(receiver.port, FLOOD);
  },
  /** Sockets are opened, closed inside of their own callback, and forgotten. */
  async forgotten() {
    for (let i = 0; i < 60; i++) {
      const receiver: Receiver = await open(() => void receiver.stop());
      const sent = flood(receiver.port, 100);
      if (i % 20 === 0) {
        await sent;
        await until(() => receiver.datagrams > 0);
      } else await receiver.stop();
      await sent;
    }
    for (let i = 0; i < 20; i++) {
      globalThis.gc?.();
      await delay(1);
    }
  },
  /** Nothing is left to do but to listen, and that is stopped: the process ends by itself. */
  async unload() {
    const receivers = await Promise.all(Array.from({ length: SOCKETS }, () => open()));
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  },
  async throw() {
    const receiver = await open(() => {
      throw new Error('of the sink');
    });
    await flood(receiver.port, 10);
    await delay(10_000);
  },
};

if (parentPort !== null) await receiveInThread(parentPort);
else {
  await ends[process.argv[2]!]!(); // the test names one
  console.log('ended');
}
