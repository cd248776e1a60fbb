/**
 * Reads points out of stored records: stale slots and damaged records read as null, the latter are
 * counted. Records come from whoever keeps them (LMDB, a Map in tests) and may live in a buffer
 * that the next record overwrites.
 */
import type { Archive } from '../retention/archives.ts';
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
  segmentOf,
} from './columns.ts';
import { BLOCK_SERIES, CHUNK_ROWS, SEGMENT_SERIES } from './ring.ts';
import {
  ROW_VALUES_AT,
  headerChecksum,
  isBlockWhole,
  isRowRecord,
  rowOfRecord,
  seriesOfRecord,
} from './row-record.ts';
import type { TimerRollup } from './timer-rollup.ts';

/** The record in the slot of a row or chunk, whichever number it holds. */
export interface RecordReader {
  row(archiveIndex: number, row: number, segment: number): Uint8Array | undefined;
  chunk(archiveIndex: number, chunk: number, block: number): Uint8Array | undefined;
}

const BLOCKS = SEGMENT_SERIES / BLOCK_SERIES;

export class RecordSource implements RingSource {
  readonly archives: readonly Archive[];
  readonly states: readonly ArchiveState[];
  timerRollup: TimerRollup | undefined;
  /** Damaged records met so far; the same one counts at each read. */
  corruptRecords = 0;
  private readonly records: RecordReader;
  private readonly column = new Float64Array(CHUNK_ROWS);
  private view: DataView = new DataView(new ArrayBuffer(0));

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

  overlayRow(archiveIndex: number, row: number, part: Part, at: number): void {
    const { sids, first, end, out, stride } = part;
    const segment = segmentOf(sids[first]!);
    const record = this.records.row(archiveIndex, row, segment);
    if (record === undefined) return;
    if (!isRowRecord(record)) {
      this.corruptRecords += 1;
      return;
    }
    if (rowOfRecord(record) !== row) return;
    if (this.view.buffer !== record.buffer) this.view = new DataView(record.buffer);
    const { view } = this;
    const valuesAt = record.byteOffset + ROW_VALUES_AT - segment * SEGMENT_SERIES * 8;
    const count = seriesOfRecord(record) + segment * SEGMENT_SERIES;
    const header = headerChecksum(record);
    let block = -1;
    let whole = true;
    for (let i = first; i < end; i++) {
      const sid = sids[i]!;
      if (sid >= count) break;
      const blockOfSid = blockOf(sid) - segment * BLOCKS;
      if (blockOfSid !== block) {
        block = blockOfSid;
        whole = isBlockWhole(record, block, header);
        if (!whole) this.corruptRecords += 1;
      }
      if (!whole) continue;
      const value = view.getFloat64(valuesAt + sid * 8, true);
      if (value === value) out[i * stride + at] = value;
    }
  }

  copyChunk(
    archiveIndex: number,
    chunk: number,
    part: Part,
    at: number,
    skip: number,
    count: number,
  ): void {
    const { sids, first, end, out, stride } = part;
    const block = blockOf(sids[first]!);
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
      const index = sids[i]! - block * BLOCK_SERIES;
      const groupOfSid = groupOf(record, index);
      if (groupOfSid !== group) {
        group = groupOfSid;
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
