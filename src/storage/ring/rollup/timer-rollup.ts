/**
 * Statistics of timers in coarser archives, from the merged sketches of the coarser slot instead of
 * from finer statistics: an average of `upper_99` is no 99th percentile of anything. Where a sketch
 * is missing (none kept then, older than their retention, damaged) the rollup stays as it is.
 */
import { groupBy } from '../../../lib/group-by.ts';
import { slices } from '../../../lib/slices.ts';
import { statistic } from '../../../sketch/statistics.ts';
import {
  NO_TIMER,
  SKETCH_SET,
  STAT_BIN,
  STAT_COUNT,
  STAT_COUNT_PS,
  STAT_DISTINCT,
  type SketchKind,
} from '../../../wire/statistics.ts';
import type { MatrixColumn } from '../ring.ts';
import { partialRow } from '../ring-clock.ts';
import { type SketchMembers, type SketchSource, readSketches } from '../sketches/sketch-columns.ts';
import { type SketchMerger, isCoarse } from '../sketches/sketch-merge.ts';
import type { EncodedSketches } from '../sketches/sketch-record.ts';

/** Of which timer series are statistics: columns beside those of RingSeries. */
export interface SeriesTimers {
  /** Ids of timers, NO_TIMER for none. */
  timers: Uint32Array;
  stats: Uint8Array;
  arguments: Float64Array;
}

/** Where the sketches of a timer are. */
export interface TimerColumn {
  source: SketchSource;
  column: number;
  since: number;
}

/** A coarser slot that is rolled up from `count` finer ones. */
interface Bucket {
  /** Epoch seconds. */
  start: number;
  finerStep: number;
  count: number;
  /** Seconds of traffic in it: its length, or less while it grows. */
  seconds: number;
}

/** Statistics that are sent, as 0, when nothing was counted. */
const IDLE_ZERO = [STAT_COUNT, STAT_COUNT_PS, STAT_DISTINCT];
/** Timers whose sketches are in memory at a time. */
const TIMERS_AT_ONCE = 256;

export class TimerRollup {
  /** False: rollups stay as they are, as Graphite's. */
  enabled = true;
  private readonly columnOf: (timer: number) => TimerColumn | undefined;
  private readonly merger: SketchMerger;

  constructor(columnOf: (timer: number) => TimerColumn | undefined, merger: SketchMerger) {
    this.columnOf = columnOf;
    this.merger = merger;
  }

  /**
   * Replaces known rollups in a column of a matrix; the finer values they were made of are at
   * `finer[i * bucket.count + j]`.
   */
  refine(
    bucket: Bucket,
    series: SeriesTimers,
    finer: Float64Array,
    { out, stride, at }: MatrixColumn,
  ): void {
    if (!this.enabled) return;
    const sketched: number[] = [];
    for (let i = 0; i < series.timers.length; i++) {
      const value = out[i * stride + at]!;
      if (series.timers[i] === NO_TIMER || value !== value) continue;
      const from = i * bucket.count;
      if (series.stats[i] === STAT_BIN) out[i * stride + at] = sumOf(finer, from, bucket.count);
      else sketched.push(i);
      // Without its sketch as in a slot (slot-merge.ts): there were so many at least.
      if (series.stats[i] === STAT_DISTINCT) {
        out[i * stride + at] = greatestOf(finer, from, bucket.count);
      }
    }
    const byTimer = groupBy(sketched, (i) => series.timers[i]!);
    for (const some of slices([...byTimer.keys()], TIMERS_AT_ONCE)) {
      this.eachTimer(bucket, some, (timer, valueOf, isCounted) => {
        for (const i of byTimer.get(timer)!) {
          const stat = series.stats[i]!;
          const from = i * bucket.count;
          if (!isCovered(finer.subarray(from, from + bucket.count), stat, isCounted)) continue;
          const value = valueOf(stat, series.arguments[i]!);
          if (Number.isFinite(value)) out[i * stride + at] = value;
        }
      });
    }
  }

  /** Statistics of each timer that has sketches in the bucket, and which finer slots those cover. */
  private eachTimer(
    bucket: Bucket,
    timers: readonly number[],
    take: (
      timer: number,
      valueOf: (stat: number, argument: number) => number,
      isCounted: boolean[],
    ) => void,
  ): void {
    const found = timers.flatMap((timer) => {
      const at = this.columnOf(timer);
      return at === undefined ? [] : [{ timer, ...at }];
    });
    for (const [source, members] of groupBy(found, ({ source }) => source)) {
      const archiveIndex = archiveFor(source, bucket);
      if (archiveIndex < 0) continue;
      members.sort((a, b) => a.column - b.column);
      const columns = {
        columns: Uint32Array.from(members, ({ column }) => column),
        since: Uint32Array.from(members, ({ since }) => since),
      };
      const parts = readBucket(source, archiveIndex, columns, bucket);
      const whole = readWhole(source, archiveIndex, columns, bucket);
      members.forEach(({ timer }, i) => {
        const own = parts[i]!;
        if (own.every((part) => part === undefined)) return;
        const merged = whole !== undefined && covers(whole[i]!, own) ? whole[i]! : own;
        take(timer, this.merged(source.kind, merged, bucket), coverage(own, bucket.count));
      });
    }
  }

  /** Statistics of all parts; good until the next. */
  private merged(
    kind: SketchKind,
    parts: Readonly<EncodedSketches>,
    { seconds }: Bucket,
  ): (stat: number, argument: number) => number {
    const sketches = parts.filter((part) => part !== undefined);
    if (kind === SKETCH_SET) {
      const count = this.merger.mergeSets(sketches).estimate();
      return (stat) => (stat === STAT_DISTINCT ? count : NaN);
    }
    const merged = this.merger.mergeTimers(sketches);
    return (stat, argument) => statistic(merged, stat, argument, seconds);
  }
}

/** The bucket's sketches of one archive, timer by timer. */
function readBucket(
  source: SketchSource,
  archiveIndex: number,
  members: SketchMembers,
  { start, finerStep, count }: Bucket,
): EncodedSketches[] {
  const { step } = source.archives[archiveIndex]!;
  const rows = (finerStep * count) / step;
  const found = readSketches(source, members, {
    archiveIndex,
    firstRow: start / step,
    count: rows,
  });
  return Array.from(members.columns, (_, i) => found.slice(i * rows, (i + 1) * rows));
}

/**
 * The same from the coarsest archive that has it stored as precisely: one sketch instead of many.
 * Undefined when there is none.
 */
function readWhole(
  source: SketchSource,
  finerIndex: number,
  members: SketchMembers,
  bucket: Bucket,
): EncodedSketches[] | undefined {
  const { start, finerStep, count } = bucket;
  const length = finerStep * count;
  const index = source.archives.findLastIndex(({ step }) => length % step === 0 && !isCoarse(step));
  if (index <= finerIndex) return undefined;
  const open = partialRow(source, index);
  if ((start + length) / source.archives[index]!.step > open) return undefined;
  return readBucket(source, index, members, bucket);
}

/** Whether coarser parts are known wherever finer ones are. */
function covers(coarser: EncodedSketches, finer: EncodedSketches): boolean {
  const ratio = finer.length / coarser.length;
  return finer.every(
    (part, k) => part === undefined || coarser[Math.floor(k / ratio)] !== undefined,
  );
}

/**
 * The sketch archive to read a bucket from: the coarsest that tells the finer slots apart, else the
 * coarsest that fits into the bucket, -1 when none does.
 */
function archiveFor({ archives }: SketchSource, { finerStep, count }: Bucket): number {
  const fine = archives.findLastIndex(({ step }) => finerStep % step === 0);
  if (fine >= 0) return fine;
  return archives.findLastIndex(({ step }) => (finerStep * count) % step === 0);
}

/** Of each finer slot, whether there is a sketch. */
function coverage(parts: EncodedSketches, count: number): boolean[] {
  const perSlot = parts.length / count;
  return Array.from({ length: count }, (_, j) => {
    const from = Math.floor(j * perSlot);
    const to = Math.max(from + 1, Math.floor((j + 1) * perSlot));
    for (let k = from; k < to; k++) if (parts[k] !== undefined) return true;
    return false;
  });
}

/** Whether each finer value that stands for samples has its sketch: an idle timer counts 0. */
export function isCovered(
  finer: Float64Array,
  stat: number,
  isCounted: readonly boolean[],
): boolean {
  const idle = IDLE_ZERO.includes(stat) ? 0 : NaN;
  return finer.every((value, j) => isCounted[j] === true || value !== value || value === idle);
}

function sumOf(finer: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let j = from; j < from + count; j++) if (finer[j] === finer[j]) sum += finer[j]!;
  return sum;
}

function greatestOf(finer: Float64Array, from: number, count: number): number {
  let greatest = NaN;
  for (let j = from; j < from + count; j++) {
    if (!(finer[j]! <= greatest) && finer[j] === finer[j]) greatest = finer[j]!;
  }
  return greatest;
}
