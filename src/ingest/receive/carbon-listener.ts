/**
 * Graphite plaintext on one port, TCP and UDP: lines become batches of points. When main is late,
 * TCP senders are held back and UDP points dropped and counted. Used by the ingest engine.
 */
import { UserError } from '../../lib/errors.ts';
import type { PointBatch } from '../../wire.ts';
import {
  CARBON_REASONS,
  readCarbonLines,
  type CarbonReason,
  type CarbonSink,
} from '../protocol/carbon.ts';
import { POINT_QUEUE_LIMITS, PointQueue } from './point-queue.ts';
import type { PacketSink, PortOwner, Receiver } from './receiver.ts';
import { openStreams, STREAM_LIMITS, type StreamListener } from './streams.ts';
import { openReceiver } from './udp.ts';

/** Carbon's own limit on a line (Twisted's LineOnlyReceiver). */
const LINE_BYTES_MAX = 16 * 1024;
const FREE_PORT_ATTEMPTS = 5;
const OWNER: PortOwner = { rival: 'another carbon or tallyd', flag: '--carbon-port' };

export interface CarbonOptions {
  address: string;
  port: number;
  receiveBufferBytes: number;
  receiver: 'drain' | 'message';
  nameBytesMax: number;
  /** Epoch milliseconds. */
  nowMs: () => number;
  onBatch: (batch: PointBatch) => void;
  onFault: (error: Error) => void;
}

export interface CarbonHealth {
  /** Points taken in. */
  points: number;
  /** Points dropped because main was late (UDP only). */
  dropped: number;
  refused: Record<CarbonReason, number>;
}

export interface CarbonListener {
  readonly tcp: StreamListener;
  readonly udp: Receiver;
  health(): CarbonHealth;
  acknowledge(): void;
  /** Takes in what has been sent up to now, sends the last batch, closes. */
  stop(): Promise<void>;
}

/** Throws a UserError when the port cannot be bound for both transports. */
export async function openCarbon(options: CarbonOptions): Promise<CarbonListener> {
  let tcp: StreamListener | undefined;
  const queue = new PointQueue(POINT_QUEUE_LIMITS, {
    onBatch: options.onBatch,
    onFull: () => tcp?.pause(),
    onRoom: () => tcp?.resume(),
  });
  const refused = Object.fromEntries(CARBON_REASONS.map((reason) => [reason, 0])) as Record<
    CarbonReason,
    number
  >;
  const reader = (mayDrop: boolean): PacketSink => {
    const sink: CarbonSink = {
      point: (name, time, value) => queue.add(name, time, value, mayDrop),
      refuse: (reason) => (refused[reason] += 1),
    };
    return (bytes, from, to) => {
      const nowSeconds = Math.floor(options.nowMs() / 1000);
      readCarbonLines(bytes, from, to, { nowSeconds, nameBytesMax: options.nameBytesMax }, sink);
    };
  };
  const opened = await openPair(options, reader(false), reader(true));
  tcp = opened.tcp;
  return {
    ...opened,
    health: () => ({ points: queue.taken, dropped: queue.dropped, refused: { ...refused } }),
    acknowledge: () => queue.acknowledge(),
    async stop() {
      await Promise.all([opened.tcp.stop(), opened.udp.stop()]);
      queue.finish();
    },
  };
}

/** TCP and UDP on one port; a free one is looked for again when UDP has it taken. */
async function openPair(
  options: CarbonOptions,
  tcpSink: PacketSink,
  udpSink: PacketSink,
): Promise<{ tcp: StreamListener; udp: Receiver }> {
  for (let attempt = 1; ; attempt++) {
    const tcp = await openStreams(
      {
        address: options.address,
        port: options.port,
        socketPath: undefined,
        socketMode: undefined,
        keepTail: false,
        limits: { ...STREAM_LIMITS, tailBytes: LINE_BYTES_MAX },
        owner: OWNER,
      },
      tcpSink,
    );
    try {
      const udp = await openReceiver(
        { ...options, port: tcp.port, ipv6: false, owner: OWNER },
        udpSink,
      );
      return { tcp, udp };
    } catch (error) {
      await tcp.stop();
      const taken = error instanceof UserError && error.code === 'portTaken';
      if (!taken || options.port !== 0 || attempt === FREE_PORT_ATTEMPTS) throw error;
    }
  }
}
