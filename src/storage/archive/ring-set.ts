/**
 * The rings of one class as the writer changes them: all series with the same retentions. Values
 * go into rows or chunks held in memory until `drain` hands their records over; finer rows are
 * rolled up when a coarser slot closes, chunks are compacted a part a row. Single writer; reads of
 * its own go over the changes. Formats and invariants: FORMAT.md.
 */
import type { Archive } from '../retention/archives.ts';
import { ChunkBlock, chunkOfRecord, encodeBlock, isChunkRecord } from './chunk-record.ts';
import {
  type ArchiveState,
  type Part,
  type RingSource,
  blockOf,
  openRow,
  overlayRollup,
  readStored,
  segmentOf,
} from './columns.ts';
import { type RecordReader, RecordSource } from './record-source.ts';
import {
  BLOCK_SERIES,
  CHUNK_ROWS,
  ROW_RING,
  SEGMENT_BLOCKS,
  SEGMENT_SERIES,
  chunkOfRow,
  chunkSlots,
} from './ring.ts';
import { RowSegment } from './row-record.ts';
import { RingMembers } from './ring-members.ts';

/** Takes the records of changed rows and chunks; each is a fresh or quickly copied array. */
export interface RecordSink {
  row(archiveIndex: number, row: number, segment: number, record: Uint8Array): void;
  chunk(archiveIndex: number, chunk: number, block: number, record: Uint8Array): void;
}

/** An encoded or still changing block of a chunk. */
type ChangedChunk = ChunkBlock | { chunk: number; record: Uint8Array };

/** Segments and blocks within a slot; 2 ** 16 blocks are 8 million series. */
const UNITS = 2 ** 16;
/** What is being compacted; all of it is used before the next. */
const matrix = new Float64Array(SEGMENT_SERIES * CHUNK_ROWS);
/** 16 MB of them. */
const SPARE_SEGMENTS_MAX = 1024;

export class RingSet implements RingSource {
  readonly archives: readonly Archive[];
  readonly members: RingMembers;
  readonly states: ArchiveState[];
  private readonly stored: RecordSource;
  private readonly records: RecordReader;
  private readonly rows: Map<number, RowSegment>[];
  private readonly chunks: Map<number, ChangedChunk>[];
  /** Segments of the finest head row, by segment. */
  private headSegments: (RowSegment | undefined)[] = [];
  /** Segments to use again: the next row needs as many as the last. */
  private readonly spareSegments: RowSegment[] = [];
  /** Rows changed behind the head, by archive: row to sids; their coarser slots are stale. */
  private touched: Map<number, Set<number>>[];

  /** `states` of an archive never written is NO_STATE; the arrays are copied. */
  constructor(
    archives: readonly Archive[],
    states: readonly ArchiveState[],
    records: RecordReader,
    members = new RingMembers(),
  ) {
    this.archives = archives;
    this.members = members;
    this.states = states.map((state) => ({ ...state }));
    this.records = records;
    this.stored = new RecordSource(archives, this.states, records);
    this.rows = archives.map(() => new Map());
    this.chunks = archives.map(() => new Map());
    this.touched = archives.map(() => new Map());
  }

  get corruptRecords(): number {
    return this.stored.corruptRecords;
  }

  /** The newest finest row, -1 when there is none. */
  get head(): number {
    return this.states[0]!.head;
  }

  state(archiveIndex: number): ArchiveState {
    return this.states[archiveIndex]!;
  }

  /** Makes `row` the newest finest row when it is: closes coarser slots, compacts what is due. */
  advance(row: number): void {
    const { head } = this;
    if (row <= head) return;
    if (head >= 0) this.closeRows(head, row);
    this.moveHead(0, row);
    this.headSegments = [];
  }

  /** The head row's segment that holds a series, for values of the current flush. */
  headSegment(sid: number): RowSegment {
    const segment = segmentOf(sid);
    return (this.headSegments[segment] ??= this.rowSegment(0, this.head, segment));
  }

  /**
   * Stores a ready-made point; coarser rows follow with `propagate` or when they close. False when
   * its slot has gone on to a newer chunk.
   */
  writePoint(archiveIndex: number, row: number, sid: number, value: number): boolean {
    if (archiveIndex === 0) {
      this.advance(row);
    } else if (row === openRow(this, archiveIndex)) {
      // What is put into a growing row would be computed anew: it grows no more, being this old.
      this.advance(((row + 1) * this.archives[archiveIndex]!.step) / this.archives[0]!.step);
    }
    if (!this.put(archiveIndex, row, sid, value)) return false;
    if (archiveIndex > 0 || row < this.head) this.touch(archiveIndex, row, sid);
    return true;
  }

  /** Puts a value anywhere; false when its slot has gone on to a newer chunk. */
  put(archiveIndex: number, row: number, sid: number, value: number): boolean {
    if (this.isInRows(archiveIndex, row, sid)) {
      const segment = this.rowSegment(archiveIndex, row, segmentOf(sid));
      segment.set(sid % SEGMENT_SERIES, value);
      return true;
    }
    const chunk = chunkOfRow(row);
    const block = this.chunkBlock(archiveIndex, chunk, blockOf(sid));
    if (block === undefined) return false;
    block.values[(sid % BLOCK_SERIES) * CHUNK_ROWS + (row - chunk * CHUNK_ROWS)] = value;
    return true;
  }

  /** One stored value, NaN when null. */
  valueAt(archiveIndex: number, row: number, sid: number): number {
    return readStored(this, archiveIndex, Uint32Array.of(sid), row, 1)[0]!;
  }

  /** Notes that a row behind the head changed, for `propagate`. */
  touch(archiveIndex: number, row: number, sid: number): void {
    const rows = this.touched[archiveIndex]!;
    let sids = rows.get(row);
    if (sids === undefined) rows.set(row, (sids = new Set()));
    sids.add(sid);
  }

  /** Rolls touched rows up as whisper does: stops at the first archive below xFilesFactor. */
  propagate(): void {
    for (let index = 1; index < this.archives.length; index++) {
      const ratio = this.archives[index]!.step / this.archives[index - 1]!.step;
      const coarse = new Map<number, Set<number>>();
      for (const [row, sids] of this.touched[index - 1]!) {
        const coarseRow = Math.floor(row / ratio);
        const known = coarse.get(coarseRow);
        if (known === undefined) coarse.set(coarseRow, sids);
        else for (const sid of sids) known.add(sid);
      }
      this.touched[index - 1]!.clear();
      const open = openRow(this, index);
      for (const [row, sids] of coarse) {
        if (row !== open) this.rollUpLate(index, row, Uint32Array.from(sids).sort());
      }
    }
    this.touched.at(-1)!.clear();
  }

  /** Empties the slots that a deleted series could share with the next owner of its sid. */
  erase(sid: number): void {
    this.archives.forEach((_, index) => {
      const { head } = this.state(index);
      if (head >= 0 && this.valueAt(index, head, sid) === this.valueAt(index, head, sid)) {
        this.put(index, head, sid, NaN);
      }
    });
  }

  overlayRow(archiveIndex: number, row: number, part: Part, at: number): void {
    const segmentIndex = segmentOf(part.sids[part.first]!);
    const segment = this.rows[archiveIndex]!.get((row % ROW_RING) * UNITS + segmentIndex);
    if (segment?.row !== row) {
      this.stored.overlayRow(archiveIndex, row, part, at);
      return;
    }
    for (let i = part.first; i < part.end; i++) {
      const value = segment.values[part.sids[i]! - segmentIndex * SEGMENT_SERIES]!;
      if (value === value) part.out[i * part.stride + at] = value;
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
    const blockIndex = blockOf(part.sids[part.first]!);
    const changed = this.chunks[archiveIndex]!.get(this.chunkKey(archiveIndex, chunk, blockIndex));
    if (changed?.chunk !== chunk) {
      this.stored.copyChunk(archiveIndex, chunk, part, at, skip, count);
      return;
    }
    const { values } = this.chunkBlock(archiveIndex, chunk, blockIndex)!; // it is changed, so there
    for (let i = part.first; i < part.end; i++) {
      const from = (part.sids[i]! - blockIndex * BLOCK_SERIES) * CHUNK_ROWS + skip;
      part.out.set(values.subarray(from, from + count), i * part.stride + at);
    }
  }

  /** Hands over the records of all changes; they stay changes until `settle`. */
  drain(sink: RecordSink): void {
    this.archives.forEach((_, index) => {
      for (const [key, segment] of this.rows[index]!) {
        if (segment.dirty) sink.row(index, segment.row, key % UNITS, segment.encode());
      }
      for (const [key, changed] of this.chunks[index]!) {
        const record = changed instanceof ChunkBlock ? changed.encode() : changed.record;
        if (record !== undefined) sink.chunk(index, changed.chunk, key % UNITS, record);
      }
    });
  }

  /** The drained records are durable: forgets all but the finest head row. */
  settle(): void {
    this.archives.forEach((_, index) => {
      const rows = this.rows[index]!;
      for (const [key, segment] of rows) {
        if (index === 0 && segment.row === this.head) segment.dirty = false;
        else {
          rows.delete(key);
          if (this.spareSegments.length < SPARE_SEGMENTS_MAX) this.spareSegments.push(segment);
        }
      }
      this.chunks[index]!.clear();
    });
  }

  /** Stores the coarser rows that the head leaves. */
  private closeRows(head: number, row: number): void {
    for (let index = 1; index < this.archives.length; index++) {
      const ratio = this.archives[index]!.step / this.archives[0]!.step;
      const closing = Math.floor(head / ratio);
      if (closing === Math.floor(row / ratio)) return;
      this.moveHead(index, closing);
      this.rollUp(index, closing);
    }
  }

  private moveHead(archiveIndex: number, row: number): void {
    const state = this.state(archiveIndex);
    if (row <= state.head) return;
    const chunk = chunkOfRow(row);
    if (state.head < 0) {
      state.cursorChunk = chunk;
      state.cursorBlock = 0;
    } else {
      this.compact(archiveIndex, state, chunk, row - chunk * CHUNK_ROWS);
    }
    state.head = row;
    state.headMs = 0;
  }

  /** Chunks before the last one wholly, the last one in step with the rows of the current. */
  private compact(archiveIndex: number, state: ArchiveState, chunk: number, phase: number): void {
    const blocks = Math.ceil(this.members.count / BLOCK_SERIES);
    const newest = chunkOfRow(state.head);
    while (state.cursorChunk < chunk - 1 && state.cursorChunk <= newest) {
      this.compactBlocks(archiveIndex, state, blocks);
      state.cursorChunk += 1;
      state.cursorBlock = 0;
    }
    if (state.cursorChunk < chunk - 1) state.cursorChunk = chunk - 1;
    if (state.cursorChunk > newest || state.cursorChunk !== chunk - 1) return;
    const due = Math.floor(((phase + 1) * blocks) / CHUNK_ROWS);
    if (due > state.cursorBlock) this.compactBlocks(archiveIndex, state, due);
  }

  private compactBlocks(archiveIndex: number, state: ArchiveState, endBlock: number): void {
    const { cursorChunk: chunk } = state;
    while (state.cursorBlock < endBlock) {
      const first = state.cursorBlock;
      const segmentEnd = (Math.floor(first / SEGMENT_BLOCKS) + 1) * SEGMENT_BLOCKS;
      const end = Math.min(endBlock, segmentEnd);
      const sids = this.members.range(first * BLOCK_SERIES, end * BLOCK_SERIES);
      const firstRow = chunk * CHUNK_ROWS;
      const values = readStored(this, archiveIndex, sids, firstRow, CHUNK_ROWS, matrix);
      for (let block = first; block < end; block++) {
        const from = (block - first) * BLOCK_SERIES * CHUNK_ROWS;
        const to = Math.min(from + BLOCK_SERIES * CHUNK_ROWS, sids.length * CHUNK_ROWS);
        const record = encodeBlock(values.subarray(from, to), chunk);
        if (record === undefined || this.chunkInSlot(archiveIndex, chunk, block) > chunk) continue;
        this.chunks[archiveIndex]!.set(this.chunkKey(archiveIndex, chunk, block), {
          chunk,
          record,
        });
      }
      state.cursorBlock = end;
    }
  }

  /** Stores a coarser row that closes. */
  private rollUp(archiveIndex: number, row: number): void {
    const ratio = this.archives[archiveIndex]!.step / this.archives[archiveIndex - 1]!.step;
    // Wide rollups take a block at a time, so that their matrix stays small.
    const size = ratio > ROW_RING ? BLOCK_SERIES : SEGMENT_SERIES;
    for (let first = 0; first < this.members.count; first += size) {
      const sids = this.members.range(first, first + size);
      const rolled = this.rolledUp(archiveIndex, row, sids);
      const segment = this.rowSegment(archiveIndex, row, segmentOf(first));
      const index = first % SEGMENT_SERIES;
      for (let i = 0; i < rolled.length; i++) {
        const value = rolled[i]!;
        if (value === value) segment.set(index + i, value);
      }
    }
  }

  private rollUpLate(archiveIndex: number, row: number, sids: Uint32Array): void {
    const rolled = this.rolledUp(archiveIndex, row, sids);
    for (let i = 0; i < rolled.length; i++) {
      const value = rolled[i]!;
      if (value === value && this.put(archiveIndex, row, sids[i]!, value)) {
        this.touch(archiveIndex, row, sids[i]!);
      }
    }
  }

  /** One coarser value a series, NaN where too little is known. */
  private rolledUp(archiveIndex: number, row: number, sids: Uint32Array): Float64Array {
    const rolled = new Float64Array(sids.length).fill(NaN);
    overlayRollup(this, archiveIndex, this.members.series(sids), row, rolled, 1, 0);
    return rolled;
  }

  /** Whether the truth about a point is in the rows: near the head and not compacted yet. */
  private isInRows(archiveIndex: number, row: number, sid: number): boolean {
    const state = this.state(archiveIndex);
    if (row > state.head || row <= state.head - ROW_RING) return false;
    const chunk = chunkOfRow(row);
    if (chunk !== state.cursorChunk) return chunk > state.cursorChunk;
    return blockOf(sid) >= state.cursorBlock;
  }

  private rowSegment(archiveIndex: number, row: number, segment: number): RowSegment {
    const rows = this.rows[archiveIndex]!;
    const key = (row % ROW_RING) * UNITS + segment;
    const known = rows.get(key);
    if (known?.row === row) return known;
    const record = this.records.row(archiveIndex, row, segment);
    const loaded = this.spareSegments.pop() ?? new RowSegment(row);
    loaded.reset(row);
    if (record !== undefined && !loaded.load(record)) this.stored.corruptRecords += 1;
    rows.set(key, loaded);
    return loaded;
  }

  /** The block to change; undefined when its slot holds a newer chunk. */
  private chunkBlock(archiveIndex: number, chunk: number, block: number): ChunkBlock | undefined {
    const chunks = this.chunks[archiveIndex]!;
    const key = this.chunkKey(archiveIndex, chunk, block);
    const changed = chunks.get(key);
    if (changed instanceof ChunkBlock && changed.chunk === chunk) return changed;
    if (this.chunkInSlot(archiveIndex, chunk, block) > chunk) return undefined;
    const record =
      changed instanceof ChunkBlock
        ? undefined
        : (changed?.record ?? this.records.chunk(archiveIndex, chunk, block));
    let loaded = new ChunkBlock(chunk);
    if (record !== undefined && chunkOfRecord(record) === chunk) {
      if (isChunkRecord(record)) loaded = ChunkBlock.decode(record);
      else this.stored.corruptRecords += 1;
    }
    chunks.set(key, loaded);
    return loaded;
  }

  /** The number of the chunk that a slot holds, -1 for none; a damaged one does not count. */
  private chunkInSlot(archiveIndex: number, chunk: number, block: number): number {
    const changed = this.chunks[archiveIndex]!.get(this.chunkKey(archiveIndex, chunk, block));
    if (changed !== undefined) return changed.chunk;
    const record = this.records.chunk(archiveIndex, chunk, block);
    if (record === undefined) return -1;
    const number = chunkOfRecord(record);
    return number <= chunk || isChunkRecord(record) ? number : -1;
  }

  private chunkKey(archiveIndex: number, chunk: number, block: number): number {
    return (chunk % chunkSlots(this.archives[archiveIndex]!)) * UNITS + block;
  }
}
