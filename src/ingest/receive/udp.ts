/**
 * Opens a UDP listener: binds the socket, tries the receiver that was asked for, and says which one
 * it got. Called by the ingest engine, once per UDP listener of StatsD or carbon lines.
 */
import { drainReceiver } from './drain.ts';
import { messageReceiver } from './dgram-receiver.ts';
import type { PacketSink, Receiver, ReceiverOptions } from './receiver.ts';
import { bindUdpSocket } from './udp-socket.ts';

/**
 * Binds and starts to receive. Throws a UserError (`portTaken`, `badConfig`) when the address
 * cannot be bound.
 */
export async function openReceiver(options: ReceiverOptions, sink: PacketSink): Promise<Receiver> {
  const bound = await bindUdpSocket(options);
  if (options.receiver === 'message') return messageReceiver(bound, sink, 'message');
  const drain = await drainReceiver(bound, sink);
  if (drain.receiver !== undefined) return drain.receiver;
  return messageReceiver(bound, drain.sink, `message (${drain.reason})`);
}
