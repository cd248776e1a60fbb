/** Senders that break the rules of every port, by TCP and UDP. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { Random } from '../../src/cli/random.ts';

/** Another address than the good senders', where the system has one. */
const FROM = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

/** Closed by either side; a reset is what a bad sender has to expect. */
async function ended(socket: net.Socket): Promise<void> {
  socket.on('error', () => {});
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

async function connectTo(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress: FROM });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Whole lines over one connection, cut into writes of any size. */
export async function sendLines(
  port: number,
  lines: readonly Buffer[],
  random: Random,
): Promise<void> {
  const socket = await connectTo(port);
  const newline = Buffer.from('\n');
  const bytes = Buffer.concat(lines.flatMap((line) => [line, newline]));
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.whole(20_000);
    if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
    at += size;
  }
  socket.end();
  await ended(socket);
}

/** Connections that each send something unfinished and are cut; `abreast` of them at a time. */
export async function halfOpen(
  port: number,
  count: number,
  abreast: number,
  bytesOf: (i: number) => Buffer,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const socket = await connectTo(port);
      await new Promise<void>((resolve) => socket.write(bytesOf(i), () => resolve()));
      // Half of them by a reset, half in order.
      if (i % 2 === 0) socket.resetAndDestroy();
      else socket.end();
      await ended(socket);
    }
  };
  await Promise.all(Array.from({ length: abreast }, one));
}

/** What is sent on one connection; whether the server closed it before its end. */
export async function sendAndEnd(port: number, bytes: Buffer): Promise<void> {
  const socket = await connectTo(port);
  socket.write(bytes);
  socket.end();
  await ended(socket);
}

/** Until the server gives up on it. */
export async function sendUntilClosed(port: number, bytes: Buffer): Promise<void> {
  const socket = await connectTo(port);
  const closed = ended(socket);
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
  await closed;
}

/** A byte at a time, each in its own packet; stays open. */
export class SlowSender {
  sent = 0;
  private readonly sockets: net.Socket[] = [];

  static async open(ports: readonly number[], each: number): Promise<SlowSender> {
    const sender = new SlowSender();
    for (const port of ports) {
      for (let i = 0; i < each; i++) {
        const socket = await connectTo(port);
        socket.setNoDelay(true);
        sender.sockets.push(socket);
      }
    }
    return sender;
  }

  /** One byte on each connection. */
  send(): void {
    for (const socket of this.sockets) if (!socket.destroyed) socket.write('x');
    this.sent += 1;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.sockets.map(async (socket) => {
        socket.destroy();
        await ended(socket);
      }),
    );
  }
}

/** Random bytes of any length, some as long as a datagram may be. */
export function randomDatagrams(count: number, random: Random): Buffer[] {
  return Array.from({ length: count }, () => {
    const length = random.chance(0.02) ? 60_000 : 1 + random.whole(400);
    return Buffer.from(Uint8Array.from({ length }, () => random.whole(256)));
  });
}

export async function sendDatagrams(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = dgram.createSocket('udp4');
  for (const bytes of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(bytes, port, '127.0.0.1', (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }
  socket.close();
}

export const HTTP_REQUEST = Buffer.from(
  'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n',
);
export const HTTP_LINES = HTTP_REQUEST.toString()
  .split('\n')
  .slice(0, -1)
  .map((line) => Buffer.from(line));
