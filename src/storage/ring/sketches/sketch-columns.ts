/**
 * Reads sketches out of rows and chunks, timer by timer, as columns.ts reads points: the chunk,
 * overlaid by rows that are not compacted yet; a coarser row that still grows is merged at each
 * read. Used by the reader and, over its unwritten changes, by the writer.
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { CHUNK_ROWS, type RowSpan, chunkOfRow, finerRows } from '../ring.ts';
import { type RingState, firstPlainRow, partialRow } from '../ring-clock.ts';
import { type SketchMerger, isCoarse } from './sketch-merge.ts';
import type { EncodedSketches } from './sketch-record.ts';

/** Timers of one time in one record: with usual sketches a record is a page of 4 KiB. */
export const BLOCK_TIMERS = 28;

/** Timers (or sets) of one class, ascending by column. */
export interface SketchMembers {
  columns: Uint32Array;
  /** Slots that end at or before this time are those of an earlier timer of the column. */
  since: Uint32Array;
}

export interface SketchSource {
  readonly archives: readonly Archive[];
  readonly kind: SketchKind;
  readonly merger: SketchMerger;
  state(archiveIndex: number): RingState;
  /** Undefined when the slot holds another row, or damage. */
  row(archiveIndex: number, row: number, block: number): SketchParts | undefined;
  chunk(archiveIndex: number, chunk: number, column: number): SketchParts | undefined;
}

/** The sketches of a record, or of one that is to be written. */
interface SketchParts {
  part(index: number): Uint8Array | undefined;
}

export function sketchBlockOf(column: number): number {
  return Math.floor(column / BLOCK_TIMERS);
}

/** Timer by timer: row j of timer i is at `i * count + j`. */
export function readSketches(
  source: SketchSource,
  members: SketchMembers,
  span: RowSpan,
): EncodedSketches {
  const { archiveIndex, firstRow, count } = span;
  const found = readStoredSketches(source, members.columns, span);
  const at = archiveIndex === 0 ? -1 : partialRow(source, archiveIndex) - firstRow;
  if (at >= 0 && at < count) {
    mergeFiner(source, members, archiveIndex, firstRow + at).forEach((merged, i) => {
      found[i * count + at] = merged;
    });
  }
  const { step } = source.archives[archiveIndex]!;
  for (let i = 0; i < members.columns.length; i++) {
    const hidden = Math.floor(members.since[i]! / step) - firstRow;
    if (hidden > 0) found.fill(undefined, i * count, i * count + Math.min(hidden, count));
  }
  return found;
}

/** One coarser row of each timer, merged from the next finer archive. */
export function mergeFiner(
  source: SketchSource,
  members: SketchMembers,
  archiveIndex: number,
  row: number,
): EncodedSketches {
  const finerSpan = finerRows(source.archives, archiveIndex, row);
  const { count } = finerSpan;
  const finer = readSketches(source, members, finerSpan);
  return Array.from(members.columns, (_, i) => {
    const parts = finer.slice(i * count, (i + 1) * count);
    const known = parts.filter((part) => part !== undefined);
    return source.merger.merge(source.kind, known, isCoarse(source.archives[archiveIndex]!.step));
  });
}

/** As they are stored, without the row that grows; of earlier series too. */
export function readStoredSketches(
  source: SketchSource,
  columns: Uint32Array,
  { archiveIndex, firstRow, count }: RowSpan,
): EncodedSketches {
  const found: EncodedSketches = Array.from({ length: columns.length * count });
  const state = source.state(archiveIndex);
  const { newestRow, compactedUpTo, compactedBlocks, trustedRow } = state;
  const endRow = Math.min(firstRow + count, newestRow + 1);
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const lastChunk = compactedUpTo - (sketchBlockOf(column) < compactedBlocks ? 0 : 1);
    for (let chunk = chunkOfRow(firstRow); chunk * CHUNK_ROWS < endRow; chunk++) {
      // A later one has something only where the clock was set back.
      if (chunk > lastChunk && trustedRow === undefined) break;
      const bundle = source.chunk(archiveIndex, chunk, column);
      if (bundle === undefined) continue;
      const from = Math.max(firstRow, chunk * CHUNK_ROWS);
      const to = Math.min(endRow, (chunk + 1) * CHUNK_ROWS);
      for (let row = from; row < to; row++) {
        found[i * count + row - firstRow] = bundle.part(row - chunk * CHUNK_ROWS);
      }
    }
  }
  for (let row = firstPlainRow(state, firstRow); row < endRow; row++) {
    const firstBlock = chunkOfRow(row) === compactedUpTo ? compactedBlocks : 0;
    let block = -1;
    let bundle: SketchParts | undefined;
    for (let i = 0; i < columns.length; i++) {
      const ofColumn = sketchBlockOf(columns[i]!);
      if (ofColumn < firstBlock) continue;
      if (ofColumn !== block) {
        block = ofColumn;
        bundle = source.row(archiveIndex, row, block);
      }
      const part = bundle?.part(columns[i]! - block * BLOCK_TIMERS);
      if (part !== undefined) found[i * count + row - firstRow] = part;
    }
  }
  return found;
}
