/**
 * The receiver that takes dgram's `message` events: a Buffer and a callback per datagram, some four
 * times the price of `drain.ts`, but documented and everywhere the same.
 */
import { heldAtMost, untilDrained } from './drain-wait.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import type { BoundSocket } from './udp-socket.ts';

export function messageReceiver(bound: BoundSocket, sink: PacketSink, mode: string): Receiver {
  let datagrams = 0;
  let closed = false;
  bound.socket.on('message', (bytes, { address }) => {
    datagrams += 1;
    sink(bytes, 0, bytes.length, address);
  });
  return {
    mode,
    address: bound.address,
    port: bound.port,
    receiveBufferBytes: bound.receiveBufferBytes,
    get datagrams() {
      return datagrams;
    },
    kernelDrops: () => bound.drops.read(),
    async stop() {
      if (closed) return;
      closed = true;
      await untilDrained(() => datagrams, heldAtMost(bound.receiveBufferBytes));
      await bound.drops.read();
      bound.socket.close();
    },
  };
}
