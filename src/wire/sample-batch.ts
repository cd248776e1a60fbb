/**
 * The one shape in which samples go from whoever has them to the store: parallel columns of refs
 * and values, never an object per sample. A ref is a small number of its producer that stands for a
 * series; what it stands for crosses once, in the dictionary of the batch in which it first appears.
 *
 *     refs     | 0 | 1 | 2 | 7 |          series.refs    | 7 |
 *     values   | . | . | . | . |          series.names   | stats.timers.a.upper_90 |
 *
 * Order inside a batch: what is declared, the values, what is retired (refs that a later batch may
 * declare anew).
 */
import type { PackedStrings } from './packed-strings.ts';

/** Whose refs they are. */
export const PRODUCER_STATSD = 0;
export const PRODUCER_CARBON = 1;
/** StatsD's samples with times of their own. */
export const PRODUCER_TIMESTAMPED = 2;
/** What carbon's rules made of samples. */
export const PRODUCER_RULES = 3;
export const PRODUCER_SELF_METRICS = 4;
export const PRODUCER_CHECKS = 5;

/** What is new and what is retired among the refs of a producer; columns of equal length. */
export interface SeriesDictionary {
  /** Refs of batches before this one stand for nothing any more. */
  isReset: boolean;
  refs: Uint32Array;
  names: PackedStrings;
  /** MERGE_*: how values of one slot are joined. */
  merges: Uint8Array;
  /** STAT_* of a timer's series, its threshold (percent) or bin index, and the ref of its timer. */
  stats: Uint8Array;
  arguments: Float64Array;
  timers: Uint32Array;
  retired: Uint32Array;
  sketches?: SketchDictionary;
}

/** Timers and sets whose sketches appear for the first time: refs of their own, SKETCH_*, base names. */
export interface SketchDictionary {
  refs: Uint32Array;
  kinds: Uint8Array;
  names: PackedStrings;
}

/** Encoded sketches (sketch/FORMAT.md) by the ref of their timer or set. */
interface SketchColumn {
  refs: Uint32Array;
  bytes: PackedStrings;
}

export interface SampleBatch {
  producer: number;
  /** 1, 2, 3 … per producer: its acknowledgement. */
  sequence: number;
  series: SeriesDictionary;
  refs: Uint32Array;
  /** NaN and ±Infinity occur (StatsD emits them); the store keeps only finite values. */
  values: Float64Array;
  /** Of a flush: 1 where nobody sent a sample, and the flush repeats a gauge or says 0. */
  repeated?: Uint8Array;
  /** Epoch seconds, fractions are cut; one number for all of a flush. */
  times: Float64Array | number;
  /** Milliseconds of traffic that a flush covers, and that rates are taken over. */
  intervalMs: number;
  /** `merge`: joined to what the slot has, as each series says; `overwrite`: the last write wins. */
  how: 'merge' | 'overwrite';
  sketches?: SketchColumn;
  /** Makes it a flush: all values of an interval. What StatsD says beside them. */
  flush?: FlushFacts;
  /** Who sent the samples, where a producer knows it; nothing of the store's. */
  senders?: SenderRuns | undefined;
  /** Shared memory that holds the columns, by its producer's number; given back when all is read. */
  slot?: number;
}

/** Samples of one sender after another: those from starts[i] on are of senders[i]. */
export interface SenderRuns {
  starts: number[];
  senders: (string | undefined)[];
}

/** Who sent the sample at a place of a batch, undefined where it is not known. */
export function senderAt({ senders: runs }: SampleBatch, at: number): string | undefined {
  return runs?.senders[runs.starts.findLastIndex((start) => start <= at)];
}

export interface FlushFacts {
  /** StatsD's `numStats`: live counters + timers + gauges + sets. */
  metricCount: number;
  /** Milliseconds spent on computing the statistics (StatsD's `processing_time`). */
  processingMs: number;
}

export type FlushBatch = SampleBatch & { times: number; flush: FlushFacts };

export function isFlush(batch: SampleBatch): batch is FlushBatch {
  return batch.flush !== undefined;
}

/** The newest of its times, epoch seconds. */
export function newestTime({ times }: SampleBatch): number {
  return typeof times === 'number' ? times : times.reduce((a, b) => Math.max(a, b), 0);
}

/** What became of samples, by reason. */
export interface SampleCounts {
  stored: number;
  notFinite: number;
  tooOld: number;
  inFuture: number;
  /** Refused because the store's limit on series is reached. */
  overLimit: number;
}

/** What became of a batch's samples. */
export interface SampleReport extends SampleCounts {
  /** Where in the batch the last ones are whose times the store has no place for. */
  lastTooOld?: number;
  lastInFuture?: number;
}

export function emptyReport(): SampleCounts {
  return { stored: 0, notFinite: 0, tooOld: 0, inFuture: 0, overLimit: 0 };
}

export function addReport(sum: SampleCounts, more: SampleCounts): void {
  for (const key of Object.keys(emptyReport()) as (keyof SampleCounts)[]) sum[key] += more[key];
}
