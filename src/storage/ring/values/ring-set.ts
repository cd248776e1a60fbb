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
  type Part,
  type RingSource,
  blockOf,
  overlayRollup,
  readStored,
  pageOf,
} from './columns.ts';
import { encodeBlocks } from './compaction.ts';
import { RecordSource } from './record-source.ts';
import {
  BLOCK_SERIES,
  CHUNK_ROWS,
  PAGE_SERIES,
  ROW_RING,
  type RowSpan,
  chunkOfRow,
  finerRows,
} from '../ring.ts';
import { RingClock, type RingOwner, partialRow } from '../ring-clock.ts';
import type { RecordReader, RecordSink } from '../ring-records.ts';
import type { RowPage } from './row-record.ts';
import { type PageRow, rollUpPage } from '../rollup/page-rollup.ts';
import { isFinal } from './row-tails.ts';
import { RingMembers } from './ring-members.ts';
import type { TimerRollup } from '../rollup/timer-rollup.ts';
import { TouchedRows } from './touched-rows.ts';

/** Finest rows of the open coarser slot kept in memory at most: 96 bytes a series. */
const RECENT_ROWS_MAX = 12;

export class RingSet implements RingSource, RingOwner {
  readonly archives: readonly Archive[];
  readonly members: RingMembers;
  timerRollup: TimerRollup | undefined;
  private readonly clock: RingClock<ArchiveState>;
  private readonly stored: RecordSource;
  private readonly rows: ChangedRows;
  private readonly chunks: ChangedChunks;
  private readonly touched: TouchedRows;
  /** Pages of the newest finest row, by page. */
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
    this.clock = new RingClock(archives, states, this);
    this.stored = new RecordSource(archives, this.states, records);
    const onCorrupt = (): void => void (this.stored.corruptRecords += 1);
    this.rows = new ChangedRows(archives.length, records, onCorrupt);
    this.chunks = new ChangedChunks(archives, records, onCorrupt);
    this.touched = new TouchedRows(archives);
  }

  get corruptRecords(): number {
    return this.stored.corruptRecords;
  }

  get states(): readonly ArchiveState[] {
    return this.clock.states;
  }

  /** The newest finest row, -1 when there is none. */
  get newestRow(): number {
    return this.clock.newestRow;
  }

  state(archiveIndex: number): ArchiveState {
    return this.clock.state(archiveIndex);
  }

  /** Makes `row` the newest finest row when it is (RingClock.advance). */
  advance(row: number): void {
    if (row <= this.newestRow) return;
    // Rolled up while the finer points are surely there: a jump ahead may overwrite them.
    if (this.touched.any) this.propagate();
    this.clock.advance(row);
    this.state(0).newestRowMs = 0;
    this.newestPages = [];
  }

  /** Makes `row` the newest row where the clock was set back (RingClock.rewind). */
  rewind(row: number): boolean {
    if (!this.clock.rewind(row)) return false;
    this.state(0).newestRowMs = 0;
    this.archives.forEach((_, index) => this.revise(index));
    this.newestPages = [];
    return true;
  }

  /** The page of the newest row that holds a series, for values of the current flush. */
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
    } else if (this.newestRow >= 0 && row >= partialRow(this, archiveIndex)) {
      // A point in or after a growing row is too old for it to grow any more: it is stored, lest it
      // is computed over the point, or of finer rows that points after it have overwritten.
      this.advance(((row + 1) * this.archives[archiveIndex]!.step) / this.archives[0]!.step);
    }
    // What came before it is rolled up before it, whatever shares the transaction.
    if (this.touched.isUnder(archiveIndex, row, column)) this.propagate();
    if (!this.put(archiveIndex, row, column, value)) return false;
    if (archiveIndex > 0 || row < this.newestRow) this.touch(archiveIndex, row, column);
    return true;
  }

  /** Puts a value anywhere; false when its slot has gone on to a newer chunk. */
  put(archiveIndex: number, row: number, column: number, value: number): boolean {
    if (this.clock.isInRows(archiveIndex, row, blockOf(column))) {
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
    if (this.clock.isInRows(0, row, blockOf(column))) return undefined;
    return this.chunkBlock(0, chunkOfRow(row), blockOf(column));
  }

  /** One stored value, NaN when null. */
  valueAt(archiveIndex: number, row: number, column: number): number {
    return this.storedRow(archiveIndex, row, Uint32Array.of(column))[0]!;
  }

  /** Notes that a row older than the newest changed, for `propagate`. */
  touch(archiveIndex: number, row: number, column: number): void {
    this.touched.add(archiveIndex, row, column);
  }

  /** Rolls touched rows up as whisper does: stops at the first archive below xFilesFactor. */
  propagate(): void {
    for (let index = 1; index < this.archives.length; index++) {
      const coarse = this.touched.takeCoarse(index - 1);
      const open = partialRow(this, index);
      for (const [row, columns] of coarse) {
        if (row !== open) this.rollUpLate(index, row, Uint32Array.from(columns).sort());
      }
    }
    this.touched.clear(this.archives.length - 1);
  }

  /** Empties the slots that a series deleted at `time` could share with the next one of its column. */
  erase(column: number, time: number): void {
    this.archives.forEach(({ step }, index) => {
      for (const row of new Set([this.state(index).newestRow, Math.floor(time / step)])) {
        if (row < 0) continue;
        const value = this.valueAt(index, row, column);
        if (value === value) this.put(index, row, column, NaN);
      }
    });
  }

  overlayRow(archiveIndex: number, row: number, part: Part): void {
    if (!this.rows.overlay(archiveIndex, row, part))
      this.stored.overlayRow(archiveIndex, row, part);
  }

  copyChunk(archiveIndex: number, chunk: number, part: Part): void {
    if (!this.chunks.copy(archiveIndex, chunk, part))
      this.stored.copyChunk(archiveIndex, chunk, part);
  }

  /**
   * Hands over the records of all changes, which stay changes until `onCommitted`. True when an
   * archive has a new revision, which its state must be written with.
   */
  drain(sink: RecordSink): boolean {
    let isAnyRevised = false;
    this.archives.forEach((_, index) => {
      const { newestRow } = this.state(index);
      let isRevised = false;
      this.rows.drain(index, (row, page, record) => {
        isRevised ||= isFinal(row, newestRow);
        sink.row(index, row, page, record);
      });
      if (isRevised) this.revise(index);
      isAnyRevised ||= isRevised;
      this.chunks.drain(index, (chunk, block, record) => sink.chunk(index, chunk, block, record));
    });
    return isAnyRevised;
  }

  /** The drained records are durable: forgets all but the finest rows that are rolled up next. */
  onCommitted(): void {
    this.rows.onCommitted(this.firstRecentRow(), this.newestRow);
    this.chunks.onCommitted();
  }

  /** As if never used: all of its records have been removed. */
  reset(): void {
    this.clock.reset();
    this.state(0).newestRowMs = 0;
    this.archives.forEach((_, index) => this.revise(index));
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

  /** The first row of the newest one's coarser slot: reading these rows back would cost more. */
  private firstRecentRow(): number {
    const { newestRow } = this;
    const ratio = (this.archives[1]?.step ?? 0) / this.archives[0]!.step;
    return ratio > 1 && ratio <= RECENT_ROWS_MAX ? newestRow - (newestRow % ratio) : newestRow;
  }

  blockCount(): number {
    return Math.ceil(this.members.count / BLOCK_SERIES);
  }

  close(archiveIndex: number, row: number): void {
    const finer = finerRows(this.archives, archiveIndex, row);
    const plain = this.areRowsPlain(finer);
    const finerRow: PageRow = (one, page) => this.rows.peek(finer.archiveIndex, one, page).values;
    // Wide rollups take a block at a time, so that their matrix stays small.
    const size = finer.count > ROW_RING ? BLOCK_SERIES : PAGE_SERIES;
    for (let first = 0; first < this.members.count; first += size) {
      const end = Math.min(first + size, this.members.count);
      const rolled =
        plain && !this.members.isAnySinceAfter(first, end, row * this.archives[archiveIndex]!.step)
          ? rollUpPage(this, finer, first, end, finerRow)
          : this.rolledUp(archiveIndex, row, this.members.range(first, end));
      if (this.clock.isBeforeReach(archiveIndex - 1))
        this.leaveKnown(archiveIndex, row, first, rolled);
      const page = this.rows.open(archiveIndex, row, pageOf(first));
      page.overlay(first % PAGE_SERIES, rolled);
    }
  }

  forget(archiveIndex: number, firstRow: number, endRow: number): void {
    const pages = Math.ceil(this.members.count / PAGE_SERIES);
    this.rows.forget(archiveIndex, firstRow, endRow, pages);
  }

  compact(archiveIndex: number, chunk: number, firstBlock: number, endBlock: number): void {
    encodeBlocks(this, archiveIndex, chunk, firstBlock, endBlock, (block, record) => {
      if (this.isTaken(archiveIndex, chunk, block)) return;
      this.chunks.put(archiveIndex, chunk, block, record);
    });
  }

  /** Where the clock was set back, the newest row joins what the row of that time has already. */
  private newPage(page: number): RowPage {
    const loaded = this.rows.open(0, this.newestRow, page);
    if (!this.clock.mayMeet(0) || !this.hasChunk(0, chunkOfRow(this.newestRow))) return loaded;
    const columns = this.members.range(page * PAGE_SERIES, (page + 1) * PAGE_SERIES);
    const stored = this.storedRow(0, this.newestRow, columns);
    const endTime = (this.newestRow + 1) * this.archives[0]!.step;
    stored.forEach((value, i) => {
      if (value === value && this.members.since(columns[i]!) < endTime) loaded.set(i, value);
    });
    return loaded;
  }

  /** Whether a slot keeps what it has against a chunk. */
  private isTaken(archiveIndex: number, chunk: number, block: number): boolean {
    const inSlot = this.chunks.inSlot(archiveIndex, chunk, block);
    return this.clock.keepsSlot(archiveIndex, inSlot, chunk);
  }

  /**
   * Takes away the rollups of series whose coarser row is known: made of finer rows that are of
   * another visit to their time, or are gone, they would be less than it.
   */
  private leaveKnown(archiveIndex: number, row: number, first: number, rolled: Float64Array): void {
    const columns = this.members.range(first, first + rolled.length);
    this.storedRow(archiveIndex, row, columns).forEach((value, i) => {
      if (value === value) rolled[i] = NaN;
    });
  }

  /** Whether rows that close hold all there is to know: no chunk has a part in them. */
  private areRowsPlain({ archiveIndex, firstRow, count }: RowSpan): boolean {
    const chunk = chunkOfRow(firstRow);
    if (chunk !== chunkOfRow(firstRow + count - 1)) return false;
    return chunk >= this.state(archiveIndex).compactedUpTo && !this.hasChunk(archiveIndex, chunk);
  }

  /** Whether a chunk that is not compacted yet has a block: points that came before their time. */
  private hasChunk(archiveIndex: number, chunk: number): boolean {
    return this.chunks.hasAny(archiveIndex, chunk, this.blockCount());
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
    const out = new Float64Array(columns.length).fill(NaN);
    const series = this.members.series(columns);
    overlayRollup(this, series, archiveIndex, row, { out, stride: 1, at: 0 });
    return out;
  }

  private storedRow(archiveIndex: number, row: number, columns: Uint32Array): Float64Array {
    return readStored(this, columns, { archiveIndex, firstRow: row, count: 1 });
  }

  /** The block to change; undefined when its slot holds a newer chunk. */
  private chunkBlock(archiveIndex: number, chunk: number, block: number): ChunkBlock | undefined {
    if (this.isTaken(archiveIndex, chunk, block)) return undefined;
    return this.chunks.open(archiveIndex, chunk, block);
  }
}
