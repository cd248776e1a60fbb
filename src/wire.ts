/**
 * What crosses threads and wings: the flush frame, batches of ready-made points and the codes in
 * them. Types and constants only.
 *
 * An ingest worker hands over one frame a flush: parallel columns of series ids and values, never
 * objects per metric. A series id is a small dense number owned by the ingest worker; its name
 * crosses once, in the `born` columns of the frame in which it first appears. Order inside one
 * frame: `born` first, then `values`, then `dead` (ids free for a later frame's `born`).
 *
 *     ids     | 0 | 1 | 2 | 7 |          bornIds   | 7 |
 *     values  | . | . | . | . |          bornNames | stats.timers.a.upper_90 |
 */
import type { Config } from './config/config.ts';

/** How two values of one series are joined when both fall into one slot (associative). */
export const MERGE_SUM = 0; // counts
export const MERGE_RATE = 1; // per-second values: mean weighted by the flush interval
export const MERGE_LAST = 2; // gauges
export const MERGE_MAX = 3; // a timer's upper, a set's count
export const MERGE_MIN = 4; // a timer's lower
export const MERGE_SKETCH = 5; // a timer's statistic, recomputed from the merged sketch
export const MERGE_POINT = 6; // ready-made points (carbon): last write wins
export type MergeCode = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Statistics of a timer (facts: StatsD "Timer statistics"); `_P` ones take a threshold argument. */
export const STAT_NONE = 0;
export const STAT_COUNT = 1;
export const STAT_COUNT_PS = 2;
export const STAT_LOWER = 3;
export const STAT_UPPER = 4;
export const STAT_SUM = 5;
export const STAT_SUM_SQUARES = 6;
export const STAT_MEAN = 7;
export const STAT_MEDIAN = 8;
export const STAT_STD = 9;
export const STAT_COUNT_P = 10;
export const STAT_MEAN_P = 11;
export const STAT_EDGE_P = 12; // upper_P, or lower_topP when the threshold is negative
export const STAT_SUM_P = 13;
export const STAT_SUM_SQUARES_P = 14;
export const STAT_BIN = 15; // histogram bin; argument = index of the bin in its config entry
export const STAT_DISTINCT = 16; // a set's count of distinct members

/** What a sketch is of, and so how it is merged. */
export const SKETCH_TIMER = 0; // sketch/log-linear.ts
export const SKETCH_SET = 1; // sketch/distinct.ts
export type SketchKind = 0 | 1;

/** No timer: the series is not one of a timer's (or set's) statistics. */
export const NO_TIMER = 0xffffffff;

/** One flush of one ingest worker. All arrays have exactly the length that is used. */
export interface FlushFrame {
  kind: 'flush';
  /** 1, 2, 3 … per worker; acknowledged by number once durable. */
  sequence: number;
  /** Timestamp of every value: epoch seconds, whole. */
  time: number;
  /** Milliseconds of traffic that the values cover (the configured interval). */
  intervalMs: number;
  ids: Uint32Array;
  /** NaN and ±Infinity occur (StatsD emits them); the store keeps only finite values. */
  values: Float64Array;

  bornIds: Uint32Array;
  /** UTF-8 names back to back; name i ends at `bornNameEnds[i]` (exclusive). */
  bornNames: Uint8Array;
  bornNameEnds: Uint32Array;
  bornMerge: Uint8Array;
  /** STAT_* of a timer's series, its threshold (percent) or bin index, and the timer it is of:
   *  its number in `sketchTimers`, which sets share. */
  bornStat: Uint8Array;
  bornArgument: Float64Array;
  bornTimer: Uint32Array;
  deadIds: Uint32Array;

  /** Timers and sets whose sketches appear for the first time: number, kind (SKETCH_*), base name. */
  bornSketches: Uint32Array;
  bornSketchKinds: Uint8Array;
  bornSketchNames: Uint8Array;
  bornSketchNameEnds: Uint32Array;
  /** Encoded sketches (sketch/FORMAT.md) by timer or set; empty unless asked for. */
  sketchTimers: Uint32Array;
  sketchBytes: Uint8Array;
  sketchEnds: Uint32Array;

  /** StatsD's `numStats`: live counters + timers + gauges + sets. */
  metricCount: number;
  /** Milliseconds spent on computing the statistics (StatsD's `processing_time`). */
  processingMs: number;
}

/** Points that arrive ready-made (carbon ports, self-metrics, imports): stored as they are. */
export interface PointBatch {
  kind: 'points';
  names: string[];
  /** Epoch seconds; fractions are cut. */
  times: Float64Array;
  values: Float64Array;
  /**
   * How each joins what its slot has: MERGE_SUM adds, MERGE_RATE adds per second, others overwrite;
   * all of them without it.
   */
  merges?: Uint8Array;
  /** With MERGE_RATE: the milliseconds that rates are taken over where a slot is not longer. */
  intervalMs?: number;
}

/** Points as carbon's ports take them in: each by the number of its name, which crosses once. */
export interface NumberedPoints {
  kind: 'points';
  /** Of the columns, which are shared memory: with it they are given back. */
  slot: number;
  /** Numbers start again at 0 with this batch; those of before are forgotten. */
  isReset: boolean;
  /** Names of the next numbers, counted up from 0. */
  born: string[];
  numbers: Uint32Array;
  /** Epoch seconds, whole. */
  times: Float64Array;
  values: Float64Array;
}

/** What became of a batch of points, by reason. */
export interface PointReport {
  stored: number;
  notFinite: number;
  tooOld: number;
  inFuture: number;
  /** Refused because the store's limit on series is reached. */
  overLimit: number;
}

/** The four kinds of StatsD metrics, named as its management console does (`sets` is ours). */
export type MetricKind = 'counters' | 'timers' | 'gauges' | 'sets';

/**
 * The raw values that a flush is computed from, in order of arrival; a timer that went over to bins
 * has no values. Crosses before the frame of the same flush, only when the console backend is on.
 */
export interface FlushSnapshot {
  kind: 'snapshot';
  counters: [string, number][];
  timers: [string, number[]][];
  gauges: [string, number][];
  sets: [string, string[]][];
}

/** A DogStatsD event, or a service check (then with its status, 0 to 3), as it was sent. */
export interface Notice {
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
  | { kind: 'acknowledgePoints'; slot: number }
  | { kind: 'acknowledgePackets' }
  | { kind: 'restoreGauges'; call: number; names: string[]; values: Float64Array }
  | { kind: 'reconfigure'; call: number; config: IngestConfig; wantSketches: boolean }
  | { kind: 'inspect'; call: number; metrics: MetricKind }
  | { kind: 'deleteMetrics'; call: number; metrics: MetricKind; pattern: string }
  | { kind: 'health'; call: number }
  | { kind: 'stop'; call: number };

/** An address that is listened on; `port` is the real one, 0 for a unix socket (a path). */
export interface ListenAddress {
  kind: 'statsd' | 'carbon' | 'pickle';
  transport: 'udp' | 'tcp' | 'unix' | 'unixgram';
  address: string;
  port: number;
}

/** Ingest worker to main. `ready` or `refused` comes first, once. */
export type IngestMessage =
  | { kind: 'ready'; addresses: ListenAddress[]; receiver: string; receiveBufferBytes: number }
  | { kind: 'refused'; code: string | undefined; sentence: string }
  | FlushFrame
  | FlushSnapshot
  | NumberedPoints
  | { kind: 'packets'; bytes: Uint8Array; ends: Uint32Array }
  | { kind: 'notices'; notices: Notice[] }
  /** Values that came with a time of their own, behind the flush that passes it. */
  | { kind: 'timed'; points: PointBatch }
  | {
      kind: 'log';
      level: 'info' | 'warn' | 'error' | 'debug';
      message: string;
      fields: Record<string, unknown> | undefined;
    }
  | { kind: 'reply'; call: number; value: unknown }
  | { kind: 'replyError'; call: number; code: string | undefined; sentence: string };
