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
export interface SketchColumn {
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
  /** Epoch seconds, fractions are cut; one number for all of a flush. */
  times: Float64Array | number;
  /** Milliseconds of traffic that a flush covers, and that rates are taken over. */
  intervalMs: number;
  /** `merge`: joined to what the slot has, as each series says; `overwrite`: the last write wins. */
  how: 'merge' | 'overwrite';
  sketches?: SketchColumn;
  /** What StatsD's flush says beside its values. */
  flush?: FlushFacts;
}

export interface FlushFacts {
  /** StatsD's `numStats`: live counters + timers + gauges + sets. */
  metricCount: number;
  /** Milliseconds spent on computing the statistics (StatsD's `processing_time`). */
  processingMs: number;
}

/** A batch whose samples have one time and are joined to their slots: of every value of an interval. */
export type FlushBatch = SampleBatch & { times: number; flush: FlushFacts };

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
