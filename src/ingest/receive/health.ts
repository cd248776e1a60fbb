/**
 * How receiving is doing, listener by listener: what the daemon shows in /health, /metrics and the
 * management console. Gathered by the engine when main asks.
 */
import type { ListenAddress } from '../../wire/ingest-messages.ts';
import type { Rejection } from '../../rejections/rejections.ts';
import type { CarbonHealth } from './carbon-listener.ts';
import type { FlushHealth } from './flusher.ts';
import type { Receiver } from './receiver.ts';
import type { StreamHealth, StreamListener } from './streams.ts';

interface ListenerHealth extends ListenAddress {
  /** Datagrams, or packets of a stream (everything up to the last newline of a read). */
  packets: number;
  /** UDP: how it is received, its SO_RCVBUF and what the kernel dropped (undefined: unknown). */
  receiver?: string;
  receiveBufferBytes?: number;
  kernelDrops?: number | undefined;
  stream?: StreamHealth;
}

/** Health of receiving; the aggregator adds its own in `IngestHealth`. */
export interface ReceiveHealth {
  /** Datagrams of all listeners on UDP and unix datagram sockets. */
  datagrams: number;
  /** Of them, those longer than can be read: what stood behind their last whole line is lost. */
  truncated: number;
  /** Sum over the UDP listeners; undefined as soon as one of them is unknown. */
  kernelDrops: number | undefined;
  connections: number;
  /** Stream connections taken since the start. */
  accepted: number;
  /** Bytes of lines and pickles that are not complete yet. */
  heldBytes: number;
  /** Epoch milliseconds of the last StatsD packet, to about a second; 0 before the first. */
  lastPacketMs: number;
  listeners: ListenerHealth[];
  flush: FlushHealth;
  /** What was rejected, by reason, with the last examples; the aggregator's too. */
  rejections: Rejection[];
  carbon: CarbonHealth | undefined;
  /** Packets not handed to the repeater because main was late. */
  packetsNotRepeated: number;
}

/** An address that is listened on, and what listens there: one of the two. */
export interface Listener {
  address: ListenAddress;
  receiver?: Receiver;
  streams?: StreamListener;
}

type ListenersHealth = Pick<
  ReceiveHealth,
  'datagrams' | 'truncated' | 'kernelDrops' | 'connections' | 'accepted' | 'heldBytes' | 'listeners'
>;

export async function listenersHealth(all: readonly Listener[]): Promise<ListenersHealth> {
  const listeners = await Promise.all(all.map(listenerHealth));
  const datagrams = listeners.filter(
    ({ transport }) => transport === 'udp' || transport === 'unixgram',
  );
  const unknown = datagrams.some(({ kernelDrops }) => kernelDrops === undefined);
  return {
    datagrams: sum(datagrams.map(({ packets }) => packets)),
    kernelDrops: unknown ? undefined : sum(datagrams.map(({ kernelDrops }) => kernelDrops ?? 0)),
    truncated: sum(all.map(({ receiver }) => receiver?.truncated ?? 0)),
    connections: sum(listeners.map(({ stream }) => stream?.connections ?? 0)),
    accepted: sum(listeners.map(({ stream }) => stream?.accepted ?? 0)),
    heldBytes: sum(listeners.map(({ stream }) => stream?.heldBytes ?? 0)),
    listeners,
  };
}

/** Packets of the listeners of StatsD lines so far. */
export function packetsOfStatsd(all: readonly Listener[]): number {
  return sum(all.filter(({ address }) => address.kind === 'statsd').map(packetCount));
}

function packetCount({ receiver, streams }: Listener): number {
  return receiver?.datagrams ?? streams?.health.packets ?? 0;
}

async function listenerHealth(listener: Listener): Promise<ListenerHealth> {
  const { address, receiver, streams } = listener;
  const health: ListenerHealth = { ...address, packets: packetCount(listener) };
  if (streams !== undefined) health.stream = { ...streams.health };
  if (receiver !== undefined) {
    health.receiver = receiver.mode;
    health.receiveBufferBytes = receiver.receiveBufferBytes;
    health.kernelDrops = await receiver.kernelDrops();
  }
  return health;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
