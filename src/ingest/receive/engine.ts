/**
 * Everything one ingest worker runs: listeners, the aggregator, the flusher and the queues to main.
 * It talks through `post` and `handle` only, so that tests run it without a thread. Called by
 * `worker.ts`.
 */
import type { FlushBatch, SampleBatch } from '../../wire/sample-batch.ts';
import type {
  IngestCommand,
  IngestMessage,
  IngestStart,
  ListenAddress,
  MetricKind,
  EventOrCheck,
} from '../../wire/ingest-messages.ts';
import type { AggregationConfig } from '../../config/config.ts';
import { dialectCode, FRAMED_STREAMS, hasTrait, KEEPS_TAIL } from '../../config/dialects.ts';
import type { ServerConfig } from '../../config/structures.ts';
import type { ListenerKind } from '../../lib/bind-error.ts';
import { UserError } from '../../lib/errors.ts';
import { joinRejections, type Rejection } from '../../rejections/rejections.ts';
import { type HintPlaces } from '../../rejections/mistakes.ts';
import { openCarbon, type CarbonListener } from './carbon-listener.ts';
import { RejectionLog } from './rejection-log.ts';
import { Flusher, type FlushClock, type FlushSource } from './flusher.ts';
import { listenersHealth, packetsOfStatsd, type Listener, type ReceiveHealth } from './health.ts';
import { PacketQueue } from './packet-queue.ts';
import { type PacketSink, type Receiver, slowestMode } from './receiver.ts';
import { withSnapshots } from './snapshots.ts';
import { openStreams, STREAM_LIMITS } from './streams.ts';
import { openReceiver } from './udp.ts';
import { openUnixDatagrams } from './unix-datagrams.ts';

const PORT_KIND: ListenerKind = {
  rival: 'another StatsD or tallyd',
  flag: '--port',
  addressFlag: '--address',
};
const STREAM_KIND: ListenerKind = { rival: PORT_KIND.rival, flag: '--socket' };
const DATAGRAM_KIND: ListenerKind = {
  rival: 'a Datadog agent, another tallyd',
  flag: '--datagram-socket',
};
/** A held flush is logged the first time and then once per so many. */
const HELD_LOG_EVERY = 30;

/** What the engine needs of an aggregator (`aggregate/aggregator.ts`). */
export interface IngestAggregator extends FlushSource {
  /** Epoch seconds, for its `lastMessageTime`; brought up to date once a second. */
  nowSeconds: number;
  packet(
    bytes: Uint8Array,
    from: number,
    to: number,
    dialect: number,
    stream: boolean,
    sender?: string,
  ): void;
  /** What was rejected since the start. */
  rejections(): Rejection[];
  restoreGauges(names: string[], values: Float64Array): number;
  reconfigure(config: AggregationConfig, wantSketches: boolean): void;
  /** Events and service checks that came since the last call. */
  takeEvents(): EventOrCheck[];
  /** Part of the values with times up to that of the flush that was just done, until undefined. */
  takeTimed(flushTime: number): SampleBatch | undefined;
  inspect(metrics: MetricKind): unknown;
  deleteMetrics(metrics: MetricKind, pattern: string): string[];
  health(): unknown;
  /** What was busiest in the last flush. */
  top(): unknown;
}

type Post = (message: IngestMessage, transfer?: ArrayBuffer[]) => void;

export class Engine {
  private readonly start: IngestStart;
  private readonly aggregator: IngestAggregator;
  private readonly post: Post;
  private readonly clock: FlushClock;
  private readonly flusher: Flusher;
  private readonly packets: PacketQueue;
  private readonly listeners: Listener[] = [];
  private carbon: CarbonListener | undefined;
  private seenTimer: NodeJS.Timeout | undefined;
  private packetsSeen = 0;
  private timedUntil = 0;
  private isPostingTimed = false;
  private lastPacketMs = 0;
  private readonly rejectionLog = new RejectionLog(() => this.places());
  private dumping: boolean;

  constructor(start: IngestStart, aggregator: IngestAggregator, post: Post, clock: FlushClock) {
    this.start = start;
    this.aggregator = aggregator;
    this.post = post;
    this.clock = clock;
    this.dumping = start.config.dumpMessages;
    const { flushIntervalMs, flushAlign } = start.config.aggregation;
    const timing = { intervalMs: flushIntervalMs, aligned: flushAlign };
    const source =
      start.wantSnapshots === true
        ? withSnapshots(aggregator, (snapshot) => post(snapshot))
        : aggregator;
    this.flusher = new Flusher(source, timing, clock, {
      onFlush: (batch) => this.postFlush(batch),
      onHeld: (heldInARow) => this.logHeld(heldInARow),
    });
    this.packets = new PacketQueue((packets) =>
      post({ kind: 'packets', packets }, ownBuffers(packets)),
    );
  }

  /** Opens every listener or none; throws the UserError of the first that cannot be opened. */
  async open(): Promise<void> {
    const { config } = this.start;
    try {
      for (const server of config.servers) this.listeners.push(await this.openServer(server));
      await this.openCarbon();
    } catch (error) {
      await this.closeListeners();
      throw error;
    }
    this.seenTimer = setInterval(() => this.noteTime(), 1000);
    this.noteTime();
    this.flusher.start();
    const receivers = this.listeners
      .filter(({ address }) => address.transport === 'udp')
      .flatMap(({ receiver }) => receiver ?? []);
    this.logReceivers(receivers);
    this.post({
      kind: 'ready',
      addresses: this.listeners.map(({ address }) => address),
      receiver: slowestMode(receivers),
      receiveBufferBytes: receivers[0]?.receiveBufferBytes ?? 0,
    });
  }

  /** Obeys a command of the main thread. */
  handle(command: Exclude<IngestCommand, { kind: 'giveMemory' }>): void {
    switch (command.kind) {
      case 'acknowledge':
        this.flusher.acknowledge(command.sequence);
        return;
      case 'acknowledgePoints':
        this.carbon?.acknowledge(command.slot);
        return;
      case 'acknowledgePackets':
        this.packets.acknowledge();
        return;
      default:
        void this.answer(command);
    }
  }

  private async answer(command: Extract<IngestCommand, { call: number }>): Promise<void> {
    const { call } = command;
    try {
      this.post({ kind: 'reply', call, value: await this.call(command) });
    } catch (error) {
      this.post({ kind: 'replyError', call, ...sentenceOf(error) });
    }
  }

  private async call(command: Extract<IngestCommand, { call: number }>): Promise<unknown> {
    switch (command.kind) {
      case 'restoreGauges':
        return this.aggregator.restoreGauges(command.names, command.values);
      case 'reconfigure':
        this.dumping = command.config.dumpMessages;
        return this.reconfigure(command.config.aggregation, command.wantSketches);
      case 'inspect':
        return this.aggregator.inspect(command.metrics);
      case 'deleteMetrics':
        return this.aggregator.deleteMetrics(command.metrics, command.pattern);
      case 'health':
        return { ...(await this.receiveHealth()), aggregate: this.aggregator.health() };
      case 'top':
        return this.aggregator.top();
      case 'stop':
        return this.stop();
    }
  }

  /** The interval and its alignment stay as they were at start, as in StatsD. */
  private reconfigure(aggregation: AggregationConfig, wantSketches: boolean): void {
    const { flushIntervalMs, flushAlign } = this.start.config.aggregation;
    if (aggregation.flushIntervalMs !== flushIntervalMs || aggregation.flushAlign !== flushAlign) {
      this.log('warn', 'flushInterval and flushAlign change with a restart only', {
        flushIntervalMs,
        flushAlign,
      });
    }
    this.aggregator.reconfigure({ ...aggregation, flushIntervalMs, flushAlign }, wantSketches);
  }

  private async stop(): Promise<void> {
    clearInterval(this.seenTimer);
    await this.closeListeners();
    this.packets.send();
    this.postEvents();
    this.flusher.finish();
    this.postRestOfTimed();
  }

  private async closeListeners(): Promise<void> {
    await Promise.all([
      ...this.listeners
        .filter(({ address }) => address.kind === 'statsd')
        .map(({ receiver, streams }) => (receiver ?? streams)?.stop()),
      this.carbon?.stop(),
    ]);
  }

  private async openServer(server: ServerConfig): Promise<Listener> {
    const { address, port, ipv6, socketPath, socketMode } = server;
    if (server.transport === 'udp' && socketPath !== undefined) {
      const onFault = (error: Error) => this.logFault(`unix socket ${socketPath}`, error);
      const receiver = await openUnixDatagrams(
        { path: socketPath, mode: socketMode, kind: DATAGRAM_KIND, onFault },
        this.packetSink(server, false),
      );
      return { address: at('statsd', 'unixgram', receiver), receiver };
    }
    if (server.transport === 'udp') {
      const { receiveBufferBytes, receiver } = this.start.config;
      const onFault = (error: Error) => this.logFault('UDP socket', error);
      const opened = await openReceiver(
        { address, port, ipv6, receiveBufferBytes, receiver, onFault, kind: PORT_KIND },
        this.packetSink(server, false),
      );
      return { address: at('statsd', 'udp', opened), receiver: opened };
    }
    const { max, maxPerSource } = this.start.config.connections;
    const streams = await openStreams(
      {
        address,
        port,
        socketPath,
        socketMode,
        framing: hasTrait(server.dialect, FRAMED_STREAMS) ? 'linesOrFrames' : 'lines',
        keepTail: hasTrait(server.dialect, KEEPS_TAIL),
        expects: 'statsd',
        limits: { ...STREAM_LIMITS, connections: max, connectionsPerSource: maxPerSource },
        kind: socketPath === undefined ? PORT_KIND : STREAM_KIND,
      },
      this.packetSink(server, true),
    );
    const transport = socketPath === undefined ? 'tcp' : 'unix';
    return { address: at('statsd', transport, streams), streams };
  }

  private async openCarbon(): Promise<void> {
    const { receiveBufferBytes, receiver, aggregation, carbon, carbonPickle, connections } =
      this.start.config;
    this.carbon = await openCarbon({
      plaintext: carbon,
      pickle: carbonPickle,
      receiveBufferBytes,
      receiver,
      nameBytesMax: aggregation.maxNameBytes,
      connections,
      hashSeed: this.start.hashSeed,
      nowMs: () => this.clock.nowMs(),
      onBatch: (batch) => this.post({ kind: 'points', batch }, ownBuffers(batch.series)),
      onFault: (error) => this.logFault('carbon UDP socket', error),
    });
    const { tcp, udp, pickle } = this.carbon;
    if (tcp !== undefined) this.listeners.push({ address: at('carbon', 'tcp', tcp), streams: tcp });
    if (udp !== undefined) {
      this.listeners.push({ address: at('carbon', 'udp', udp), receiver: udp });
    }
    if (pickle !== undefined) {
      this.listeners.push({ address: at('pickle', 'tcp', pickle), streams: pickle });
    }
  }

  /** What is done with a packet, a million times a second. Dumping changes while running. */
  private packetSink(server: ServerConfig, stream: boolean): PacketSink {
    const { aggregator, packets } = this;
    const { wantPackets } = this.start;
    const dialect = dialectCode(server.dialect);
    return (bytes, from, to, sender) => {
      if (this.dumping) this.log('info', Buffer.from(bytes.subarray(from, to)).toString());
      if (wantPackets) packets.add(bytes, from, to);
      aggregator.packet(bytes, from, to, dialect, stream, sender);
    };
  }

  private async receiveHealth(): Promise<ReceiveHealth> {
    this.noteTime();
    return {
      ...(await listenersHealth(this.listeners)),
      lastPacketMs: this.lastPacketMs,
      flush: { ...this.flusher.health },
      rejections: this.rejections(),
      carbon: this.carbon?.health(),
      packetsNotRepeated: this.packets.dropped,
    };
  }

  private postFlush(batch: FlushBatch): void {
    this.post({ kind: 'flush', batch }, ownBuffers(batch));
    this.timedUntil = batch.times;
    if (!this.isPostingTimed) this.postTimed();
  }

  /** Behind the flush, a part a turn. */
  private postTimed(): void {
    const batch = this.aggregator.takeTimed(this.timedUntil);
    this.isPostingTimed = batch !== undefined;
    if (batch === undefined) return;
    this.post({ kind: 'timed', batch }, ownBuffers(batch));
    this.clock.nextTurn(() => this.postTimed());
  }

  /** After the last flush nothing waits for another one. */
  private postRestOfTimed(): void {
    this.timedUntil = Infinity;
    for (;;) {
      const batch = this.aggregator.takeTimed(this.timedUntil);
      if (batch === undefined) return;
      this.post({ kind: 'timed', batch }, ownBuffers(batch));
    }
  }

  private postEvents(): void {
    const events = this.aggregator.takeEvents();
    if (events.length > 0) this.post({ kind: 'events', events });
  }

  private rejections(): Rejection[] {
    return joinRejections([
      ...this.aggregator.rejections(),
      ...(this.carbon?.rejections() ?? []),
      ...this.listeners.flatMap(
        ({ streams, receiver }) => streams?.rejections() ?? receiver?.rejections?.() ?? [],
      ),
    ]);
  }

  /** Where else what came to the wrong port may go. */
  private places(): HintPlaces {
    const places: HintPlaces = {};
    for (const { kind, transport, address, port } of this.listeners.map((one) => one.address)) {
      const isPath = transport.startsWith('unix');
      const place = isPath ? `socket ${address}` : `${transport} port ${port}`;
      places[kind] ??= place;
    }
    return places;
  }

  /** Once a second: asking the clock for every packet would cost more than counting it. */
  private noteTime(): void {
    this.aggregator.nowSeconds = Math.floor(this.clock.nowMs() / 1000);
    this.postEvents();
    for (const { message, fields } of this.rejectionLog.of(this.rejections(), this.clock.nowMs())) {
      this.log('warn', message, fields);
    }
    const seen = packetsOfStatsd(this.listeners);
    if (seen === this.packetsSeen) return;
    this.packetsSeen = seen;
    this.lastPacketMs = this.clock.nowMs();
  }

  private log(
    level: 'info' | 'warn' | 'error' | 'debug',
    message: string,
    fields?: Record<string, unknown>,
  ): void {
    this.post({ kind: 'log', level, message, fields });
  }

  private logReceivers(receivers: Receiver[]): void {
    const askedBytes = this.start.config.receiveBufferBytes;
    for (const { mode, address, port, receiveBufferBytes } of receivers) {
      const fields = { address, port, receiver: mode, askedBytes, receiveBufferBytes };
      if (mode.startsWith('message (')) {
        this.log('warn', 'receiving datagrams by events, which costs more', fields);
      } else this.log('debug', 'receiving datagrams', fields);
    }
    // Once, and not for each listener: the reason is the same.
    const slower = receivers.find(({ mode }) => mode.startsWith('drain ('));
    if (slower === undefined) return;
    const level = this.start.config.receiver === 'native' ? 'warn' : 'info';
    this.log(level, 'receiving datagrams without the native receiver, which takes more of them', {
      receiver: slower.mode,
    });
  }

  private logFault(where: string, error: Error): void {
    this.log('error', `${where}: ${error.message}`);
  }

  private logHeld(heldInARow: number): void {
    if (heldInARow % HELD_LOG_EVERY !== 1) return;
    const { framesInFlight, flushesHeld } = this.flusher.health;
    this.log('warn', 'flush held back: earlier ones are not stored yet; counting goes on', {
      framesInFlight,
      flushesHeld,
    });
  }
}

/** The code (a UserError's) and the sentence of an error, as they cross to main. */
export function sentenceOf(error: unknown): { code: string | undefined; sentence: string } {
  return {
    code: error instanceof UserError ? error.code : undefined,
    sentence: error instanceof Error ? error.message : String(error),
  };
}

function at(
  kind: ListenAddress['kind'],
  transport: ListenAddress['transport'],
  { address, port }: { address: string; port: number },
): ListenAddress {
  return { kind, transport, address, port };
}

/** Buffers of the columns of a message that hold nothing else, so that they can be transferred. */
function ownBuffers(message: object, buffers: ArrayBuffer[] = []): ArrayBuffer[] {
  for (const part of Object.values(message)) {
    if (!ArrayBuffer.isView(part)) {
      if (typeof part === 'object' && part !== null) ownBuffers(part, buffers);
    } else if (part.buffer instanceof ArrayBuffer && part.byteLength === part.buffer.byteLength) {
      // Empty ones may be constants, and cost nothing to copy.
      if (part.byteLength > 0 && !buffers.includes(part.buffer)) buffers.push(part.buffer);
    }
  }
  return buffers;
}
