/**
 * The rings of one class as the writer changes them: all series with the same retentions. Values
 * go into rows or chunks held in memory until `drain` hands their records over; finer rows are
 * rolled up when a coarser slot closes, chunks are compacted a part a row. Single writer; reads of
 * its own go over the changes. Formats and invariants: FORMAT.md.
 */
import type { Archive } from '../../retention/archives.ts';
import { ChangedChunks } from './changed-chunks.ts';
import { ChangedRows } from './changed-rows.ts';
import type { ChunkBlock } from './chunk-record.ts';
import {
  type ArchiveState,
  NO_STATE,
  type Part,
  type RingSource,
  blockOf,
  openRow,
  overlayRollup,
  readStored,
  pageOf,
} from './columns.ts';
import { encodeBlocks } from './compaction.ts';
import { type RecordReader, RecordSource } from './record-source.ts';
import {
  BLOCK_SERIES,
  CHUNK_ROWS,
  ROW_RING,
  PAGE_SERIES,
  chunkOfRow,
  chunkSlots,
  forClosingRows,
} from '../ring.ts';
import type { RowPage } from './row-record.ts';
import { type PageRow, rollUpPage } from '../rollup/page-rollup.ts';
import { isSettled } from './row-tails.ts';
import { isNear, keepsSlot } from '../slot-claim.ts';
import { RingMembers } from './ring-members.ts';
import type { TimerRollup } from '../rollup/timer-rollup.ts';
import { TouchedRows } from './touched-rows.ts';

/** Takes the records of changed rows and chunks; each is a fresh or quickly copied array. */
export interface RecordSink {
  row(archiveIndex: number, row: number, page: number, record: Uint8Array): void;
  chunk(archiveIndex: number, chunk: number, block: number, record: Uint8Array): void;
}

/** Finest rows of the open coarser slot kept in memory at most: 96 bytes a series. */
const RECENT_ROWS_MAX = 12;

export class RingSet implements RingSource {
  readonly archives: readonly Archive[];
  readonly members: RingMembers;
  readonly states: ArchiveState[];
  timerRollup: TimerRollup | undefined;
  private readonly stored: RecordSource;
  private readonly rows: ChangedRows;
  private readonly chunks: ChangedChunks;
  private readonly touched: TouchedRows;
  /** Segments of the finest head row, by page. */
  private newestPages: (RowPage | undefined)[] = [];
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
    this.stored = new RecordSource(archives, this.states, records);
    const onCorrupt = (): void => void (this.stored.corruptRecords += 1);
    this.rows = new ChangedRows(archives.length, records, onCorrupt);
    this.chunks = new ChangedChunks(archives, records, onCorrupt);
    this.touched = new TouchedRows(archives);
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
    if (this.touched.any) this.propagate();
    if (head >= 0) this.closeRows(head, row);
    this.moveHead(0, row);
    this.newestPages = [];
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
      this.revise(index);
    });
    this.newestPages = [];
    return true;
  }

  /** The head row's page that holds a series, for values of the current flush. */
  newestPage(column: number): RowPage {
    const page = pageOf(column);
    return (this.newestPages[page] ??= this.newPage(page));
  }

  /**
   * Stores a ready-made point; coarser rows follow with `propagate` or when they close. False when
   * its slot has gone on to a newer chunk.
   */
  writePoint(archiveIndex: number, row: number, column: number, value: number): boolean {
    if (archiveIndex === 0) {
      this.advance(row);
    } else if (this.head >= 0 && row >= openRow(this, archiveIndex)) {
      // A point in or after a growing row is too old for it to grow any more: it is stored, lest it
      // is computed over the point, or of finer rows that points after it have overwritten.
      this.advance(((row + 1) * this.archives[archiveIndex]!.step) / this.archives[0]!.step);
    }
    // What came before it is rolled up before it, whatever shares the transaction.
    if (this.touched.isUnder(archiveIndex, row, column)) this.propagate();
    if (!this.put(archiveIndex, row, column, value)) return false;
    if (archiveIndex > 0 || row < this.head) this.touch(archiveIndex, row, column);
    return true;
  }

  /** Puts a value anywhere; false when its slot has gone on to a newer chunk. */
  put(archiveIndex: number, row: number, column: number, value: number): boolean {
    if (this.isInRows(archiveIndex, row, column)) {
      const page = this.rows.open(archiveIndex, row, pageOf(column));
      page.set(column % PAGE_SERIES, value);
      return true;
    }
    const chunk = chunkOfRow(row);
    const block = this.chunkBlock(archiveIndex, chunk, blockOf(column));
    if (block === undefined) return false;
    block.set(column % BLOCK_SERIES, row - chunk * CHUNK_ROWS, value);
    return true;
  }

  /** The block that has a late finest row of a series; undefined where it is no chunk's to change. */
  lateBlock(row: number, column: number): ChunkBlock | undefined {
    if (this.isInRows(0, row, column)) return undefined;
    return this.chunkBlock(0, chunkOfRow(row), blockOf(column));
  }

  /** One stored value, NaN when null. */
  valueAt(archiveIndex: number, row: number, column: number): number {
    return readStored(this, archiveIndex, Uint32Array.of(column), row, 1)[0]!;
  }

  /** Notes that a row behind the head changed, for `propagate`. */
  touch(archiveIndex: number, row: number, column: number): void {
    this.touched.add(archiveIndex, row, column);
  }

  /** Rolls touched rows up as whisper does: stops at the first archive below xFilesFactor. */
  propagate(): void {
    for (let index = 1; index < this.archives.length; index++) {
      const coarse = this.touched.takeCoarse(index - 1);
      const open = openRow(this, index);
      for (const [row, columns] of coarse) {
        if (row !== open) this.rollUpLate(index, row, Uint32Array.from(columns).sort());
      }
    }
    this.touched.clear(this.archives.length - 1);
  }

  /** Empties the slots that a series deleted at `time` could share with the next owner of its column. */
  erase(column: number, time: number): void {
    this.archives.forEach(({ step }, index) => {
      for (const row of new Set([this.state(index).head, Math.floor(time / step)])) {
        if (row < 0) continue;
        const value = this.valueAt(index, row, column);
        if (value === value) this.put(index, row, column, NaN);
      }
    });
  }

  overlayRow(archiveIndex: number, row: number, part: Part, at: number): void {
    if (this.rows.overlay(archiveIndex, row, part, at)) return;
    this.stored.overlayRow(archiveIndex, row, part, at);
  }

  copyChunk(
    archiveIndex: number,
    chunk: number,
    part: Part,
    at: number,
    skip: number,
    count: number,
  ): void {
    if (this.chunks.copy(archiveIndex, chunk, part, at, skip, count)) return;
    this.stored.copyChunk(archiveIndex, chunk, part, at, skip, count);
  }

  /**
   * Hands over the records of all changes; they stay changes until `settle`. True when an archive
   * has a new revision, which its state must be written with.
   */
  drain(sink: RecordSink): boolean {
    let isAnyRevised = false;
    this.archives.forEach((_, index) => {
      const { head } = this.state(index);
      let isRevised = false;
      this.rows.drain(index, (row, page, record) => {
        isRevised ||= isSettled(row, head);
        sink.row(index, row, page, record);
      });
      if (isRevised) this.revise(index);
      isAnyRevised ||= isRevised;
      this.chunks.drain(index, (chunk, block, record) => sink.chunk(index, chunk, block, record));
    });
    return isAnyRevised;
  }

  /** The drained records are durable: forgets all but the finest rows that are rolled up next. */
  settle(): void {
    this.rows.settle(this.firstRecentRow(), this.head);
    this.chunks.settle();
  }

  /** As if never used: all of its records have been removed. */
  reset(): void {
    this.states.forEach((state, index) => {
      Object.assign(state, NO_STATE);
      this.revise(index);
    });
    this.rows.clear();
    this.chunks.clear();
    this.touched.clear();
    this.newestPages = [];
    this.members.count = 0;
  }

  /** Whoever keeps rows of an archive must read them anew. */
  private revise(archiveIndex: number): void {
    const state = this.state(archiveIndex);
    state.revision = (state.revision ?? 0) + 1;
  }

  /** Of the rows that close a coarser slot together with the head: reading them back costs more. */
  private firstRecentRow(): number {
    const { head } = this;
    const ratio = (this.archives[1]?.step ?? 0) / this.archives[0]!.step;
    return ratio > 1 && ratio <= RECENT_ROWS_MAX ? head - (head % ratio) : head;
  }

  /** Stores the coarser rows that the head leaves. */
  private closeRows(head: number, row: number): void {
    forClosingRows(this.archives, head, row, (index, closing) => {
      this.moveHead(index, closing);
      this.rollUp(index, closing);
    });
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
    const inSlot = this.chunks.inSlot(archiveIndex, chunk, block);
    return keepsSlot(inSlot, chunk, { toChunk, headChunk: chunkOfRow(head), ahead, slots });
  }

  /** Where the clock was set back, the head row joins what the row of that time has already. */
  private newPage(page: number): RowPage {
    const loaded = this.rows.open(0, this.head, page);
    if (this.state(0).ahead === undefined || !this.hasChunk(0, chunkOfRow(this.head)))
      return loaded;
    const columns = this.members.range(page * PAGE_SERIES, (page + 1) * PAGE_SERIES);
    const stored = readStored(this, 0, columns, this.head, 1);
    const endTime = (this.head + 1) * this.archives[0]!.step;
    stored.forEach((value, i) => {
      if (value === value && this.members.born(columns[i]!) < endTime) loaded.set(i, value);
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
    encodeBlocks(this, archiveIndex, chunk, state.cursorBlock, endBlock, (block, record) => {
      if (this.isTaken(archiveIndex, chunk, block, toChunk)) return;
      this.chunks.put(archiveIndex, chunk, block, record);
    });
    state.cursorBlock = endBlock;
  }

  /** Stores a coarser row that closes. */
  private rollUp(archiveIndex: number, row: number): void {
    const ratio = this.archives[archiveIndex]!.step / this.archives[archiveIndex - 1]!.step;
    const plain = this.areRowsPlain(archiveIndex - 1, row * ratio, ratio);
    const finerRow: PageRow = (finer, page) => this.rows.peek(archiveIndex - 1, finer, page).values;
    // Wide rollups take a block at a time, so that their matrix stays small.
    const size = ratio > ROW_RING ? BLOCK_SERIES : PAGE_SERIES;
    for (let first = 0; first < this.members.count; first += size) {
      const end = Math.min(first + size, this.members.count);
      const rolled =
        plain && !this.members.hasBornAfter(first, end, row * this.archives[archiveIndex]!.step)
          ? rollUpPage(this, archiveIndex, row, first, end, finerRow)
          : this.rolledUp(archiveIndex, row, this.members.range(first, end));
      const page = this.rows.open(archiveIndex, row, pageOf(first));
      page.overlay(first % PAGE_SERIES, rolled);
    }
  }

  /** Whether rows that close hold all there is to know: no chunk has a part in them. */
  private areRowsPlain(archiveIndex: number, firstRow: number, count: number): boolean {
    const chunk = chunkOfRow(firstRow);
    if (chunk !== chunkOfRow(firstRow + count - 1)) return false;
    return chunk >= this.state(archiveIndex).cursorChunk && !this.hasChunk(archiveIndex, chunk);
  }

  /** Whether a chunk that is not compacted yet has a block: points that came before their time. */
  private hasChunk(archiveIndex: number, chunk: number): boolean {
    const blocks = Math.ceil(this.members.count / BLOCK_SERIES);
    return this.chunks.hasAny(archiveIndex, chunk, blocks);
  }

  private rollUpLate(archiveIndex: number, row: number, columns: Uint32Array): void {
    const rolled = this.rolledUp(archiveIndex, row, columns);
    for (let i = 0; i < rolled.length; i++) {
      const value = rolled[i]!;
      if (value === value && this.put(archiveIndex, row, columns[i]!, value)) {
        this.touch(archiveIndex, row, columns[i]!);
      }
    }
  }

  /** One coarser value a series, NaN where too little is known. */
  private rolledUp(archiveIndex: number, row: number, columns: Uint32Array): Float64Array {
    const rolled = new Float64Array(columns.length).fill(NaN);
    overlayRollup(this, archiveIndex, this.members.series(columns), row, rolled, 1, 0);
    return rolled;
  }

  /** Whether the truth about a point is in the rows: near the head and not compacted yet. */
  private isInRows(archiveIndex: number, row: number, column: number): boolean {
    const state = this.state(archiveIndex);
    if (row > state.head || row <= state.head - ROW_RING) return false;
    const chunk = chunkOfRow(row);
    if (chunk !== state.cursorChunk) return chunk > state.cursorChunk;
    return blockOf(column) >= state.cursorBlock;
  }

  /** The block to change; undefined when its slot holds a newer chunk. */
  private chunkBlock(archiveIndex: number, chunk: number, block: number): ChunkBlock | undefined {
    const headChunk = chunkOfRow(this.state(archiveIndex).head);
    if (this.isTaken(archiveIndex, chunk, block, headChunk)) return undefined;
    return this.chunks.open(archiveIndex, chunk, block);
  }
}
