/** Senders, for the tests of receiving. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Sends every body from one socket, in order, as fast as it goes; resolves when all are out. */
export async function sendDatagrams(
  bodies: Uint8Array[],
  port: number,
  address = '127.0.0.1',
): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  for (let i = 0; i < bodies.length; i++) {
    socket.send(bodies[i]!); // i < length
    // Now and then the receiver, which lives on the same event loop here, gets its turn.
    if (i % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.close();
}

const FLOOD = `
  const { workerData, parentPort } = require('node:worker_threads');
  const socket = require('node:dgram').createSocket('udp4');
  const body = Buffer.from(workerData.body);
  let left = workerData.count;
  let sent = 0;
  const batch = () => {
    for (let i = 0; i < 200 && left > 0; i++, left--) {
      socket.send(body, (error) => {
        if (!error) sent += 1;
      });
    }
    if (left > 0) setImmediate(batch);
    else setTimeout(() => { socket.close(); parentPort.postMessage(sent); }, 50);
  };
  socket.connect(workerData.port, '127.0.0.1', batch);
`;

/** Sends from a thread of its own at full speed; resolves to the number that left. */
export async function flood(port: number, body: string, count: number): Promise<number> {
  const worker = new Worker(FLOOD, { eval: true, workerData: { port, body, count } });
  const [sent] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  return sent;
}
