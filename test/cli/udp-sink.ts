/**
 * A UDP port that keeps the datagrams it gets.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';

export interface UdpSink {
  port: number;
  datagrams: Buffer[];
  /** Waits until the condition holds for what has arrived, at most forty seconds. */
  until(condition: (datagrams: readonly Buffer[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function openUdpSink(): Promise<UdpSink> {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const datagrams: Buffer[] = [];
  socket.on('message', (bytes) => void datagrams.push(bytes));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    datagrams,
    async until(condition) {
      const limit = AbortSignal.timeout(40_000);
      while (!condition(datagrams)) await once(socket, 'message', { signal: limit });
    },
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}
