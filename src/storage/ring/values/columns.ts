/**
 * Reads series out of rows and chunks as a matrix, series by series. Who holds the truth about a
 * point is decided by the compaction mark (FORMAT.md, "Compaction"): the chunk, overlaid by rows that
 * are not compacted yet. Used by the reader and, over its unwritten changes, by the writer.
 */
import type { Archive } from '../../retention/archives.ts';
import {
  BLOCK_SERIES,
  CHUNK_ROWS,
  type MatrixColumn,
  PAGE_SERIES,
  type RowSpan,
  chunkOfRow,
  finerRows,
} from '../ring.ts';
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

/** Columns of what is known series by series. */
export function ringSeries(
  series: readonly { column: number; method: number; xFilesFactor: number; since: number }[],
): RingSeries {
  return {
    columns: Uint32Array.from(series, ({ column }) => column),
    methods: Uint8Array.from(series, ({ method }) => method),
    xFilesFactors: Float64Array.from(series, ({ xFilesFactor }) => xFilesFactor),
    since: Uint32Array.from(series, ({ since }) => since),
  };
}

/**
 * Series `first` up to `end` of a request, all within one page or block, and the place of the row,
 * or of the first of a chunk's, in the matrix.
 */
export interface Part extends MatrixColumn {
  columns: Uint32Array;
  first: number;
  end: number;
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
export function readColumns(source: RingSource, series: RingSeries, span: RowSpan): Float64Array {
  const { archiveIndex, firstRow, count } = span;
  const out = readStored(source, series.columns, span);
  if (archiveIndex > 0) {
    const open = partialRow(source, archiveIndex);
    const at = open - firstRow;
    if (at >= 0 && at < count) {
      overlayRollup(source, series, archiveIndex, open, { out, stride: count, at });
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
  series: RingSeries,
  archiveIndex: number,
  row: number,
  to: MatrixColumn,
): void {
  const { methods, xFilesFactors, timers } = series;
  const finerSpan = finerRows(source.archives, archiveIndex, row);
  const { count } = finerSpan;
  const finer = readColumns(source, series, finerSpan);
  const rollup = new Rollup(methods.length);
  for (let i = 0; i < methods.length; i++) {
    const method = methods[i]!;
    for (let j = 0; j < count; j++) rollup.add(i, method, finer[i * count + j]!);
    const value = rollup.result(i, method, xFilesFactors[i]!, count);
    if (value === value) to.out[i * to.stride + to.at] = value;
  }
  if (timers !== undefined) refineRollup(source, timers, finerSpan, finer, to);
}

/** Corrects the rollups of timers' statistics; `finer`, the rows of `span`, made them. */
export function refineRollup(
  source: RingSource,
  timers: SeriesTimers,
  { archiveIndex, firstRow, count }: RowSpan,
  finer: Float64Array,
  to: MatrixColumn,
): void {
  if (source.timerRollup?.enabled !== true) return;
  const finerStep = source.archives[archiveIndex]!.step;
  const start = firstRow * finerStep;
  const headEnd = (source.state(0).newestRow + 1) * source.archives[0]!.step;
  const seconds = Math.min(count * finerStep, headEnd - start);
  source.timerRollup.refine({ start, finerStep, count, seconds }, timers, finer, to);
}

/** Rows as they are stored, series by series; into the start of `matrix` where one is given. */
export function readStored(
  source: RingSource,
  columns: Uint32Array,
  span: RowSpan,
  matrix = new Float64Array(columns.length * span.count),
): Float64Array {
  const { archiveIndex, firstRow, count } = span;
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
  overlayRows(source, part, span);
  return out;
}

function overlayRows(
  source: RingSource,
  part: Part,
  { archiveIndex, firstRow, count }: RowSpan,
): void {
  const state = source.state(archiveIndex);
  const { columns } = part;
  const from = firstPlainRow(state, firstRow);
  const to = Math.min(firstRow + count, state.newestRow + 1);
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
