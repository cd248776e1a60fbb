/**
 * Columns of sketches: what a series of timer values or set members carries beside its numbers, and
 * how slots are merged into longer ones and several series into one. A number that is read off a
 * merged sketch is true for all that went into it; that is the point.
 */
import { encodeDistinct, mergeEncodedDistinct } from '../../sketch/distinct-codec.ts';
import { DistinctSketch } from '../../sketch/distinct.ts';
import { encodeSketch, mergeEncoded } from '../../sketch/codec.ts';
import { Sketch } from '../../sketch/log-linear.ts';
import { leastCommonMultiple } from './consolidate.ts';
import type { Series, SketchColumn } from './series.ts';

/** Slots that are asked for: `count` of them, each `step` seconds, the first from `start` on. */
export interface Grid {
  start: number;
  step: number;
  count: number;
}

/** Merges done between two pauses: some milliseconds. */
const SLICE_MERGES = 4000;

/** What is merged, and how the value of a bucket is read off; set ones are read as they are. */
export type Reader =
  | { kind: 'timer'; read(sketch: Sketch, seconds: number, bucket: number): number }
  | { kind: 'set'; read?: undefined };

/** A sketch that others are merged into. */
interface Accumulator {
  clear(): void;
  take(bytes: Uint8Array): void;
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
  const sketches: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(count);
  const sum = accumulatorOf(reader);
  let left = SLICE_MERGES;
  for (let i = 0; i < count; i++) {
    let merged = 0;
    let only: Uint8Array | undefined;
    for (const one of all) {
      const slots = one.distribution?.sketches ?? [];
      const to = Math.min(slotsBefore(one, start + (i + 1) * step), slots.length);
      for (let slot = slotsBefore(one, start + i * step); slot < to; slot++) {
        const bytes = slots[slot];
        if (bytes === undefined) continue;
        if (merged === 0) sum.clear();
        sum.take(bytes);
        only = bytes;
        merged += 1;
      }
    }
    if (merged === 0) continue;
    sketches[i] = merged === 1 ? only : sum.bytes();
    values[i] = sum.read(step, i);
    left -= merged;
    if (left > 0) continue;
    left = SLICE_MERGES;
    await pause();
  }
  return { values, sketches };
}

/** How many slots of a series start before a time. */
function slotsBefore(one: Series, time: number): number {
  return Math.max(Math.ceil((time - one.start) / one.step), 0);
}

function accumulatorOf({ kind, read }: Reader): Accumulator {
  if (kind === 'set') {
    const sketch = new DistinctSketch();
    return {
      clear: () => sketch.clear(),
      take: (bytes) => mergeEncodedDistinct(bytes, sketch),
      bytes: () => encodeDistinct(sketch),
      read: () => sketch.estimate(),
    };
  }
  const sketch = new Sketch();
  return {
    clear: () => sketch.clear(),
    take: (bytes) => mergeEncoded(bytes, sketch),
    bytes: () => encodeSketch(sketch),
    read: (seconds, bucket) => read(sketch, seconds, bucket),
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
