/**
 * Columns of sketches: what a series of timer values or set members carries beside its numbers, and
 * how slots are merged into longer ones and several series into one. A number that is read off a
 * merged sketch is true for all that went into it; that is the point.
 */
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

/** What is merged, and how the value of a bucket is read off; sets say how many there are. */
export interface Reader {
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
 * The slots of all series, merged onto a grid by where each starts; `read` takes the number of each
 * bucket off the merged sketch, NaN where nothing was counted. `pause` is awaited now and then.
 */
export async function mergeOnto(
  grid: Grid,
  all: readonly Series[],
  reader: Reader,
  pause: () => Promise<void>,
): Promise<{ values: Float64Array; sketches: SketchColumn }> {
  const { start, step, count } = grid;
  const values = new Float64Array(count).fill(NaN);
  const column = new ColumnBuilder(count);
  const sum = accumulatorOf(reader);
  const cursors: Cursor[] = [];
  for (const one of all) cursors.push(...(await cursorsOf(one, grid, pause)));
  for (const cursor of cursors) cursor.slot = slotsBefore(cursor, start);
  let left = SLICE_MERGES;
  for (let i = 0; i < count; i++) {
    let merged = 0;
    let only: SketchColumn | undefined;
    let onlySlot = 0;
    const end = start + (i + 1) * step;
    for (const cursor of cursors) {
      const { column: slots } = cursor;
      const { starts, ends } = slots;
      const to =
        cursor.step === step ? cursor.slot + 1 : Math.min(slotsBefore(cursor, end), ends.length);
      let { slot } = cursor;
      for (; slot < to; slot++) {
        // Before the first and beyond the last slot both are undefined.
        if (starts[slot] === ends[slot]) continue;
        if (merged === 0) sum.clear();
        sum.take(slots.chunks[slots.chunkOf[slot]!]!, starts[slot]!, ends[slot]!);
        only = slots;
        onlySlot = slot;
        merged += 1;
        left -= 1;
      }
      cursor.slot = slot;
      if (left > 0) continue;
      left = SLICE_MERGES;
      await pause();
    }
    if (only === undefined) {
      column.skip();
      continue;
    }
    values[i] = sum.read(step, i);
    if (merged > 1) column.copy(sum.bytes());
    else {
      // Of one alone the bytes are there.
      const chunk = only.chunks[only.chunkOf[onlySlot]!]!;
      column.refer(chunk.subarray(only.starts[onlySlot], only.ends[onlySlot]));
    }
  }
  return { values, sketches: column.finish() };
}

/** How much was counted: what timers show as they are. */
export function readCount(sketch: Sketch): number {
  return sketch.count;
}

/** A series on its way over the grid. */
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
async function cursorsOf(one: Series, grid: Grid, pause: () => Promise<void>): Promise<Cursor[]> {
  const { start, step, distribution } = one;
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
    const own = { start, step, count: one.values.length };
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
  const step = all.reduce((common, one) => leastCommonMultiple(common, one.step), 1);
  const first = Math.min(...all.map((one) => one.start));
  const end = Math.max(...all.map((one) => one.end));
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
