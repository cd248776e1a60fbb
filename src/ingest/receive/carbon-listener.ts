/**
 * Graphite's ports: plaintext lines on one port over TCP and UDP, pickles over TCP on another. Both
 * become batches of points. When main is late, TCP senders are held back and UDP points dropped and
 * counted. Used by the ingest engine.
 */
import { UserError } from '../../lib/errors.ts';
import type { PointBatch } from '../../wire.ts';
import {
  CARBON_REASONS,
  readCarbonLines,
  readCarbonPickle,
  type CarbonReason,
  type CarbonRules,
  type CarbonSink,
} from '../protocol/carbon.ts';
import { POINT_QUEUE_LIMITS, PointQueue } from './point-queue.ts';
import type { PacketSink, PortOwner, Receiver } from './receiver.ts';
import { openStreams, STREAM_LIMITS, type StreamListener, type StreamOptions } from './streams.ts';
import { openReceiver } from './udp.ts';

/** Carbon's own limits: on a line (Twisted's LineOnlyReceiver) and on a pickle message. */
const LINE_BYTES_MAX = 16 * 1024;
const PICKLE_BYTES_MAX = 1024 * 1024;
const FREE_PORT_ATTEMPTS = 5;
const RIVAL = 'another carbon or tallyd';
const OWNER: PortOwner = { rival: RIVAL, flag: '--carbon-port' };
const PICKLE_OWNER: PortOwner = { rival: RIVAL, flag: '--carbon-pickle-port' };

interface Address {
  address: string;
  port: number;
}

export interface CarbonOptions {
  plaintext: Address | undefined;
  pickle: Address | undefined;
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
  readonly tcp: StreamListener | undefined;
  readonly udp: Receiver | undefined;
  readonly pickle: StreamListener | undefined;
  health(): CarbonHealth;
  acknowledge(): void;
  /** Takes in what has been sent up to now, sends the last batch, closes. */
  stop(): Promise<void>;
}

/** Throws a UserError when a port cannot be bound; then nothing is left open. */
export async function openCarbon(options: CarbonOptions): Promise<CarbonListener> {
  const carbon = new Carbon(options);
  try {
    await carbon.open();
  } catch (error) {
    await carbon.stop();
    throw error;
  }
  return carbon;
}

type ReadPacket = typeof readCarbonLines;

class Carbon implements CarbonListener {
  tcp: StreamListener | undefined;
  udp: Receiver | undefined;
  pickle: StreamListener | undefined;
  private readonly options: CarbonOptions;
  private readonly queue: PointQueue;
  private readonly refused: Record<CarbonReason, number>;

  constructor(options: CarbonOptions) {
    this.options = options;
    const none = CARBON_REASONS.map((reason) => [reason, 0]);
    this.refused = Object.fromEntries(none) as Record<CarbonReason, number>;
    this.queue = new PointQueue(POINT_QUEUE_LIMITS, {
      onBatch: options.onBatch,
      onFull: () => this.streams().forEach((listener) => listener.pause()),
      onRoom: () => this.streams().forEach((listener) => listener.resume()),
    });
  }

  async open(): Promise<void> {
    const { plaintext, pickle } = this.options;
    if (plaintext !== undefined) await this.openPair(plaintext);
    if (pickle === undefined) return;
    const limits = { ...STREAM_LIMITS, tailBytes: PICKLE_BYTES_MAX };
    this.pickle = await openStreams(
      streamOptions(pickle, { framing: 'lengths', limits, owner: PICKLE_OWNER }),
      this.sink(readCarbonPickle, false),
    );
  }

  health(): CarbonHealth {
    const { taken, dropped } = this.queue;
    return { points: taken, dropped, refused: { ...this.refused } };
  }

  acknowledge(): void {
    this.queue.acknowledge();
  }

  async stop(): Promise<void> {
    const streams = this.streams().map((listener) => listener.stop());
    await Promise.all([...streams, this.udp?.stop()]);
    this.queue.finish();
  }

  private streams(): StreamListener[] {
    return [this.tcp, this.pickle].filter((listener) => listener !== undefined);
  }

  private sink(read: ReadPacket, mayDrop: boolean): PacketSink {
    const { queue, refused, options } = this;
    const sink: CarbonSink = {
      point: (name, time, value) => queue.add(name, time, value, mayDrop),
      refuse: (reason) => (refused[reason] += 1),
    };
    const rules: CarbonRules = { nowSeconds: 0, nameBytesMax: options.nameBytesMax };
    return (bytes, from, to) => {
      rules.nowSeconds = Math.floor(options.nowMs() / 1000);
      read(bytes, from, to, rules, sink);
    };
  }

  /** TCP and UDP on one port; a free one is looked for again when UDP has it taken. */
  private async openPair(where: Address): Promise<void> {
    const { receiveBufferBytes, receiver, onFault } = this.options;
    const limits = { ...STREAM_LIMITS, tailBytes: LINE_BYTES_MAX };
    for (let attempt = 1; ; attempt++) {
      const tcp = await openStreams(
        streamOptions(where, { framing: 'lines', limits, owner: OWNER }),
        this.sink(readCarbonLines, false),
      );
      const { address } = where;
      const udp = { address, port: tcp.port, ipv6: false, receiveBufferBytes, receiver, onFault };
      try {
        this.udp = await openReceiver({ ...udp, owner: OWNER }, this.sink(readCarbonLines, true));
        this.tcp = tcp;
        return;
      } catch (error) {
        await tcp.stop();
        const taken = error instanceof UserError && error.code === 'portTaken';
        if (!taken || where.port !== 0 || attempt === FREE_PORT_ATTEMPTS) throw error;
      }
    }
  }
}

function streamOptions(
  { address, port }: Address,
  how: Pick<StreamOptions, 'framing' | 'limits' | 'owner'>,
): StreamOptions {
  return { address, port, socketPath: undefined, socketMode: undefined, keepTail: false, ...how };
}
