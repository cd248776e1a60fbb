/**
 * Reads series out of rows and chunks as a matrix, series by series. Who holds the truth about a
 * point is decided by the compaction mark (FORMAT.md, "Compaction"): the chunk, overlaid by rows that
 * are not compacted yet. Used by the reader and, over its unwritten changes, by the writer.
 */
import type { Archive } from '../../retention/archives.ts';
import { BLOCK_SERIES, CHUNK_ROWS, PAGE_SERIES, chunkOfRow } from '../ring.ts';
import { NEVER_WRITTEN, type RingState, firstPlainRow, partialRow } from '../ring-clock.ts';
import { Rollup } from '../rollup/rollup.ts';
import type { SeriesTimers, TimerRollup } from '../rollup/timer-rollup.ts';

/** Where the ring of one archive of one class of series stands. */
export interface ArchiveState extends RingState {
  /** Milliseconds of traffic in the newest row: the weight of its rates after a restart. */
  newestRowMs: number;
  /** Grows with whatever changes a settled row (row-tails.ts); 0 where it is missing. */
  revision?: number;
}

/** Series of one class, ascending by column; all columns have one entry a series. */
export interface RingSeries {
  columns: Uint32Array;
  methods: Uint8Array;
  xFilesFactors: Float64Array;
  /** Slots that end at or before this time are those of an earlier series of the column. */
  since: Uint32Array;
  /** Where some are statistics of timers. */
  timers?: SeriesTimers;
}

/** Series `first` up to `end` of a request, all within one page or block. */
export interface Part {
  columns: Uint32Array;
  first: number;
  end: number;
  /** The matrix: value of series i at row j is `out[i * stride + j]`. */
  out: Float64Array;
  stride: number;
  /** Position of the row, or of the first of a chunk's, in the matrix. */
  at: number;
  /** Of a chunk: rows to leave out before the first, and how many to take. */
  skip: number;
  count: number;
}

export interface RingSource {
  readonly archives: readonly Archive[];
  /** Corrects rollups of timers' statistics from sketches. */
  readonly timerRollup?: TimerRollup | undefined;
  state(archiveIndex: number): ArchiveState;
  /** Overlays the known values of a row. */
  overlayRow(archiveIndex: number, row: number, part: Part): void;
  /** Copies values of a chunk. */
  copyChunk(archiveIndex: number, chunk: number, part: Part): void;
}

export const NO_STATE: ArchiveState = { ...NEVER_WRITTEN, newestRowMs: 0 };

/** The points as a reader sees them: with partial rollups, without points of earlier series. */
export function readColumns(
  source: RingSource,
  archiveIndex: number,
  series: RingSeries,
  firstRow: number,
  count: number,
): Float64Array {
  const out = readStored(source, archiveIndex, series.columns, firstRow, count);
  if (archiveIndex > 0) {
    const open = partialRow(source, archiveIndex);
    if (open >= firstRow && open < firstRow + count) {
      overlayRollup(source, archiveIndex, series, open, out, count, open - firstRow);
    }
  }
  const { step } = source.archives[archiveIndex]!;
  for (let i = 0; i < series.columns.length; i++) {
    const hidden = Math.floor(series.since[i]! / step) - firstRow;
    if (hidden > 0) out.fill(NaN, i * count, i * count + Math.min(hidden, count));
  }
  return out;
}

/** Rolls one coarse row up from the next finer archive and overlays what passes xFilesFactor. */
export function overlayRollup(
  source: RingSource,
  archiveIndex: number,
  series: RingSeries,
  row: number,
  out: Float64Array,
  stride: number,
  at: number,
): void {
  const ratio = source.archives[archiveIndex]!.step / source.archives[archiveIndex - 1]!.step;
  const finer = readColumns(source, archiveIndex - 1, series, row * ratio, ratio);
  const seriesCount = series.columns.length;
  const rollup = new Rollup(seriesCount);
  for (let i = 0; i < seriesCount; i++) {
    const method = series.methods[i]!;
    for (let j = 0; j < ratio; j++) rollup.add(i, method, finer[i * ratio + j]!);
    const value = rollup.result(i, method, series.xFilesFactors[i]!, ratio);
    if (value === value) out[i * stride + at] = value;
  }
  const { timers } = series;
  if (timers !== undefined) refineRollup(source, archiveIndex, timers, row, finer, out, stride, at);
}

/** Corrects the rollups of timers' statistics; `finer` is what they were made of. */
export function refineRollup(
  source: RingSource,
  archiveIndex: number,
  timers: SeriesTimers,
  row: number,
  finer: Float64Array,
  out: Float64Array,
  stride: number,
  at: number,
): void {
  if (source.timerRollup?.enabled !== true) return;
  const { step } = source.archives[archiveIndex]!;
  const finerStep = source.archives[archiveIndex - 1]!.step;
  const start = row * step;
  const headEnd = (source.state(0).newestRow + 1) * source.archives[0]!.step;
  const seconds = Math.min(step, headEnd - start);
  const bucket = { start, finerStep, count: step / finerStep, seconds };
  source.timerRollup.refine(bucket, timers, finer, out, stride, at);
}

/**
 * Rows `firstRow` up to `firstRow + count` as they are stored, series by series; into the start of
 * `matrix` where one is given.
 */
export function readStored(
  source: RingSource,
  archiveIndex: number,
  columns: Uint32Array,
  firstRow: number,
  count: number,
  matrix = new Float64Array(columns.length * count),
): Float64Array {
  const out = matrix.fill(NaN, 0, columns.length * count);
  const part: Part = { columns, first: 0, end: 0, out, stride: count, at: 0, skip: 0, count: 0 };
  const endRow = firstRow + count;
  for (let first = 0; first < columns.length; first = part.end) {
    part.first = first;
    part.end = endOfGroup(columns, first, BLOCK_SERIES);
    for (let chunk = chunkOfRow(firstRow); chunk * CHUNK_ROWS < endRow; chunk++) {
      const from = Math.max(firstRow, chunk * CHUNK_ROWS);
      const to = Math.min(endRow, (chunk + 1) * CHUNK_ROWS);
      part.at = from - firstRow;
      part.skip = from - chunk * CHUNK_ROWS;
      part.count = to - from;
      source.copyChunk(archiveIndex, chunk, part);
    }
  }
  overlayRows(source, archiveIndex, part, firstRow, endRow);
  return out;
}

function overlayRows(
  source: RingSource,
  archiveIndex: number,
  part: Part,
  firstRow: number,
  endRow: number,
): void {
  const state = source.state(archiveIndex);
  const { columns } = part;
  const from = firstPlainRow(state, firstRow);
  const to = Math.min(endRow, state.newestRow + 1);
  if (from >= to) return;
  for (let first = 0; first < columns.length; first = part.end) {
    const end = endOfGroup(columns, first, PAGE_SERIES);
    let rest = first;
    while (rest < end && blockOf(columns[rest]!) < state.compactedBlocks) rest += 1;
    part.end = end;
    for (let row = from; row < to; row++) {
      part.first = chunkOfRow(row) === state.compactedUpTo ? rest : first;
      part.at = row - firstRow;
      if (part.first < end) source.overlayRow(archiveIndex, row, part);
    }
  }
}

export function blockOf(column: number): number {
  return (column / BLOCK_SERIES) | 0;
}

export function pageOf(column: number): number {
  return (column / PAGE_SERIES) | 0;
}

/** End of the run of columns from `first` that share a group of `size`. */
function endOfGroup(columns: Uint32Array, first: number, size: number): number {
  const limit = (Math.floor(columns[first]! / size) + 1) * size;
  let end = first + 1;
  while (end < columns.length && columns[end]! < limit) end += 1;
  return end;
}
