/** What the main thread and an ingest worker tell each other: one union a direction, by `kind`. */
import type { Config } from '../config/config.ts';
import type { PackedStrings } from './packed-strings.ts';
import type { FlushBatch, SampleBatch } from './sample-batch.ts';

/** The four kinds of StatsD metrics, named as its management console does (`sets` is ours). */
export type MetricKind = 'counters' | 'timers' | 'gauges' | 'sets';

/**
 * The raw values that a flush is computed from, in order of arrival; a timer that went over to bins
 * has no values. Crosses before the batch of the same flush, only when the console backend is on.
 */
export interface FlushSnapshot {
  kind: 'snapshot';
  counters: [string, number][];
  timers: [string, number[]][];
  gauges: [string, number][];
  sets: [string, string[]][];
}

/** A DogStatsD event, or a service check (then with its status, 0 to 3), as it was sent. */
export interface EventOrCheck {
  /** An event's title, a check's name. */
  what: string;
  /** The text that goes with it. */
  data: string;
  /** Epoch seconds, when the sender gave them. */
  when: number | undefined;
  /** `name:value` or `name`, as sent. */
  tags: string[];
  status: number | undefined;
}

/** The part of the configuration that an ingest worker is told. */
export type IngestConfig = Pick<
  Config,
  | 'servers'
  | 'connections'
  | 'receiveBufferBytes'
  | 'receiver'
  | 'aggregation'
  | 'carbon'
  | 'carbonPickle'
  | 'dumpMessages'
>;

/** What an ingest worker is started with. */
export interface IngestStart {
  config: IngestConfig;
  wantSketches: boolean;
  wantPackets: boolean;
  /** A `snapshot` before each flush. */
  wantSnapshots?: boolean;
  hashSeed: number;
}

/** Main to ingest worker. Commands with a `call` number are answered by a `reply` of that number. */
export type IngestCommand =
  | { kind: 'acknowledge'; sequence: number }
  /** Nobody reads the flush any more whose columns are in this memory (wire/batch-memory.ts). */
  | { kind: 'giveMemory'; slot: number }
  | { kind: 'acknowledgePoints'; slot: number }
  | { kind: 'acknowledgePackets' }
  | { kind: 'restoreGauges'; call: number; names: string[]; values: Float64Array }
  | { kind: 'reconfigure'; call: number; config: IngestConfig; wantSketches: boolean }
  | { kind: 'inspect'; call: number; metrics: MetricKind }
  | { kind: 'deleteMetrics'; call: number; metrics: MetricKind; pattern: string }
  | { kind: 'health'; call: number }
  | { kind: 'top'; call: number }
  | { kind: 'stop'; call: number };

/** An address that is listened on; `port` is the real one, 0 for a unix socket (a path). */
export interface ListenAddress {
  kind: 'statsd' | 'carbon' | 'pickle';
  transport: 'udp' | 'tcp' | 'unix' | 'unixgram';
  address: string;
  port: number;
}

/** Ingest worker to main. `ready` or `failed` comes first, once. */
export type IngestMessage =
  | { kind: 'ready'; addresses: ListenAddress[]; receiver: string; receiveBufferBytes: number }
  | { kind: 'failed'; code: string | undefined; sentence: string }
  | { kind: 'flush'; batch: FlushBatch }
  | FlushSnapshot
  /** Carbon's points. */
  | { kind: 'points'; batch: SampleBatch }
  | { kind: 'packets'; packets: PackedStrings }
  | { kind: 'events'; events: EventOrCheck[] }
  /** Values that came with a time of their own, behind the flush that passes it. */
  | { kind: 'timed'; batch: SampleBatch }
  | {
      kind: 'log';
      level: 'info' | 'warn' | 'error' | 'debug';
      message: string;
      fields: Record<string, unknown> | undefined;
    }
  | { kind: 'reply'; call: number; value: unknown }
  | { kind: 'replyError'; call: number; code: string | undefined; sentence: string };
