/**
 * Sends lines to a StatsD port from the command line, over UDP or TCP. For `send` and `demo`.
 */
import dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { UserError } from '../lib/errors.ts';

/**
 * Most bytes of packed lines in a datagram: Ethernet's 1500 less IPv6 and UDP headers, and room.
 */
export const DATAGRAM_BYTES_MAX = 1432;

export interface LineSender {
  /** One datagram, or over TCP what ends in a line feed; resolves when the kernel has taken it. */
  send(payload: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openSender(to: {
  transport: 'udp' | 'tcp';
  host: string;
  port: number;
}): Promise<LineSender> {
  return to.transport === 'udp' ? openUdp(to.host, to.port) : openTcp(to.host, to.port);
}

async function openUdp(host: string, port: number): Promise<LineSender> {
  let found: { address: string; family: number };
  try {
    found = await lookup(host);
  } catch {
    throw new UserError('notFound', `host "${host}" is not known, expected a name or an address`);
  }
  const socket = dgram.createSocket(found.family === 6 ? 'udp6' : 'udp4');
  // Errors of single sends come through their callbacks.
  socket.on('error', () => {});
  return {
    send: (payload) =>
      new Promise((resolve, reject) => {
        socket.send(payload, port, found.address, (error) => {
          if (error === null) resolve();
          else reject(new UserError('notFound', `${host}:${port}: ${error.message}`));
        });
      }),
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

async function openTcp(host: string, port: number): Promise<LineSender> {
  const socket = net.connect({ host, port, noDelay: true });
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const sentence = (error: Error) =>
    new UserError('notFound', `${host}:${port} over TCP: ${error.message}`);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) => reject(sentence(error)));
  });
  let failed: Error | undefined;
  socket.on('error', (error) => (failed = error));
  return {
    send: (payload) =>
      new Promise((resolve, reject) => {
        socket.write(payload);
        socket.write('\n', (error) => {
          if (error === undefined || error === null) resolve();
          else reject(sentence(error));
        });
      }),
    async close() {
      socket.end();
      socket.resume();
      await closed;
      if (failed !== undefined) throw sentence(failed);
    },
  };
}

/** Joins lines into payloads of at most the given bytes; a longer line travels alone. */
export function packLines(lines: readonly string[], bytesMax: number): string[] {
  const payloads: string[] = [];
  let payload = '';
  let bytes = 0;
  for (const line of lines) {
    const lineBytes = Buffer.byteLength(line);
    if (payload !== '' && bytes + 1 + lineBytes > bytesMax) {
      payloads.push(payload);
      payload = '';
      bytes = 0;
    }
    bytes += payload === '' ? lineBytes : lineBytes + 1;
    payload = payload === '' ? line : `${payload}\n${line}`;
  }
  if (payload !== '') payloads.push(payload);
  return payloads;
}
