/**
 * The main thread's handle on the ingest worker: starts it, hands its batches and points on, and puts
 * questions to it. Called by the daemon.
 */
import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { ERROR_CODES, UserError, type ErrorCode } from '../lib/errors.ts';
import { startThread } from '../lib/thread.ts';
import type { FlushTop } from '../wire/flush-top.ts';
import type { PackedStrings } from '../wire/packed-strings.ts';
import type { FlushBatch, SampleBatch } from '../wire/sample-batch.ts';
import type {
  FlushSnapshot,
  IngestCommand,
  IngestConfig,
  IngestMessage,
  IngestStart,
  ListenAddress,
  MetricKind,
  EventOrCheck,
} from '../wire/ingest-messages.ts';
import type { AggregateHealth } from './aggregate/aggregator.ts';
import type { ReceiveHealth } from './receive/health.ts';

export interface IngestEvents {
  /** A flush; `acknowledge(batch.sequence)` once it is safe. At most two wait unacknowledged. */
  onFlush(batch: FlushBatch): void;
  /** Raw values behind the next flush; only under `wantSnapshots`. */
  onSnapshot?(snapshot: FlushSnapshot): void;
  /** Carbon points; one `acknowledgePoints` a batch, in any order. Without it they are dropped. */
  onPoints?(batch: SampleBatch): void;
  /** Values that came with times of their own, behind their flush; not acknowledged. */
  onTimed?(batch: SampleBatch): void;
  /** Events and service checks, at most once a second. */
  onEvents?(events: EventOrCheck[]): void;
  /** Raw packets; only under `wantPackets`. */
  onPackets?(packets: PackedStrings): void;
  onLog(
    level: 'info' | 'warn' | 'error' | 'debug',
    message: string,
    fields?: Record<string, unknown>,
  ): void;
  /** The worker died; nothing is received any more. */
  onError(error: Error): void;
}

export type IngestHealth = ReceiveHealth & { aggregate: AggregateHealth };

/** A metric as the management console shows it: its value, a timer's values, a set's members. */
type InspectedMetric = [string, number | number[] | string[]];

export interface Ingest {
  readonly addresses: ListenAddress[];
  /** `drain`, `message`, `message (why not drain)`, or `none` without a UDP listener. */
  readonly receiver: string;
  /** SO_RCVBUF of the first UDP listener as the kernel reports it. */
  readonly receiveBufferBytes: number;
  acknowledge(sequence: number): void;
  /** The flush of this slot is done with; its columns are written over from now on. */
  giveMemory(slot: number): void;
  /** The batch of this slot is done with; its columns are written over from now on. */
  acknowledgePoints(slot: number): void;
  /** How many of the gauges were taken. */
  restoreGauges(names: string[], values: Float64Array): Promise<number>;
  /** Takes over `config.aggregation`; listeners and the flush interval stay as they are. */
  reconfigure(config: Config, options: { wantSketches: boolean }): Promise<void>;
  inspect(kind: MetricKind): Promise<InspectedMetric[]>;
  /** Names that were deleted; `a.*` deletes all that start with `a.`. */
  deleteMetrics(kind: MetricKind, pattern: string): Promise<string[]>;
  health(): Promise<IngestHealth>;
  /** What was busiest in the last flush. */
  top(): Promise<FlushTop>;
  /**
   * Takes in what was sent before, delivers the last flush through `onFlush`, closes the sockets
   * and ends the thread.
   */
  stop(): Promise<void>;
}

/** Throws a UserError (`portTaken`, `badConfig`) when a listener cannot be opened. */
export async function startIngest(
  config: Config,
  options: { wantSketches: boolean; wantPackets: boolean; wantSnapshots?: boolean },
  events: IngestEvents,
): Promise<Ingest> {
  const start: IngestStart = {
    config: ingestConfig(config),
    ...options,
    hashSeed: randomBytes(4).readUInt32LE(),
  };
  const worker = startThread(import.meta.url, './receive/worker', start);
  const handle = new IngestHandle(worker, events);
  await handle.ready();
  return handle;
}

function ingestConfig(config: Config): IngestConfig {
  const { servers, receiveBufferBytes, receiver, aggregation, dumpMessages } = config;
  const { carbon, carbonPickle, connections } = config;
  return {
    servers,
    connections,
    receiveBufferBytes,
    receiver,
    aggregation,
    carbon,
    carbonPickle,
    dumpMessages,
  };
}

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Question<T> = T extends { call: number } ? Omit<T, 'call'> : never;

class IngestHandle implements Ingest {
  addresses: ListenAddress[] = [];
  receiver = 'none';
  receiveBufferBytes = 0;
  private readonly worker: Worker;
  private readonly events: IngestEvents;
  private readonly opened: Promise<void>;
  private readonly ended: Promise<void>;
  private readonly calls = new Map<number, Call>();
  private opening: Call | undefined;
  private lastCall = 0;
  private state: 'starting' | 'running' | 'stopping' | 'ended' = 'starting';
  private stopped: Promise<void> | undefined;

  constructor(worker: Worker, events: IngestEvents) {
    this.worker = worker;
    this.events = events;
    this.opened = new Promise((resolve, reject) => {
      this.opening = { resolve: () => resolve(), reject };
    });
    this.ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: IngestMessage) => this.take(message));
    worker.on('error', (error) => this.die(error));
    worker.on('exit', (code) => {
      const why = this.state === 'stopping' ? 'has ended' : `ended with code ${code}`;
      this.die(new Error(`the ingest thread ${why}`));
    });
  }

  ready(): Promise<void> {
    return this.opened;
  }

  acknowledge(sequence: number): void {
    this.tell({ kind: 'acknowledge', sequence });
  }

  giveMemory(slot: number): void {
    this.tell({ kind: 'giveMemory', slot });
  }

  acknowledgePoints(slot: number): void {
    this.tell({ kind: 'acknowledgePoints', slot });
  }

  restoreGauges(names: string[], values: Float64Array): Promise<number> {
    return this.ask({ kind: 'restoreGauges', names, values });
  }

  reconfigure(config: Config, { wantSketches }: { wantSketches: boolean }): Promise<void> {
    return this.ask({ kind: 'reconfigure', config: ingestConfig(config), wantSketches });
  }

  inspect(kind: MetricKind): Promise<InspectedMetric[]> {
    return this.ask({ kind: 'inspect', metrics: kind });
  }

  deleteMetrics(kind: MetricKind, pattern: string): Promise<string[]> {
    return this.ask({ kind: 'deleteMetrics', metrics: kind, pattern });
  }

  health(): Promise<IngestHealth> {
    return this.ask({ kind: 'health' });
  }

  top(): Promise<FlushTop> {
    return this.ask({ kind: 'top' });
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    if (this.state === 'ended') return;
    const done = this.ask<void>({ kind: 'stop' });
    this.state = 'stopping';
    try {
      await done;
    } finally {
      await this.worker.terminate();
      await this.ended;
    }
  }

  private take(message: IngestMessage): void {
    switch (message.kind) {
      case 'ready':
        this.addresses = message.addresses;
        this.receiver = message.receiver;
        this.receiveBufferBytes = message.receiveBufferBytes;
        this.state = 'running';
        this.opening?.resolve(undefined);
        return;
      case 'failed':
        this.state = 'ended';
        this.opening?.reject(errorOf(message.code, message.sentence));
        return;
      case 'flush':
        this.events.onFlush(message.batch);
        return;
      case 'snapshot':
        this.events.onSnapshot?.(message);
        return;
      case 'points':
        if (this.events.onPoints === undefined) this.acknowledgePoints(message.batch.slot!);
        else this.events.onPoints(message.batch);
        return;
      case 'packets':
        this.tell({ kind: 'acknowledgePackets' });
        this.events.onPackets?.(message.packets);
        return;
      case 'timed':
        this.events.onTimed?.(message.batch);
        return;
      case 'events':
        this.events.onEvents?.(message.events);
        return;
      case 'log':
        this.events.onLog(message.level, message.message, message.fields);
        return;
      case 'reply':
        this.takeCall(message.call)?.resolve(message.value);
        return;
      case 'replyError':
        this.takeCall(message.call)?.reject(errorOf(message.code, message.sentence));
    }
  }

  private takeCall(call: number): Call | undefined {
    const waiting = this.calls.get(call);
    this.calls.delete(call);
    return waiting;
  }

  private tell(command: IngestCommand): void {
    if (this.state !== 'ended') this.worker.postMessage(command, []);
  }

  private ask<T>(question: Question<IngestCommand>): Promise<T> {
    if (this.state === 'ended') return Promise.reject(new Error('the ingest thread has ended'));
    const call = ++this.lastCall;
    return new Promise((resolve, reject) => {
      this.calls.set(call, { resolve: (value) => resolve(value as T), reject });
      this.tell({ ...question, call });
    });
  }

  private die(error: Error): void {
    if (this.state === 'ended') return;
    const { state } = this;
    this.state = 'ended';
    this.opening?.reject(error);
    for (const call of this.calls.values()) call.reject(error);
    this.calls.clear();
    if (state === 'running') this.events.onError(error);
  }
}

function errorOf(code: string | undefined, sentence: string): Error {
  if (code !== undefined && Object.hasOwn(ERROR_CODES, code)) {
    return new UserError(code as ErrorCode, sentence);
  }
  return new Error(sentence);
}
