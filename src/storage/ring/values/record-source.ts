/**
 * Reads points out of stored records: stale slots and damaged records read as null, the latter are
 * counted. Records come from whoever keeps them (LMDB, a Map in tests) and may live in a buffer
 * that the next record overwrites.
 */
import type { Archive } from '../../retention/archives.ts';
import {
  chunkOfRecord,
  groupOf,
  hasChunkShape,
  headChecksum,
  isGroupWhole,
  readColumn,
} from './chunk-record.ts';
import {
  type ArchiveState,
  NO_STATE,
  type Part,
  type RingSource,
  blockOf,
  pageOf,
} from './columns.ts';
import type { RecordReader } from '../ring-records.ts';
import { BLOCK_SERIES, CHUNK_ROWS, ROW_RING, PAGE_SERIES } from '../ring.ts';
import {
  ROW_VALUES_AT,
  blockOfRecord,
  headerChecksum,
  isBlockWhole,
  isRowRecord,
  rowOfRecord,
  seriesOfRecord,
} from './row-record.ts';
import { type RowTail, type RowTails, isFinal } from './row-tails.ts';
import type { TimerRollup } from '../rollup/timer-rollup.ts';

const BLOCKS = PAGE_SERIES / BLOCK_SERIES;
const NO_VALUES = new Uint8Array(0);

export class RecordSource implements RingSource {
  readonly archives: readonly Archive[];
  readonly states: readonly ArchiveState[];
  timerRollup: TimerRollup | undefined;
  /** Where rows that were read lately are kept; of a class, in the snapshot of the states. */
  tails: { kept: RowTails; classId: number } | undefined;
  /** Damaged records met so far; the same one counts at each read. */
  corruptRecords = 0;
  private readonly records: RecordReader;
  private readonly column = new Float64Array(CHUNK_ROWS);
  private doubles: Float64Array = new Float64Array(0);
  /** The tail that was asked for last: a block's rows come in a row. */
  private tail: RowTail | undefined;
  private tailArchive = -1;
  private tailBlock = -1;

  constructor(
    archives: readonly Archive[],
    states: readonly ArchiveState[],
    records: RecordReader,
  ) {
    this.archives = archives;
    this.states = states;
    this.records = records;
  }

  state(archiveIndex: number): ArchiveState {
    return this.states[archiveIndex] ?? NO_STATE;
  }

  overlayRow(archiveIndex: number, row: number, part: Part): void {
    const { columns, first, end, out, stride, at } = part;
    if (this.tails !== undefined && isFinal(row, this.state(archiveIndex).newestRow)) {
      const block = blockOf(columns[first]!);
      if (blockOf(columns[end - 1]!) === block) {
        this.overlayTail(archiveIndex, row, block, part);
        return;
      }
    }
    const page = pageOf(columns[first]!);
    const record = this.records.row(archiveIndex, row, page);
    if (record === undefined) return;
    if (!isRowRecord(record)) {
      this.corruptRecords += 1;
      return;
    }
    if (rowOfRecord(record) !== row) return;
    const from = this.doublesFrom(record) - page * PAGE_SERIES;
    const { doubles } = this;
    const count = seriesOfRecord(record) + page * PAGE_SERIES;
    const header = headerChecksum(record);
    for (let i = first; i < end && columns[i]! < count;) {
      const block = blockOf(columns[i]!);
      const limit = Math.min(count, (block + 1) * BLOCK_SERIES);
      const whole = isBlockWhole(record, block - page * BLOCKS, header);
      if (!whole) this.corruptRecords += 1;
      for (; i < end && columns[i]! < limit; i++) {
        const value = doubles[from + columns[i]!]!;
        if (whole && value === value) out[i * stride + at] = value;
      }
    }
  }

  /** Where the values of a row's record start in `doubles`, which is set to a view of them. */
  private doublesFrom(record: Uint8Array): number {
    const at = record.byteOffset + ROW_VALUES_AT;
    if (at % 8 !== 0) return this.doublesFrom(alignedCopy(record));
    const { buffer } = record;
    if (buffer !== this.doubles.buffer) {
      this.doubles = new Float64Array(buffer, 0, buffer.byteLength >> 3);
    }
    return at / 8;
  }

  /** The same for series of one block, whose row is kept from then on. */
  private overlayTail(
    archiveIndex: number,
    row: number,
    block: number,
    { columns, first, end, out, stride, at }: Part,
  ): void {
    const tail = this.tailOf(archiveIndex, block);
    if (!tail.has(row) && !this.keepRow(tail, archiveIndex, row, block)) return;
    const from = (row % ROW_RING) * BLOCK_SERIES - block * BLOCK_SERIES;
    for (let i = first; i < end; i++) {
      const value = tail.values[from + columns[i]!]!;
      if (value === value) out[i * stride + at] = value;
    }
  }

  private tailOf(archiveIndex: number, block: number): RowTail {
    const known = this.tail;
    if (known !== undefined && this.tailArchive === archiveIndex && this.tailBlock === block) {
      return known;
    }
    const { kept, classId } = this.tails!; // whoever asks for one has looked
    const revision = this.state(archiveIndex).revision ?? 0;
    this.tailArchive = archiveIndex;
    this.tailBlock = block;
    return (this.tail = kept.tail(classId, archiveIndex, block, revision));
  }

  /** False when the record is damaged: it is counted at each read. */
  private keepRow(tail: RowTail, archiveIndex: number, row: number, block: number): boolean {
    const page = (block / BLOCKS) | 0;
    const record = this.records.row(archiveIndex, row, page);
    if (record === undefined) {
      tail.put(row, NO_VALUES);
      return true;
    }
    const blockOfPage = block - page * BLOCKS;
    const isWhole =
      isRowRecord(record) &&
      (rowOfRecord(record) !== row || isBlockWhole(record, blockOfPage, headerChecksum(record)));
    if (!isWhole) {
      this.corruptRecords += 1;
      return false;
    }
    tail.put(row, rowOfRecord(record) === row ? blockOfRecord(record, blockOfPage) : NO_VALUES);
    return true;
  }

  copyChunk(archiveIndex: number, chunk: number, part: Part): void {
    const { columns, first, end, out, stride, at, skip, count } = part;
    const block = blockOf(columns[first]!);
    const record = this.records.chunk(archiveIndex, chunk, block);
    if (record === undefined || chunkOfRecord(record) !== chunk) return;
    if (!hasChunkShape(record)) {
      this.corruptRecords += 1;
      return;
    }
    const { column } = this;
    const head = headChecksum(record);
    let group = -1;
    let whole = true;
    for (let i = first; i < end; i++) {
      const index = columns[i]! - block * BLOCK_SERIES;
      const groupOfColumn = groupOf(record, index);
      if (groupOfColumn !== group) {
        group = groupOfColumn;
        whole = isGroupWhole(record, group, head);
        if (!whole) this.corruptRecords += 1;
      }
      if (!whole) continue;
      const to = i * stride + at;
      if (count === CHUNK_ROWS) {
        readColumn(record, index, out, to);
        continue;
      }
      readColumn(record, index, column, 0);
      for (let j = 0; j < count; j++) out[to + j] = column[skip + j]!;
    }
  }
}

/** By `length` alone: the rest of a record may not be its own (lmdb's one large buffer). */
function alignedCopy(record: Uint8Array): Uint8Array {
  const copy = new Uint8Array(record.length);
  copy.set(new Uint8Array(record.buffer, record.byteOffset, record.length));
  return copy;
}
