/**
 * Opens a UDP listener with the receiver that was asked for, or the next that is possible here, and
 * says which one it got. Called by the ingest engine, once per UDP listener of StatsD or carbon lines.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { bindError } from '../../lib/bind-error.ts';
import {
  loadNative,
  type NativeSockets,
  SENDER_BYTES,
  systemError,
} from '../../lib/native/native.ts';
import { drainReceiver } from './drain.ts';
import { messageReceiver } from './dgram-receiver.ts';
import { NativeReceiver } from './native-receiver.ts';
import type { PacketSink, Receiver, ReceiverOptions } from './receiver.ts';
import { bindUdpSocket, wantedAddress } from './udp-socket.ts';

/**
 * Binds and starts to receive. Throws a UserError (`portTaken`, `badConfig`) when the address
 * cannot be bound.
 */
export async function openReceiver(
  options: ReceiverOptions,
  sink: PacketSink,
  load: () => NativeSockets | string = loadNative,
): Promise<Receiver> {
  const isNativeAsked = options.receiver === 'auto' || options.receiver === 'native';
  const native = isNativeAsked ? load() : undefined;
  if (typeof native === 'object') return openNative(native, options, sink);
  const bound = await bindUdpSocket(options);
  if (options.receiver === 'message') return messageReceiver(bound, sink, 'message');
  const mode = native === undefined ? 'drain' : `drain (not native: ${native})`;
  const drain = await drainReceiver(bound, sink, mode);
  if (drain.receiver !== undefined) return drain.receiver;
  return messageReceiver(bound, drain.sink, `message (${drain.reason})`);
}

async function openNative(
  native: NativeSockets,
  options: ReceiverOptions,
  sink: PacketSink,
): Promise<Receiver> {
  const { family, address } = wantedAddress(options);
  const { port, receiveBufferBytes, onFault } = options;
  try {
    const numeric =
      isIP(address) === 0 ? (await lookup(address, family === 'udp6' ? 6 : 4)).address : address;
    const socket = native.bindUdp(numeric, port, false);
    if (typeof socket === 'number') throw systemError(socket);
    const bytes = new Uint8Array(SENDER_BYTES);
    native.localAddress(socket, bytes);
    const bound = {
      address: native.addressText(bytes, 0),
      port: new DataView(bytes.buffer).getUint16(2),
    };
    return new NativeReceiver(
      socket,
      { native, ...bound, receiveBufferBytes, hasSenders: true, onFault },
      sink,
    );
  } catch (error) {
    throw bindError(error, `UDP port ${port} on ${address}`, options.kind);
  }
}
