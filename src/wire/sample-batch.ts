/**
 * What crosses threads and wings: the flush frame and batches of ready-made points. Types only.
 *
 * An ingest worker hands over one frame a flush: parallel columns of series ids and values, never
 * objects per metric. A series id is a small dense number owned by the ingest worker; its name
 * crosses once, in the `born` columns of the frame in which it first appears. Order inside one
 * frame: `born` first, then `values`, then `dead` (ids free for a later frame's `born`).
 *
 *     ids     | 0 | 1 | 2 | 7 |          bornIds   | 7 |
 *     values  | . | . | . | . |          bornNames | stats.timers.a.upper_90 |
 */
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
