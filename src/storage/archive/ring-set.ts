/**
 * The rings of one class as the writer changes them: all series with the same retentions. Values
 * go into rows or chunks held in memory until `drain` hands their records over; finer rows are
 * rolled up when a coarser slot closes, chunks are compacted a part a row. Single writer; reads of
 * its own go over the changes. Formats and invariants: FORMAT.md.
 */
import type { Archive } from '../retention/archives.ts';
import {
  type ChunkBase,
  ChunkBlock,
  chunkOfRecord,
  encodeBlock,
  isChunkRecord,
} from './chunk-record.ts';
import {
  type ArchiveState,
  NO_STATE,
  type Part,
  type RingSource,
  blockOf,
  openRow,
  overlayRollup,
  refineRollup,
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
import { Rollup } from './rollup.ts';
import { RowSegment } from './row-record.ts';
import { isNear, keepsSlot } from './slot-claim.ts';
import { RingMembers } from './ring-members.ts';
import type { TimerRollup } from './timer-rollup.ts';

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
/** Columns of one block; all of it is used before the next. */
const columns = new Float64Array(BLOCK_SERIES * CHUNK_ROWS);
/** One stored row, and the segment that is rolled up: each is used before the next. */
const peeked = new RowSegment(0);
const rollup = new Rollup(SEGMENT_SERIES);
/** 64 MB of them: the rows of one coarser slot of a million series. */
const SPARE_SEGMENTS_MAX = 4096;
/** Finest rows of the open coarser slot kept in memory at most: 96 bytes a series. */
const RECENT_ROWS_MAX = 12;

export class RingSet implements RingSource {
  readonly archives: readonly Archive[];
  readonly members: RingMembers;
  readonly states: ArchiveState[];
  timerRollup: TimerRollup | undefined;
  private readonly stored: RecordSource;
  private readonly records: RecordReader;
  private readonly rows: Map<number, RowSegment>[];
  private readonly chunks: Map<number, ChangedChunk>[];
  /** Segments of the finest head row, by segment. */
  private headSegments: (RowSegment | undefined)[] = [];
  /** By segment: a chunk that no block of it is stored of (`hasHeadChunk`). */
  private readonly chunkless: number[] = [];
  /** Segments to use again: the next row needs as many as the last. */
  private readonly spareSegments: RowSegment[] = [];
  /** Rows changed behind the head, by archive: row to sids; their coarser slots are stale. */
  private touched: Map<number, Set<number>>[];
  /** By archive: whether the chunk of its newest rows has points that came before their time. */
  private readonly ahead: { chunk: number; any: boolean }[];

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
    this.ahead = archives.map(() => ({ chunk: -1, any: false }));
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
    // Rolled up while the finer points are surely there: a jump ahead may overwrite them.
    if (this.touched.some(({ size }) => size > 0)) this.propagate();
    if (head >= 0) this.closeRows(head, row);
    this.moveHead(0, row);
    this.headSegments = [];
  }

  /**
   * Makes `row` the newest row although newer ones were written: the clock was set back, further
   * than plain rows reach. What is ahead of it goes into chunks and is met again as time goes on.
   * False when the row is not that far back: points out of turn need nothing of this.
   */
  rewind(row: number): boolean {
    if (row < 0 || row > this.head - ROW_RING) return false;
    this.closeRows(this.head, Infinity);
    this.archives.forEach(({ step }, index) => {
      const state = this.state(index);
      const ratio = step / this.archives[0]!.step;
      const newHead = index === 0 ? row : Math.floor(row / ratio) - 1;
      const slots = chunkSlots(this.archives[index]!);
      const furthest = isNear(state.head, newHead, slots) ? state.head : newHead;
      state.ahead = Math.max(state.ahead ?? -1, furthest);
      this.compact(index, state, chunkOfRow(state.head) + 2, 0, chunkOfRow(newHead));
      state.head = newHead;
      state.cursorChunk = chunkOfRow(newHead);
      state.cursorBlock = 0;
      state.headMs = 0;
      this.ahead[index]!.chunk = -1;
    });
    this.headSegments = [];
    return true;
  }

  /** The head row's segment that holds a series, for values of the current flush. */
  headSegment(sid: number): RowSegment {
    const segment = segmentOf(sid);
    return (this.headSegments[segment] ??= this.newHeadSegment(segment));
  }

  /**
   * Stores a ready-made point; coarser rows follow with `propagate` or when they close. False when
   * its slot has gone on to a newer chunk.
   */
  writePoint(archiveIndex: number, row: number, sid: number, value: number): boolean {
    if (archiveIndex === 0) {
      this.advance(row);
    } else if (this.head >= 0 && row >= openRow(this, archiveIndex)) {
      // A point in or after a growing row is too old for it to grow any more: it is stored, lest it
      // is computed over the point, or of finer rows that points after it have overwritten.
      this.advance(((row + 1) * this.archives[archiveIndex]!.step) / this.archives[0]!.step);
    }
    // What came before it is rolled up before it, whatever shares the transaction.
    if (this.isRollupDue(archiveIndex, row, sid)) this.propagate();
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
    block.set(sid % BLOCK_SERIES, row - chunk * CHUNK_ROWS, value);
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

  /** Empties the slots that a series deleted at `time` could share with the next owner of its sid. */
  erase(sid: number, time: number): void {
    this.archives.forEach(({ step }, index) => {
      for (const row of new Set([this.state(index).head, Math.floor(time / step)])) {
        if (row < 0) continue;
        const value = this.valueAt(index, row, sid);
        if (value === value) this.put(index, row, sid, NaN);
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
    const block = this.chunkBlock(archiveIndex, chunk, blockIndex)!; // it is changed, so there
    const indexes = Uint8Array.from(part.sids.subarray(part.first, part.end), (sid) => {
      return sid - blockIndex * BLOCK_SERIES;
    });
    block.read(indexes, columns);
    for (let i = part.first; i < part.end; i++) {
      const from = (i - part.first) * CHUNK_ROWS + skip;
      part.out.set(columns.subarray(from, from + count), i * part.stride + at);
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

  /** The drained records are durable: forgets all but the finest rows that are rolled up next. */
  settle(): void {
    const keptFrom = this.firstRecentRow();
    this.archives.forEach((_, index) => {
      const rows = this.rows[index]!;
      for (const [key, segment] of rows) {
        const { row } = segment;
        if (index === 0 && row >= keptFrom && row <= this.head) segment.dirty = false;
        else {
          rows.delete(key);
          if (this.spareSegments.length < SPARE_SEGMENTS_MAX) this.spareSegments.push(segment);
        }
      }
      this.chunks[index]!.clear();
    });
  }

  /** As if never used: all of its records have been removed. */
  reset(): void {
    this.archives.forEach((_, index) => {
      Object.assign(this.states[index]!, NO_STATE);
      this.rows[index]!.clear();
      this.chunks[index]!.clear();
      this.touched[index]!.clear();
      this.ahead[index]!.chunk = -1;
    });
    this.headSegments = [];
    this.members.count = 0;
  }

  /** Of the rows that close a coarser slot together with the head: reading them back costs more. */
  private firstRecentRow(): number {
    const { head } = this;
    const ratio = (this.archives[1]?.step ?? 0) / this.archives[0]!.step;
    return ratio > 1 && ratio <= RECENT_ROWS_MAX ? head - (head % ratio) : head;
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
      this.compact(archiveIndex, state, chunk, row - chunk * CHUNK_ROWS, chunk);
    }
    state.head = row;
    state.headMs = 0;
  }

  /** Chunks before the last one wholly, the last one in step with the rows of the current. */
  /** Whether a chunk of the head's time was stored before, when the clock was there already. */
  private hasHeadChunk(segment: number): boolean {
    const chunk = chunkOfRow(this.head);
    if (this.chunkless[segment] === chunk) return false;
    const end = Math.min((segment + 1) * SEGMENT_BLOCKS, this.members.count / BLOCK_SERIES);
    for (let block = segment * SEGMENT_BLOCKS; block < end; block++) {
      if (this.chunkInSlot(0, chunk, block) === chunk) return true;
    }
    this.chunkless[segment] = chunk;
    return false;
  }

  private compact(
    archiveIndex: number,
    state: ArchiveState,
    chunk: number,
    phase: number,
    toChunk: number,
  ): void {
    const blocks = Math.ceil(this.members.count / BLOCK_SERIES);
    const newest = chunkOfRow(state.head);
    while (state.cursorChunk < chunk - 1 && state.cursorChunk <= newest) {
      this.compactBlocks(archiveIndex, state, blocks, toChunk);
      state.cursorChunk += 1;
      state.cursorBlock = 0;
    }
    if (state.cursorChunk < chunk - 1) state.cursorChunk = chunk - 1;
    if (state.cursorChunk > newest || state.cursorChunk !== chunk - 1) return;
    const due = Math.floor(((phase + 1) * blocks) / CHUNK_ROWS);
    if (due > state.cursorBlock) this.compactBlocks(archiveIndex, state, due, toChunk);
  }

  /** Whether a slot keeps what it has against `chunk`; the head is in chunk `toChunk`, or goes there. */
  private isTaken(archiveIndex: number, chunk: number, block: number, toChunk: number): boolean {
    const { head, ahead } = this.state(archiveIndex);
    const slots = chunkSlots(this.archives[archiveIndex]!);
    const inSlot = this.chunkInSlot(archiveIndex, chunk, block);
    return keepsSlot(inSlot, chunk, { toChunk, headChunk: chunkOfRow(head), ahead, slots });
  }

  /** Where the clock was set back, the head row joins what the row of that time has already. */
  private newHeadSegment(segment: number): RowSegment {
    const loaded = this.rowSegment(0, this.head, segment);
    if (this.state(0).ahead === undefined || !this.hasHeadChunk(segment)) return loaded;
    const sids = this.members.range(segment * SEGMENT_SERIES, (segment + 1) * SEGMENT_SERIES);
    const stored = readStored(this, 0, sids, this.head, 1);
    const endTime = (this.head + 1) * this.archives[0]!.step;
    stored.forEach((value, i) => {
      if (value === value && this.members.born(sids[i]!) < endTime) loaded.set(i, value);
    });
    return loaded;
  }

  private compactBlocks(
    archiveIndex: number,
    state: ArchiveState,
    endBlock: number,
    toChunk: number,
  ): void {
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
        if (record === undefined || this.isTaken(archiveIndex, chunk, block, toChunk)) continue;
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
    const plain = this.areRowsPlain(archiveIndex - 1, row * ratio, ratio);
    // Wide rollups take a block at a time, so that their matrix stays small.
    const size = ratio > ROW_RING ? BLOCK_SERIES : SEGMENT_SERIES;
    for (let first = 0; first < this.members.count; first += size) {
      const end = Math.min(first + size, this.members.count);
      const rolled =
        plain && !this.members.hasBornAfter(first, end, row * this.archives[archiveIndex]!.step)
          ? this.rolledRows(archiveIndex, row, first, end)
          : this.rolledUp(archiveIndex, row, this.members.range(first, end));
      const segment = this.rowSegment(archiveIndex, row, segmentOf(first));
      const index = first % SEGMENT_SERIES;
      for (let i = 0; i < rolled.length; i++) {
        const value = rolled[i]!;
        if (value === value) segment.set(index + i, value);
      }
    }
  }

  /** Whether rows hold all there is to know of `count` rows: no chunk has a part in them. */
  private areRowsPlain(archiveIndex: number, firstRow: number, count: number): boolean {
    const { head, cursorChunk, cursorBlock } = this.state(archiveIndex);
    const chunk = chunkOfRow(firstRow);
    if (count > CHUNK_ROWS || chunk !== chunkOfRow(firstRow + count - 1)) return false;
    const compacted = chunk < cursorChunk || (chunk === cursorChunk && cursorBlock > 0);
    return !compacted && firstRow > head - ROW_RING && !this.isAhead(archiveIndex, chunk);
  }

  /** Whether a chunk that is not compacted yet has a block: points that came before their time. */
  private isAhead(archiveIndex: number, chunk: number): boolean {
    const ahead = this.ahead[archiveIndex]!;
    if (ahead.chunk !== chunk) {
      ahead.chunk = chunk;
      ahead.any = false;
      const blocks = Math.ceil(this.members.count / BLOCK_SERIES);
      for (let block = 0; block < blocks && !ahead.any; block++) {
        ahead.any = this.chunkInSlot(archiveIndex, chunk, block) === chunk;
      }
    }
    return ahead.any;
  }

  /** As `rolledUp` for sids of one segment whose finer rows are plain: a row at a time. */
  private rolledRows(archiveIndex: number, row: number, first: number, end: number): Float64Array {
    const ratio = this.archives[archiveIndex]!.step / this.archives[archiveIndex - 1]!.step;
    const segment = segmentOf(first);
    const from = first % SEGMENT_SERIES;
    const { methods, xFilesFactors } = this.members.columns(first, end);
    rollup.clear();
    for (let finer = row * ratio; finer < (row + 1) * ratio; finer++) {
      const { values } = this.peekSegment(archiveIndex - 1, finer, segment);
      rollup.addRow(methods, values, from);
    }
    const rolled = rollup.results(methods, xFilesFactors, ratio);
    this.refineRows(archiveIndex, row, first, end, rolled);
    return rolled;
  }

  /** Corrects what `rolledRows` found of timers' statistics. */
  private refineRows(
    archiveIndex: number,
    row: number,
    first: number,
    end: number,
    rolled: Float64Array,
  ): void {
    const timers = this.members.timerColumns(first, end);
    if (timers === undefined || this.timerRollup?.enabled !== true) return;
    const ratio = this.archives[archiveIndex]!.step / this.archives[archiveIndex - 1]!.step;
    const finer = new Float64Array(rolled.length * ratio);
    const from = first % SEGMENT_SERIES;
    for (let j = 0; j < ratio; j++) {
      const { values } = this.peekSegment(archiveIndex - 1, row * ratio + j, segmentOf(first));
      for (let i = 0; i < rolled.length; i++) finer[i * ratio + j] = values[from + i]!;
    }
    refineRollup(this, archiveIndex, timers, row, finer, rolled, 1, 0);
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

  /** Whether a finer point of the series waits to be rolled up into a coarser row. */
  private isRollupDue(archiveIndex: number, row: number, sid: number): boolean {
    for (let index = 0; index < archiveIndex; index++) {
      const rows = this.touched[index]!;
      const ratio = this.archives[archiveIndex]!.step / this.archives[index]!.step;
      if (rows.size < ratio) {
        for (const [finer, sids] of rows) {
          if (Math.floor(finer / ratio) === row && sids.has(sid)) return true;
        }
      } else {
        for (let finer = row * ratio; finer < (row + 1) * ratio; finer++) {
          if (rows.get(finer)?.has(sid) === true) return true;
        }
      }
    }
    return false;
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

  /** A segment to look at before the next one is asked for. */
  private peekSegment(archiveIndex: number, row: number, segment: number): RowSegment {
    const known = this.rows[archiveIndex]!.get((row % ROW_RING) * UNITS + segment);
    if (known?.row === row) return known;
    const record = this.records.row(archiveIndex, row, segment);
    peeked.reset(row);
    if (record !== undefined && !peeked.load(record)) this.stored.corruptRecords += 1;
    return peeked;
  }

  /** The block to change; undefined when its slot holds a newer chunk. */
  private chunkBlock(archiveIndex: number, chunk: number, block: number): ChunkBlock | undefined {
    const chunks = this.chunks[archiveIndex]!;
    const key = this.chunkKey(archiveIndex, chunk, block);
    const changed = chunks.get(key);
    if (changed instanceof ChunkBlock && changed.chunk === chunk) return changed;
    const headChunk = chunkOfRow(this.state(archiveIndex).head);
    if (this.isTaken(archiveIndex, chunk, block, headChunk)) return undefined;
    const record =
      changed instanceof ChunkBlock
        ? undefined
        : (changed?.record ?? this.records.chunk(archiveIndex, chunk, block));
    let base: ChunkBase = () => undefined;
    if (record !== undefined && chunkOfRecord(record) === chunk) {
      if (!isChunkRecord(record)) this.stored.corruptRecords += 1;
      else if (changed !== undefined) base = () => record;
      // A stored record may be in a buffer that the next one overwrites: it is read again.
      else base = () => this.records.chunk(archiveIndex, chunk, block);
    }
    const loaded = new ChunkBlock(chunk, base);
    chunks.set(key, loaded);
    if (this.ahead[archiveIndex]!.chunk === chunk) this.ahead[archiveIndex]!.any = true;
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
