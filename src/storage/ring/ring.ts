/**
 * Arithmetic of the rings (FORMAT.md): which row a time is in, which slot a row or chunk has, and
 * which points of which archive answer a question. The rules of the latter are whisper's
 * (whisper.py `fetch`, `file_update`). A row number is `floor(time / step)`, a chunk number
 * `floor(row / CHUNK_ROWS)`; both are absolute, a slot is valid only for the number stored in it.
 */
import type { Archive } from '../retention/archives.ts';

/** Rows in a chunk: more would compress better and lengthen the ring of plain rows. */
export const CHUNK_ROWS = 60;
/** Rows stay readable as rows until the chunk before the current one is written. */
export const ROW_RING = 2 * CHUNK_ROWS;
/** Series in one block of a chunk; 128 worst-case columns stay below 64 KiB. */
export const BLOCK_SERIES = 128;
/** Blocks in one page of a row: 15 * 128 values fill four 4 KiB pages. */
export const PAGE_BLOCKS = 15;
export const PAGE_SERIES = BLOCK_SERIES * PAGE_BLOCKS;

/** Rows of one archive: `count` from `firstRow` on. */
export interface RowSpan {
  archiveIndex: number;
  firstRow: number;
  count: number;
}

/** Points to read. */
export interface Window extends RowSpan {
  step: number;
}

/** One column of a matrix: the value of series i is `out[i * stride + at]`. */
export interface MatrixColumn {
  out: Float64Array;
  stride: number;
  at: number;
}

/** The rows of the next finer archive that a row is made of. */
export function finerRows(
  archives: readonly Archive[],
  archiveIndex: number,
  row: number,
): RowSpan {
  const ratio = archives[archiveIndex]!.step / archives[archiveIndex - 1]!.step;
  return { archiveIndex: archiveIndex - 1, firstRow: row * ratio, count: ratio };
}

/** Slots of an archive's chunk ring: one more than are needed, for the chunk being replaced. */
export function chunkSlots(archive: Archive): number {
  return Math.ceil(archive.points / CHUNK_ROWS) + 1;
}

export function chunkOfRow(row: number): number {
  return Math.floor(row / CHUNK_ROWS);
}

export function retentionSeconds(archive: Archive): number {
  return archive.step * archive.points;
}

/** How far back the coarsest archive reaches. */
export function longestRetention(archives: readonly Archive[]): number {
  return retentionSeconds(archives.at(-1)!); // never empty
}

/** Index of the finest archive that reaches `age` seconds back, -1 when none does. */
function archiveForAge(archives: readonly Archive[], age: number): number {
  return archives.findIndex((archive) => retentionSeconds(archive) >= age);
}

/**
 * The points in (from, until] as seen at `now`; undefined when the range is wholly in the future,
 * wholly older than the archives, or upside down. Times are whole epoch seconds.
 */
export function fetchWindow(
  archives: readonly Archive[],
  from: number,
  until: number,
  now: number,
): Window | undefined {
  const oldest = now - longestRetention(archives);
  if (from > until || from > now || until < oldest) return undefined;
  const first = Math.max(from, oldest);
  const last = Math.min(until, now);
  const archiveIndex = archiveForAge(archives, now - first);
  const { step } = archives[archiveIndex]!; // first >= oldest: the coarsest always reaches
  const firstRow = Math.floor(first / step) + 1;
  const endRow = Math.floor(last / step) + 1;
  return { archiveIndex, step, firstRow, count: Math.max(1, endRow - firstRow) };
}

export const TOO_OLD = -1;
export const IN_FUTURE = -2;

/**
 * Index of the archive that a ready-made point goes to: the finest that reaches back to it, as
 * whisper's. TOO_OLD when none does; IN_FUTURE from one step ahead of the clock on, where whisper
 * would overwrite the oldest points.
 */
export function archiveForPoint(archives: readonly Archive[], time: number, now: number): number {
  const age = now - time;
  if (age < -archives[0]!.step) return IN_FUTURE; // never empty
  if (age >= longestRetention(archives)) return TOO_OLD;
  return archiveForAge(archives, age);
}
