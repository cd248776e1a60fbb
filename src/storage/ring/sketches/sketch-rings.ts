/**
 * The sketch rings of one class as the writer changes them: timers (or sets) with the same
 * retentions. The counterpart of ring-set.ts, with what sketches make simpler: whatever falls into
 * a slot is merged into it, so a late flush is merged into its coarser slots as well and nothing is
 * computed anew. Formats: FORMAT.md, "Sketches".
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { CHUNK_ROWS, ROW_RING, chunkOfRow, chunkSlots } from '../ring.ts';
import { RingClock, type RingOwner, type RingState, partialRow } from '../ring-clock.ts';
import type { RecordReader, RecordSink } from '../ring-records.ts';
import { ChangedSlots } from '../changed-slots.ts';
import {
  BLOCK_TIMERS,
  type SketchMembers,
  type SketchSource,
  mergeFiner,
  readStoredSketches,
  sketchBlockOf,
} from './sketch-columns.ts';
import { type SketchMerger, isCoarse } from './sketch-merge.ts';
import { type EncodedSketches, encodeBundle, numberOfBundle } from './sketch-record.ts';
import { SketchRecordSource, type SketchShape } from './sketch-source.ts';

/** A changed row block or chunk. */
class ChangedBundle {
  readonly number: number;
  readonly parts: EncodedSketches;

  constructor(number: number, parts: EncodedSketches) {
    this.number = number;
    this.parts = parts;
  }

  part(index: number): Uint8Array | undefined {
    return this.parts[index];
  }
}

type Changes = ChangedSlots<ChangedBundle>;

export class SketchRings implements SketchSource, RingOwner {
  readonly archives: readonly Archive[];
  readonly kind: SketchKind;
  readonly merger: SketchMerger;
  /** By column: slots that end at or before this time are those of an earlier timer. */
  readonly since: number[] = [];
  private readonly clock: RingClock;
  private readonly stored: SketchRecordSource;
  private readonly records: RecordReader;
  private readonly rows: readonly Changes[];
  private readonly chunks: readonly Changes[];

  /** `states` of an archive never written is NEVER_WRITTEN; the arrays are copied. */
  constructor(shape: SketchShape, records: RecordReader, merger: SketchMerger) {
    this.archives = shape.archives;
    this.kind = shape.kind;
    this.merger = merger;
    this.clock = new RingClock(shape.archives, shape.states, this);
    this.records = records;
    this.stored = new SketchRecordSource({ ...shape, states: this.states }, records, merger);
    this.rows = shape.archives.map(() => new ChangedSlots(ROW_RING));
    this.chunks = shape.archives.map((archive) => new ChangedSlots(chunkSlots(archive)));
  }

  get states(): readonly RingState[] {
    return this.clock.states;
  }

  get corruptRecords(): number {
    return this.stored.corruptRecords;
  }

  state(archiveIndex: number): RingState {
    return this.clock.state(archiveIndex);
  }

  members(columns: Uint32Array): SketchMembers {
    return { columns, since: Uint32Array.from(columns, (column) => this.since[column]!) };
  }

  /** Merges a sketch of a flush into its slots. */
  add(time: number, column: number, sketch: Uint8Array): void {
    const row = Math.floor(time / this.archives[0]!.step);
    this.clock.rewind(row);
    const isLate = row < this.clock.newestRow;
    this.clock.advance(row);
    this.put(0, row, column, sketch);
    if (!isLate) return;
    for (let index = 1; index < this.archives.length; index++) {
      const coarse = Math.floor(time / this.archives[index]!.step);
      if (coarse !== partialRow(this, index)) this.put(index, coarse, column, sketch);
    }
  }

  /** Takes away what a deleted timer has in slots that the next owner of its column will share. */
  erase(column: number): void {
    this.archives.forEach((_, index) => {
      const { newestRow } = this.state(index);
      const block = sketchBlockOf(column);
      if (newestRow < 0 || !this.clock.isInRows(index, newestRow, block)) return;
      const position = column - block * BLOCK_TIMERS;
      if (this.row(index, newestRow, block)?.part(position) !== undefined) {
        this.rowBlock(index, newestRow, block).parts[position] = undefined;
      }
      const at = newestRow - chunkOfRow(newestRow) * CHUNK_ROWS;
      if (this.met(index, newestRow, column) === undefined) return;
      const chunk = this.chunkOf(index, chunkOfRow(newestRow), column);
      if (chunk !== undefined) chunk.parts[at] = undefined;
    });
  }

  row(archiveIndex: number, row: number, block: number) {
    const changed = this.rows[archiveIndex]!.find(row, block);
    return changed ?? this.stored.row(archiveIndex, row, block);
  }

  chunk(archiveIndex: number, chunk: number, column: number) {
    const changed = this.chunks[archiveIndex]!.find(chunk, column);
    if (changed !== undefined || !this.mayHave(archiveIndex, chunk)) return changed;
    return this.stored.chunk(archiveIndex, chunk, column);
  }

  /** Hands over the records of all changes; they stay changes until `onCommitted`. */
  drain(sink: RecordSink): void {
    this.archives.forEach((_, index) => {
      this.rows[index]!.forEach(({ number, parts }, block) => {
        sink.row(index, number, block, encodeBundle(number, parts));
      });
      this.chunks[index]!.forEach(({ number, parts }, column) => {
        sink.chunk(index, number, column, encodeBundle(number, parts));
      });
    });
  }

  /** The drained records are durable. */
  onCommitted(): void {
    for (const changes of [...this.rows, ...this.chunks]) changes.clear();
  }

  blockCount(): number {
    return Math.ceil(this.since.length / BLOCK_TIMERS);
  }

  close(archiveIndex: number, row: number): void {
    // What finer rows are of another visit to their time, or gone, is less than what is known.
    const leavesKnown = this.clock.isBeforeReach(archiveIndex - 1);
    for (let block = 0; block < this.blockCount(); block++) {
      const columns = this.columnsOf(block);
      const merged = mergeFiner(this, this.members(columns), archiveIndex, row);
      if (merged.every((sketch) => sketch === undefined)) continue;
      const { parts } = this.rowBlock(archiveIndex, row, block);
      merged.forEach((sketch, i) => {
        if (sketch !== undefined && !(leavesKnown && parts[i] !== undefined)) parts[i] = sketch;
      });
    }
  }

  forget(archiveIndex: number, firstRow: number, endRow: number): void {
    for (let row = firstRow; row < endRow; row++) {
      for (let block = 0; block < this.blockCount(); block++) {
        if (this.row(archiveIndex, row, block) === undefined) continue;
        const parts = this.metParts(archiveIndex, row, block);
        this.rows[archiveIndex]!.set(block, new ChangedBundle(row, parts));
      }
    }
  }

  compact(archiveIndex: number, chunk: number, firstBlock: number, endBlock: number): void {
    for (let block = firstBlock; block < endBlock; block++) {
      const columns = this.columnsOf(block);
      const rows = { archiveIndex, firstRow: chunk * CHUNK_ROWS, count: CHUNK_ROWS };
      const found = readStoredSketches(this, columns, rows);
      columns.forEach((column, i) => {
        const parts = found.slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS);
        if (parts.every((part) => part === undefined)) return;
        if (this.clock.mayMeet(archiveIndex) && this.isTaken(archiveIndex, chunk, column)) return;
        this.chunks[archiveIndex]!.set(column, new ChangedBundle(chunk, parts));
      });
    }
  }

  /** Merges into any slot, unless it has gone on to a newer chunk. */
  private put(archiveIndex: number, row: number, column: number, sketch: Uint8Array): void {
    this.clock.moveTo(archiveIndex, row);
    const block = sketchBlockOf(column);
    if (this.clock.isInRows(archiveIndex, row, block)) {
      const { parts } = this.rowBlock(archiveIndex, row, block);
      this.mergeInto(archiveIndex, parts, column - block * BLOCK_TIMERS, sketch);
      return;
    }
    const chunk = chunkOfRow(row);
    const changed = this.chunkOf(archiveIndex, chunk, column);
    if (changed === undefined) return;
    this.mergeInto(archiveIndex, changed.parts, row - chunk * CHUNK_ROWS, sketch);
  }

  private mergeInto(
    archiveIndex: number,
    parts: EncodedSketches,
    index: number,
    sketch: Uint8Array,
  ): void {
    const before = parts[index];
    const both = before === undefined ? [sketch] : [before, sketch];
    const coarse = isCoarse(this.archives[archiveIndex]!.step);
    parts[index] = this.merger.merge(this.kind, both, coarse);
  }

  private columnsOf(block: number): Uint32Array {
    const first = block * BLOCK_TIMERS;
    const count = Math.max(0, Math.min(BLOCK_TIMERS, this.since.length - first));
    return new Uint32Array(count).map((_, i) => first + i);
  }

  /** A block of a row, to be changed; joined with what a chunk has of its time already. */
  private rowBlock(archiveIndex: number, row: number, block: number): ChangedBundle {
    const known = this.rows[archiveIndex]!.find(row, block);
    if (known !== undefined) return known;
    const stored = this.stored.row(archiveIndex, row, block);
    const parts = this.metParts(archiveIndex, row, block);
    for (let i = 0; i < BLOCK_TIMERS; i++) parts[i] = stored?.part(i) ?? parts[i];
    return this.rows[archiveIndex]!.set(block, new ChangedBundle(row, parts));
  }

  /** What chunks have of a block of a row. */
  private metParts(archiveIndex: number, row: number, block: number): EncodedSketches {
    const first = block * BLOCK_TIMERS;
    return Array.from({ length: BLOCK_TIMERS }, (_, i) => this.met(archiveIndex, row, first + i));
  }

  /** What a chunk has of a row that is not compacted yet, the clock having been set back. */
  private met(archiveIndex: number, row: number, column: number): Uint8Array | undefined {
    if (!this.clock.mayMeet(archiveIndex) || column >= this.since.length) return undefined;
    const chunk = chunkOfRow(row);
    return this.chunk(archiveIndex, chunk, column)?.part(row - chunk * CHUNK_ROWS);
  }

  /** A chunk, to be changed; undefined when its slot holds one that stays. */
  private chunkOf(archiveIndex: number, chunk: number, column: number): ChangedBundle | undefined {
    const chunks = this.chunks[archiveIndex]!;
    const known = chunks.find(chunk, column);
    if (known !== undefined) return known;
    if (this.isTaken(archiveIndex, chunk, column)) return undefined;
    const stored = this.stored.chunk(archiveIndex, chunk, column);
    const parts = Array.from({ length: CHUNK_ROWS }, (_, i) => stored?.part(i));
    return chunks.set(column, new ChangedBundle(chunk, parts));
  }

  /** Whether a slot keeps what it has against a chunk; a damaged record keeps nothing. */
  private isTaken(archiveIndex: number, chunk: number, column: number): boolean {
    const changed = this.chunks[archiveIndex]!.inSlot(chunk, column);
    const number = this.inSlot(archiveIndex, chunk, column);
    if (!this.clock.keepsSlot(archiveIndex, number, chunk)) return false;
    return changed !== undefined || this.stored.chunk(archiveIndex, number, column) !== undefined;
  }

  /** Whether a chunk is compacted, or came by before: of all columns one answer is found once. */
  private mayHave(archiveIndex: number, chunk: number): boolean {
    if (chunk <= this.state(archiveIndex).compactedUpTo) return true;
    if (!this.clock.mayMeet(archiveIndex)) return false;
    return this.chunks[archiveIndex]!.hasAny(chunk, this.since.length, (column) => {
      return this.inSlot(archiveIndex, chunk, column);
    });
  }

  /** The number of the chunk that a slot holds, -1 for none. */
  private inSlot(archiveIndex: number, chunk: number, column: number): number {
    const changed = this.chunks[archiveIndex]!.inSlot(chunk, column);
    if (changed !== undefined) return changed.number;
    const record = this.records.chunk(archiveIndex, chunk, column);
    return record === undefined ? -1 : numberOfBundle(record);
  }
}
