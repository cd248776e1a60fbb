/**
 * What the sketches of a timer or set cost on disk, from their archives alone: rings do not grow,
 * but slots differ in size. Called by `retention show`.
 */
import { isCoarse } from '../ring/sketches/sketch-merge.ts';
import { CHUNK_ROWS, ROW_RING, chunkSlots } from '../ring/ring.ts';
import type { Archive } from './archives.ts';

/** The length of a sketch in its record. */
const LENGTH_BYTES = 4;
/** Two signs of 4096 bins, a byte and a weight of eight bytes each; and the numbers before them. */
const TIMER_BYTES_MAX = 2 * 4096 * 9 + 128;
/** 1536 hashes of eight bytes; registers take less. */
const SET_BYTES_MAX = 1536 * 8 + 16;
/**
 * Bytes of a sketch of ten values a second, lognormal with a deviation of 0.5 (response times), by
 * the longest step. Ten times as many values take 1.3 to 3 times as many bytes.
 */
const TIMER_BYTES_USUAL: readonly [stepSeconds: number, bytes: number][] = [
  [10, 155],
  [60, 340],
  [600, 640],
  [Infinity, 490],
];

interface SketchBytes {
  /** Of a timer with ten values a second. */
  usual: number;
  /** Of a timer with values of every size, of both signs. */
  timerMax: number;
  setMax: number;
}

export function sketchBytes(archives: readonly Archive[]): SketchBytes {
  const bytes: SketchBytes = { usual: 0, timerMax: 0, setMax: 0 };
  for (const archive of archives) {
    const slots = chunkSlots(archive) * CHUNK_ROWS + ROW_RING;
    const timerMax = isCoarse(archive.step) ? TIMER_BYTES_MAX / 2 : TIMER_BYTES_MAX;
    bytes.usual += slots * (usualBytes(archive.step) + LENGTH_BYTES);
    bytes.timerMax += slots * (timerMax + LENGTH_BYTES);
    bytes.setMax += slots * (SET_BYTES_MAX + LENGTH_BYTES);
  }
  return bytes;
}

function usualBytes(step: number): number {
  return TIMER_BYTES_USUAL.find(([longest]) => step <= longest)![1]; // the last one fits all
}
