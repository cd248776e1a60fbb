/**
 * Graphite's ports: plaintext lines on one port over TCP and UDP, pickles over TCP on another. Both
 * become batches of points. When main is late, TCP senders are held back and UDP points dropped and
 * counted. Used by the ingest engine.
 */
import type { Config } from '../../config/config.ts';
import { UserError } from '../../lib/errors.ts';
import { type Rejection, Rejections } from '../../rejections/rejections.ts';
import type { SampleBatch } from '../../wire/sample-batch.ts';
import { takePlainPoints } from '../aggregate/carbon-fast-path.ts';
import {
  CARBON_REASONS,
  readCarbonLine,
  readCarbonPickle,
  type CarbonReason,
  type CarbonRules,
  type CarbonSink,
} from '../protocol/carbon/plaintext.ts';
import {
  HINT_CODES,
  hintOf,
  type HintPort,
  WRONG_PROTOCOL,
  NO_HINT,
} from '../../rejections/mistakes.ts';
import { littleEndianView } from '../protocol/words.ts';
import { POINT_QUEUE_LIMITS, PointQueue } from './point-queue.ts';
import type { PacketSink, Receiver } from './receiver.ts';
import {
  openStreams,
  STREAM_LIMITS,
  type StreamLimits,
  type StreamListener,
  type StreamOptions,
} from './streams.ts';
import { openReceiver } from './udp.ts';

/** Carbon's own limits: on a line (Twisted's LineOnlyReceiver) and on a pickle message. */
const LINE_BYTES_MAX = 16 * 1024;
const PICKLE_BYTES_MAX = 1024 * 1024;
const FREE_PORT_ATTEMPTS = 5;
const RIVAL = 'another carbon or tallyd';
const KIND = { rival: RIVAL, flag: '--carbon-port', addressFlag: '--carbon-address' };
const PICKLE_KIND = { ...KIND, flag: '--carbon-pickle-port' };

interface Address {
  address: string;
  port: number;
}

interface CarbonOptions {
  plaintext: Address | undefined;
  pickle: Address | undefined;
  receiveBufferBytes: number;
  receiver: Config['receiver'];
  nameBytesMax: number;
  /** Of each of its stream listeners. */
  connections: { max: number; maxPerSource: number };
  /** Epoch milliseconds. */
  nowMs: () => number;
  onBatch: (batch: SampleBatch) => void;
  hashSeed: number;
  onFault: (error: Error) => void;
}

export interface CarbonHealth {
  /** Points taken in. */
  points: number;
  /** Points dropped because main was late (UDP only). */
  dropped: number;
}

export interface CarbonListener {
  readonly tcp: StreamListener | undefined;
  readonly udp: Receiver | undefined;
  readonly pickle: StreamListener | undefined;
  health(): CarbonHealth;
  /** Lines and pickles that were rejected, with examples. */
  rejections(): Rejection[];
  acknowledge(slot: number): void;
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

class Carbon implements CarbonListener {
  tcp: StreamListener | undefined;
  udp: Receiver | undefined;
  pickle: StreamListener | undefined;
  private readonly options: CarbonOptions;
  private readonly queue: PointQueue;
  private readonly rejected = new Rejections('carbon.refused', CARBON_REASONS);
  private readonly mistakes = new Rejections(WRONG_PROTOCOL.carbon, HINT_CODES);
  /** Of the packet that is being read. */
  private sender: string | undefined;

  constructor(options: CarbonOptions) {
    this.options = options;
    const events = {
      onBatch: options.onBatch,
      onFull: () => this.streams().forEach((listener) => listener.pause()),
      onRoom: () => this.streams().forEach((listener) => listener.resume()),
    };
    this.queue = new PointQueue(POINT_QUEUE_LIMITS, events, options.hashSeed);
  }

  async open(): Promise<void> {
    const { plaintext, pickle } = this.options;
    if (plaintext !== undefined) await this.openPair(plaintext);
    if (pickle === undefined) return;
    const limits = this.limits(PICKLE_BYTES_MAX);
    this.pickle = await openStreams(
      streamOptions(pickle, {
        framing: 'lengths',
        expects: 'pickle',
        limits,
        kind: PICKLE_KIND,
      }),
      this.pickles(),
    );
  }

  health(): CarbonHealth {
    const { taken, dropped } = this.queue;
    return { points: taken, dropped };
  }

  rejections(): Rejection[] {
    return [...this.rejected.list(), ...this.mistakes.list()];
  }

  acknowledge(slot: number): void {
    this.queue.acknowledge(slot);
  }

  async stop(): Promise<void> {
    const streams = this.streams().map((listener) => listener.stop());
    await Promise.all([...streams, this.udp?.stop()]);
    this.queue.finish();
  }

  private streams(): StreamListener[] {
    return [this.tcp, this.pickle].filter((listener) => listener !== undefined);
  }

  private pickles(): PacketSink {
    const { sink, rules } = this.reading(false, 'pickle');
    return (bytes, from, to, sender) => {
      this.comesFrom(sender);
      rules.nowSeconds = this.nowSeconds();
      readCarbonPickle(bytes, from, to, rules, sink);
    };
  }

  private lines(mayDrop: boolean): PacketSink {
    const { queue } = this;
    const { sink, rules } = this.reading(mayDrop, 'carbon');
    return (bytes, from, to, sender) => {
      this.comesFrom(sender);
      rules.nowSeconds = this.nowSeconds();
      const view = littleEndianView(bytes);
      let at = from;
      while (at < to) {
        // Where points are dropped they are counted one by one.
        if (!mayDrop || !queue.isFull) {
          at = takePlainPoints(bytes, view, at, to, queue.names, queue.columns);
          queue.filled();
        }
        if (at < to) at = readCarbonLine(bytes, at, to, rules, sink);
      }
    };
  }

  private comesFrom(sender: string | undefined): void {
    this.sender = sender;
    this.queue.from(sender);
  }

  private reading(mayDrop: boolean, port: HintPort): { sink: CarbonSink; rules: CarbonRules } {
    const { queue, options } = this;
    return {
      sink: {
        point: (name, time, value) => queue.add(name, time, value, mayDrop),
        reject: (reason, bytes, from, to) => this.refuse(port, reason, bytes, from, to),
      },
      rules: { nowSeconds: 0, nameBytesMax: options.nameBytesMax },
    };
  }

  private refuse(
    port: HintPort,
    reason: CarbonReason,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const now = this.nowSeconds();
    this.rejected.note(CARBON_REASONS.indexOf(reason), bytes, from, to, now, this.sender);
    // What a whole pickle holds was meant for this port.
    const mistake = port === 'pickle' ? NO_HINT : hintOf(bytes, from, to, port);
    if (mistake !== NO_HINT) this.mistakes.note(mistake, bytes, from, to, now, this.sender);
  }

  private limits(tailBytes: number): StreamLimits {
    const { max, maxPerSource } = this.options.connections;
    return { ...STREAM_LIMITS, connections: max, connectionsPerSource: maxPerSource, tailBytes };
  }

  private nowSeconds(): number {
    return Math.floor(this.options.nowMs() / 1000);
  }

  /** TCP and UDP on one port; a free one is looked for again when UDP has it taken. */
  private async openPair(where: Address): Promise<void> {
    const { receiveBufferBytes, receiver, onFault } = this.options;
    const limits = this.limits(LINE_BYTES_MAX);
    for (let attempt = 1; ; attempt++) {
      const tcp = await openStreams(
        streamOptions(where, { framing: 'looseLines', expects: 'carbon', limits, kind: KIND }),
        this.lines(false),
      );
      const { address } = where;
      const udp = { address, port: tcp.port, ipv6: false, receiveBufferBytes, receiver, onFault };
      try {
        this.udp = await openReceiver({ ...udp, kind: KIND }, this.lines(true));
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
  how: Pick<StreamOptions, 'framing' | 'expects' | 'limits' | 'kind'>,
): StreamOptions {
  return { address, port, socketPath: undefined, socketMode: undefined, keepTail: false, ...how };
}
