/**
 * Binds a UDP socket and asks the kernel for the receive buffer. Both receivers without native code start from here.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { bindError } from '../../lib/bind-error.ts';
import { findHandle, type UdpHandle } from './descriptor.ts';
import { dropsByTable, KernelDrops } from './kernel-drops.ts';
import type { ReceiverOptions } from './receiver.ts';

/** Smallest buffer worth asking for when the kernel refuses the full size outright. */
const RECEIVE_BUFFER_BYTES_MIN = 64 * 1024;

export interface BoundSocket {
  socket: Socket;
  family: 'udp4' | 'udp6';
  address: string;
  port: number;
  receiveBufferBytes: number;
  /** The socket's own handle, or the reason why it cannot be had. */
  handle: UdpHandle | string;
  drops: KernelDrops;
}

/** StatsD's `address_ipv6` leaves the address alone; the IPv4 wildcard then means the IPv6 one. */
export function wantedAddress({ ipv6, address }: ReceiverOptions): {
  family: 'udp4' | 'udp6';
  address: string;
} {
  const family = ipv6 || isIPv6(address) ? 'udp6' : 'udp4';
  return { family, address: family === 'udp6' && address === '0.0.0.0' ? '::' : address };
}

export async function bindUdpSocket(options: ReceiverOptions): Promise<BoundSocket> {
  const { family, address: wanted } = wantedAddress(options);
  const socket = createSocket(family);
  try {
    const listening = once(socket, 'listening');
    socket.bind(options.port, wanted);
    await listening;
  } catch (error) {
    socket.close();
    throw bindError(error, `UDP port ${options.port} on ${wanted}`, options.kind);
  }
  socket.on('error', options.onFault);
  const { address, port } = socket.address();
  const handle = findHandle(socket);
  return {
    socket,
    family,
    address,
    port,
    receiveBufferBytes: growReceiveBuffer(socket, options.receiveBufferBytes),
    handle,
    drops: new KernelDrops(
      dropsByTable(typeof handle === 'string' ? undefined : handle.fd, family),
    ),
  };
}

/** Linux caps the wish silently, macOS refuses what is too large: then half is asked for. */
function growReceiveBuffer(socket: Socket, wantedBytes: number): number {
  for (let bytes = wantedBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    try {
      socket.setRecvBufferSize(bytes);
      break;
    } catch {
      if (bytes <= RECEIVE_BUFFER_BYTES_MIN) break;
    }
  }
  return socket.getRecvBufferSize();
}
