/**
 * What every receiver of datagrams looks like. Three stand behind it: `native-receiver.ts` takes many by a
 * call, `drain.ts` reads the descriptor itself, one by one (nothing allocated), `dgram-receiver.ts` takes
 * dgram's own events and works everywhere. `udp.ts` opens the one that was asked for and possible.
 */
import type { Config } from '../../config/config.ts';
import type { ListenerKind } from '../../lib/bind-error.ts';
import type { Rejection } from '../../rejections/rejections.ts';

/**
 * Takes one datagram, `bytes[from..to)`; the bytes are valid during the call only. `sender`: its
 * address, where the receiver knows it.
 */
export type PacketSink = (bytes: Uint8Array, from: number, to: number, sender?: string) => unknown;

export interface Receiver {
  /** `native`, `drain`, `message`; where another was asked for, with the reason: `drain (not …)`. */
  readonly mode: string;
  readonly address: string;
  readonly port: number;
  /** SO_RCVBUF as the kernel reports it (Linux reports twice what it grants to payload). */
  readonly receiveBufferBytes: number;
  /** Datagrams handed to the sink so far, empty ones too. */
  readonly datagrams: number;
  /** Of them, those that were cut off; absent where none can be. */
  readonly truncated?: number;
  /** What was cut off, with an example; absent where nothing can be. */
  rejections?(): Rejection[];
  /** Datagrams the kernel dropped on this socket, never falling; undefined where unknown. */
  kernelDrops(): Promise<number | undefined>;
  /** Hands over what the kernel holds at this moment, then closes the socket. */
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  address: string;
  /** 0 picks a free port. */
  port: number;
  ipv6: boolean;
  receiveBufferBytes: number;
  receiver: Config['receiver'];
  /** Told of faults of the open socket; it keeps receiving. */
  onFault: (error: Error) => void;
  /** What the port belongs to and its flag, for the sentence when it is taken. */
  kind: ListenerKind;
}

const SLOWEST_FIRST = ['message', 'drain', 'native'];

/** What the start-up line says of several: the one that costs most. */
export function slowestMode(receivers: readonly Receiver[]): string {
  const speed = ({ mode }: Receiver): number => SLOWEST_FIRST.indexOf(mode.split(' ')[0]!); // it has a word
  return [...receivers].sort((a, b) => speed(a) - speed(b))[0]?.mode ?? 'none';
}
