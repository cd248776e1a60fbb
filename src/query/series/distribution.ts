/**
 * Columns of sketches: what a series of timer values or set members carries beside its numbers, and
 * how slots are merged into longer ones and several series into one. A number that is read from a
 * merged sketch holds for all values that went into it.
 */
import { DamagedSketch } from '../../sketch/bytes.ts';
import { encodeDistinctInPlace, mergeEncodedDistinct } from '../../sketch/distinct-codec.ts';
import { DistinctSketch } from '../../sketch/distinct.ts';
import { encodeInPlace, mergeChecked } from '../../sketch/codec.ts';
import { Sketch } from '../../sketch/log-linear.ts';
import { leastCommonMultiple } from './consolidate.ts';
import type { Distribution, Series } from './series.ts';
import { ColumnBuilder, type SketchColumn } from './sketch-column.ts';

/** Slots that are asked for: `count` of them, each `step` seconds, the first from `start` on. */
export interface Grid {
  start: number;
  step: number;
  count: number;
}

/** Merges done between two pauses: some milliseconds. */
const SLICE_MERGES = 4000;

/** The kind that is merged, and how the value of a bucket is read; sets answer their size. */
interface Reader {
  kind: 'timer' | 'set';
  read?: (sketch: Sketch, seconds: number, bucket: number) => number;
}

/** A sketch that others are merged into. */
interface Accumulator {
  clear(): void;
  take(bytes: Uint8Array, from: number, to: number): void;
  /** Valid until the next sketch is encoded. */
  bytes(): Uint8Array;
  read(seconds: number, bucket: number): number;
}

/**
 * The slots of all series, merged onto a grid by their starts; `read` takes the number of each
 * bucket from the merged sketch, NaN where nothing was counted. `pause` is awaited between merges.
 */
export async function mergeOnto(
  grid: Grid,
  all: readonly Series[],
  reader: Reader,
  pause: () => Promise<void>,
): Promise<{ values: Float64Array; sketches: SketchColumn }> {
  return withoutDamaged(all, async () => {
    const column = new ColumnBuilder(grid.count);
    const values = await walk(grid, all, reader, pause, column);
    return { values, sketches: column.finish() };
  });
}

/** The numbers alone: encoding merged sketches is a sixth of the whole cost. */
export async function readOnto(
  grid: Grid,
  all: readonly Series[],
  reader: Reader,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  return withoutDamaged(all, () => walk(grid, all, reader, pause));
}

/** Merges; a sketch that cannot be read costs its own slot, the others are merged once more. */
async function withoutDamaged<T>(all: readonly Series[], merge: () => Promise<T>): Promise<T> {
  try {
    return await merge();
  } catch (error) {
    if (!(error instanceof DamagedSketch)) throw error;
    for (const series of all) emptyDamaged(series);
    return merge();
  }
}

/** Each sketch by itself, since of those merged nobody could say which one it was. */
function emptyDamaged({ distribution }: Series): void {
  if (distribution === undefined) return;
  distribution.sources?.forEach(emptyDamaged);
  if (distribution.sketches === undefined) return;
  const { chunks, chunkOf, starts, ends } = distribution.sketches;
  const sum = accumulatorOf({ kind: distribution.kind });
  for (let slot = 0; slot < ends.length; slot++) {
    if (starts[slot] === ends[slot]) continue;
    sum.clear();
    try {
      sum.take(chunks[chunkOf[slot]!]!, starts[slot]!, ends[slot]!);
    } catch {
      ends[slot] = starts[slot]!;
    }
  }
}

/** With the merged sketches into `column`, where it is given. */
async function walk(
  grid: Grid,
  all: readonly Series[],
  reader: Reader,
  pause: () => Promise<void>,
  column?: ColumnBuilder,
): Promise<Float64Array> {
  const { start, step, count } = grid;
  const values = new Float64Array(count).fill(NaN);
  const buckets = Array.from({ length: Math.min(count, BLOCK) }, () => new Bucket(reader));
  const cursors: Cursor[] = [];
  for (const series of all) cursors.push(...(await cursorsOf(series, grid, pause)));
  for (const cursor of cursors) cursor.slot = slotsBefore(cursor, start);
  let left = SLICE_MERGES;
  for (let first = 0; first < count; first += BLOCK) {
    const block = Math.min(BLOCK, count - first);
    for (const bucket of buckets) bucket.merged = 0;
    for (const cursor of cursors) {
      for (let i = 0; i < block; i++) {
        left -= advance(cursor, buckets[i]!, start + (first + i + 1) * step, step);
      }
      if (left > 0) continue;
      left = SLICE_MERGES;
      await pause();
    }
    for (let i = 0; i < block; i++) {
      const bucket = buckets[i]!;
      if (bucket.merged > 0) values[first + i] = bucket.sum.read(step, first + i);
      if (column !== undefined) bucket.put(column);
    }
  }
  return values;
}

/** Buckets filled side by side: the sketches of a timer lie in a row, and are read in a row. */
const BLOCK = 8;

/** A bucket while it is merged. */
class Bucket {
  readonly sum: Accumulator;
  merged = 0;
  /** Source of the last sketch: a bucket of one sketch takes its bytes as they are. */
  column: SketchColumn | undefined;
  slot = 0;

  constructor(reader: Reader) {
    this.sum = accumulatorOf(reader);
  }

  put(into: ColumnBuilder): void {
    const { merged, column, slot } = this;
    if (merged === 0 || column === undefined) into.skip();
    else if (merged > 1) into.copy(this.sum.bytes());
    else {
      const chunk = column.chunks[column.chunkOf[slot]!]!;
      into.refer(chunk.subarray(column.starts[slot], column.ends[slot]));
    }
  }
}

/** Merges the slots that start before `end` into a bucket; says how many there were. */
function advance(cursor: Cursor, bucket: Bucket, end: number, step: number): number {
  const { column } = cursor;
  const { starts, ends } = column;
  const to =
    cursor.step === step ? cursor.slot + 1 : Math.min(slotsBefore(cursor, end), ends.length);
  let { slot } = cursor;
  const before = bucket.merged;
  for (; slot < to; slot++) {
    // Before the first and beyond the last slot both are undefined.
    if (starts[slot] === ends[slot]) continue;
    if (bucket.merged === 0) bucket.sum.clear();
    bucket.sum.take(column.chunks[column.chunkOf[slot]!]!, starts[slot]!, ends[slot]!);
    bucket.column = column;
    bucket.slot = slot;
    bucket.merged += 1;
  }
  cursor.slot = slot;
  return bucket.merged - before;
}

/** The number of observations, which a timer shows by itself. */
export function readCount(sketch: Sketch): number {
  return sketch.count;
}

/** A series while it is merged onto the grid. */
interface Cursor {
  start: number;
  step: number;
  column: SketchColumn;
  /** The first slot that is not merged yet, negative before the first. */
  slot: number;
}

/**
 * The columns that hold a series' sketches. What merges others is merged for good when it is asked
 * of a second time; until then its sources are merged at once, if their slots end in the same
 * buckets.
 */
async function cursorsOf(
  series: Series,
  grid: Grid,
  pause: () => Promise<void>,
): Promise<Cursor[]> {
  const { start, step, distribution } = series;
  if (distribution === undefined) return [];
  const { sources } = distribution;
  if (distribution.sketches === undefined && sources !== undefined) {
    const isAligned = grid.step % step === 0 && (grid.start - start) % step === 0;
    if (isAligned && !askedBefore.has(distribution)) {
      askedBefore.add(distribution);
      const cursors: Cursor[] = [];
      for (const source of sources) cursors.push(...(await cursorsOf(source, grid, pause)));
      return cursors;
    }
    const own = { start, step, count: series.values.length };
    const merged = await mergeOnto(own, sources, COUNTED, pause);
    distribution.sketches = merged.sketches;
  }
  const { sketches } = distribution;
  return sketches === undefined ? [] : [{ start, step, column: sketches, slot: 0 }];
}

const askedBefore = new WeakSet<Distribution>();
const COUNTED: Reader = { kind: 'timer', read: readCount };

/** How many slots of a series start before a time; negative where it starts later. */
function slotsBefore({ start, step }: Cursor, time: number): number {
  return Math.ceil((time - start) / step);
}

function accumulatorOf({ kind, read }: Reader): Accumulator {
  if (kind === 'set') {
    const sketch = new DistinctSketch();
    return {
      clear: () => sketch.clear(),
      take: (bytes, from, to) => mergeEncodedDistinct(bytes, sketch, from, to),
      bytes: () => encodeDistinctInPlace(sketch),
      read: () => sketch.estimate(),
    };
  }
  const sketch = new Sketch();
  return {
    clear: () => sketch.restart(),
    // The store looked at the checksums of the records that they are from.
    take: (bytes, from, to) => mergeChecked(bytes, from, to, sketch),
    bytes: () => encodeInPlace(sketch),
    read: (seconds, bucket) => read?.(sketch, seconds, bucket) ?? sketch.count,
  };
}

/** The common slots of series: the least common step, from the first start to the last end. */
export function commonGrid(all: readonly Series[]): Grid {
  const step = all.reduce((common, series) => leastCommonMultiple(common, series.step), 1);
  const first = Math.min(...all.map((series) => series.start));
  const end = Math.max(...all.map((series) => series.end));
  const start = first - (first % step);
  return { start, step, count: Math.ceil((end - start) / step) };
}

/** Buckets as `summarize` counts them: from the epoch on, whole ones at both ends. */
export function epochGrid(all: readonly Series[], seconds: number): Grid {
  const { start, step, count } = commonGrid(all);
  // Buckets finer than the slots would stay empty.
  const length = Math.max(seconds, step);
  const end = start + count * step;
  const from = start - (start % length);
  return { start: from, step: length, count: (end - (end % length) + length - from) / length };
}
