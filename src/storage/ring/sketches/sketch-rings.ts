/**
 * The sketch rings of one class as the writer changes them: timers (or sets) with the same
 * retentions. The counterpart of ring-set.ts, with what sketches make simpler: whatever falls into
 * a slot is merged into it, so a late flush is merged into its coarser slots as well and nothing is
 * computed anew. Formats: FORMAT.md, "Sketches".
 */
import type { SketchKind } from '../../../wire/statistics.ts';
import type { Archive } from '../../retention/archives.ts';
import { CHUNK_ROWS, ROW_RING, chunkOfRow, chunkSlots, forClosingRows } from '../ring.ts';
import {
  BLOCK_TIMERS,
  type SketchMembers,
  type SketchSource,
  type SketchState,
  mergeFiner,
  openSketchRow,
  readStoredSketches,
  sketchBlockOf,
} from './sketch-columns.ts';
import { type SketchMerger, isCoarse } from './sketch-merge.ts';
import { type Parts, encodeBundle, numberOfBundle } from './sketch-record.ts';
import { type SketchRecordReader, SketchRecordSource } from './sketch-source.ts';

/** Takes the records of changed rows and chunks. */
export interface SketchRecordSink {
  row(archiveIndex: number, row: number, block: number, record: Uint8Array): void;
  chunk(archiveIndex: number, chunk: number, column: number, record: Uint8Array): void;
}

/** A changed row block or chunk. */
class ChangedBundle {
  readonly number: number;
  readonly parts: Parts;

  constructor(number: number, parts: Parts) {
    this.number = number;
    this.parts = parts;
  }

  part(index: number): Uint8Array | undefined {
    return this.parts[index];
  }
}

/** Blocks or columns within a slot: a key of the maps below is `slot * UNITS + unit`. */
const UNITS = 2 ** 24;

export class SketchRings implements SketchSource {
  readonly archives: readonly Archive[];
  readonly kind: SketchKind;
  readonly merger: SketchMerger;
  readonly states: SketchState[];
  /** By column: slots that end at or before this time are an earlier owner's. */
  readonly borns: number[] = [];
  private readonly stored: SketchRecordSource;
  private readonly records: SketchRecordReader;
  private readonly rows: Map<number, ChangedBundle>[];
  private readonly chunks: Map<number, ChangedBundle>[];

  /** `states` of an archive never written is NO_SKETCH_STATE; the arrays are copied. */
  constructor(
    shape: { archives: readonly Archive[]; kind: SketchKind; states: readonly SketchState[] },
    records: SketchRecordReader,
    merger: SketchMerger,
  ) {
    this.archives = shape.archives;
    this.kind = shape.kind;
    this.merger = merger;
    this.states = shape.states.map((state) => ({ ...state }));
    this.records = records;
    this.stored = new SketchRecordSource({ ...shape, states: this.states }, records, merger);
    this.rows = shape.archives.map(() => new Map());
    this.chunks = shape.archives.map(() => new Map());
  }

  get corruptRecords(): number {
    return this.stored.corruptRecords;
  }

  state(archiveIndex: number): SketchState {
    return this.states[archiveIndex]!;
  }

  members(columns: Uint32Array): SketchMembers {
    return { columns, borns: Uint32Array.from(columns, (column) => this.borns[column]!) };
  }

  /** Merges a sketch of a flush into its slots. */
  add(time: number, column: number, sketch: Uint8Array): void {
    const row = Math.floor(time / this.archives[0]!.step);
    if (row <= this.state(0).head - ROW_RING) this.rewind(row);
    const late = row < this.state(0).head;
    this.advance(row);
    this.put(0, row, column, sketch);
    if (!late) return;
    for (let index = 1; index < this.archives.length; index++) {
      const coarse = Math.floor(time / this.archives[index]!.step);
      if (coarse !== openSketchRow(this, index)) this.put(index, coarse, column, sketch);
    }
  }

  /** Makes `row` the newest finest row when it is: closes coarser slots, compacts what is due. */
  advance(row: number): void {
    const { head } = this.state(0);
    if (row <= head) return;
    if (head >= 0) this.closeRows(head, row);
    this.moveHead(0, row);
  }

  /**
   * Starts again from an earlier row, the clock having been set back by more than rows reach. What
   * is ahead goes into chunks; where time comes by again, flushes are merged with it.
   */
  private rewind(row: number): void {
    this.closeRows(this.state(0).head, Infinity);
    this.archives.forEach(({ step }, index) => {
      const state = this.state(index);
      const coarse = Math.floor((row * this.archives[0]!.step) / step);
      this.compact(index, state, chunkOfRow(state.head) + 2, 0);
      state.ahead = Math.max(state.ahead ?? -1, state.head);
      state.head = index === 0 ? row : coarse - 1;
      state.cursorChunk = Math.max(0, chunkOfRow(state.head));
      state.cursorBlock = 0;
      this.spread(index, state.cursorChunk);
    });
  }

  /** Puts what a chunk holds back into rows, to be merged with. */
  private spread(archiveIndex: number, chunk: number): void {
    for (let column = 0; column < this.borns.length; column++) {
      const stored = this.chunk(archiveIndex, chunk, column);
      if (stored === undefined) continue;
      const block = sketchBlockOf(column);
      for (let i = 0; i < CHUNK_ROWS; i++) {
        const sketch = stored.part(i);
        if (sketch === undefined) continue;
        const { parts } = this.rowBlock(archiveIndex, chunk * CHUNK_ROWS + i, block);
        parts[column - block * BLOCK_TIMERS] = sketch;
      }
    }
  }

  /** Takes away what a deleted timer has in slots that the next owner of its column will share. */
  erase(column: number): void {
    this.archives.forEach((_, index) => {
      const { head } = this.state(index);
      if (head < 0 || !this.isInRows(index, head, column)) return;
      const block = sketchBlockOf(column);
      const bundle = this.row(index, head, block);
      const place = column - block * BLOCK_TIMERS;
      if (bundle?.part(place) === undefined) return;
      this.rowBlock(index, head, block).parts[place] = undefined;
    });
  }

  row(archiveIndex: number, row: number, block: number) {
    const changed = this.rows[archiveIndex]!.get((row % ROW_RING) * UNITS + block);
    return changed?.number === row ? changed : this.stored.row(archiveIndex, row, block);
  }

  chunk(archiveIndex: number, chunk: number, column: number) {
    const changed = this.chunks[archiveIndex]!.get(this.chunkKey(archiveIndex, chunk, column));
    return changed?.number === chunk ? changed : this.stored.chunk(archiveIndex, chunk, column);
  }

  /** Hands over the records of all changes; they stay changes until `settle`. */
  drain(sink: SketchRecordSink): void {
    this.archives.forEach((_, index) => {
      for (const [key, { number, parts }] of this.rows[index]!) {
        sink.row(index, number, key % UNITS, encodeBundle(number, parts));
      }
      for (const [key, { number, parts }] of this.chunks[index]!) {
        sink.chunk(index, number, key % UNITS, encodeBundle(number, parts));
      }
    });
  }

  /** The drained records are durable. */
  settle(): void {
    for (const changes of [...this.rows, ...this.chunks]) changes.clear();
  }

  /** Merges into any slot, unless it has gone on to a newer chunk. */
  private put(archiveIndex: number, row: number, column: number, sketch: Uint8Array): void {
    if (row > this.state(archiveIndex).head) this.moveHead(archiveIndex, row);
    if (this.isInRows(archiveIndex, row, column)) {
      const block = sketchBlockOf(column);
      const { parts } = this.rowBlock(archiveIndex, row, block);
      this.mergeInto(archiveIndex, parts, column - block * BLOCK_TIMERS, sketch);
      return;
    }
    const chunk = chunkOfRow(row);
    const changed = this.chunkOf(archiveIndex, chunk, column);
    if (changed === undefined) return;
    this.mergeInto(archiveIndex, changed.parts, row - chunk * CHUNK_ROWS, sketch);
  }

  private mergeInto(archiveIndex: number, parts: Parts, index: number, sketch: Uint8Array): void {
    const before = parts[index];
    const both = before === undefined ? [sketch] : [before, sketch];
    const coarse = isCoarse(this.archives[archiveIndex]!.step);
    parts[index] = this.merger.merge(this.kind, both, coarse);
  }

  /** Stores the coarser rows that the head leaves. */
  private closeRows(head: number, row: number): void {
    forClosingRows(this.archives, head, row, (index, closing) => {
      this.moveHead(index, closing);
      this.mergeUp(index, closing);
    });
  }

  private mergeUp(archiveIndex: number, row: number): void {
    for (let block = 0; block * BLOCK_TIMERS < this.borns.length; block++) {
      const columns = this.columnsOf(block);
      const merged = mergeFiner(this, archiveIndex, this.members(columns), row);
      if (merged.every((sketch) => sketch === undefined)) continue;
      const { parts } = this.rowBlock(archiveIndex, row, block);
      merged.forEach((sketch, i) => {
        if (sketch !== undefined) parts[i] = sketch;
      });
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
      const entered = chunk > chunkOfRow(state.head);
      if (entered && chunk <= chunkOfRow(state.ahead ?? -1)) this.spread(archiveIndex, chunk);
    }
    state.head = row;
  }

  /** Chunks before the last one wholly, the last one in step with the rows of the current. */
  private compact(archiveIndex: number, state: SketchState, chunk: number, phase: number): void {
    const blocks = Math.ceil(this.borns.length / BLOCK_TIMERS);
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

  private compactBlocks(archiveIndex: number, state: SketchState, endBlock: number): void {
    const { cursorChunk: chunk } = state;
    for (; state.cursorBlock < endBlock; state.cursorBlock++) {
      const columns = this.columnsOf(state.cursorBlock);
      const firstRow = chunk * CHUNK_ROWS;
      const found = readStoredSketches(this, archiveIndex, columns, firstRow, CHUNK_ROWS);
      columns.forEach((column, i) => {
        const parts = found.slice(i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS);
        if (parts.every((part) => part === undefined)) return;
        const key = this.chunkKey(archiveIndex, chunk, column);
        this.chunks[archiveIndex]!.set(key, new ChangedBundle(chunk, parts));
      });
    }
  }

  /** Whether the truth about a slot is in the rows: near the head and not compacted yet. */
  private isInRows(archiveIndex: number, row: number, column: number): boolean {
    const state = this.state(archiveIndex);
    if (row > state.head || row <= state.head - ROW_RING) return false;
    const chunk = chunkOfRow(row);
    if (chunk !== state.cursorChunk) return chunk > state.cursorChunk;
    return sketchBlockOf(column) >= state.cursorBlock;
  }

  private columnsOf(block: number): Uint32Array {
    const first = block * BLOCK_TIMERS;
    const count = Math.max(0, Math.min(BLOCK_TIMERS, this.borns.length - first));
    return new Uint32Array(count).map((_, i) => first + i);
  }

  /** A block of a row, to be changed. */
  private rowBlock(archiveIndex: number, row: number, block: number): ChangedBundle {
    const rows = this.rows[archiveIndex]!;
    const key = (row % ROW_RING) * UNITS + block;
    const known = rows.get(key);
    if (known?.number === row) return known;
    const stored = this.stored.row(archiveIndex, row, block);
    const parts = Array.from({ length: BLOCK_TIMERS }, (_, i) => stored?.part(i));
    const changed = new ChangedBundle(row, parts);
    rows.set(key, changed);
    return changed;
  }

  /** A chunk, to be changed; undefined when its slot holds a newer one. */
  private chunkOf(archiveIndex: number, chunk: number, column: number): ChangedBundle | undefined {
    const chunks = this.chunks[archiveIndex]!;
    const key = this.chunkKey(archiveIndex, chunk, column);
    const known = chunks.get(key);
    if (known?.number === chunk) return known;
    if (this.chunkInSlot(archiveIndex, chunk, column) > chunk) return undefined;
    const stored = this.stored.chunk(archiveIndex, chunk, column);
    const parts = Array.from({ length: CHUNK_ROWS }, (_, i) => stored?.part(i));
    const changed = new ChangedBundle(chunk, parts);
    chunks.set(key, changed);
    return changed;
  }

  /** The number of the chunk that a slot holds, -1 for none; a damaged one does not count. */
  private chunkInSlot(archiveIndex: number, chunk: number, column: number): number {
    const changed = this.chunks[archiveIndex]!.get(this.chunkKey(archiveIndex, chunk, column));
    if (changed !== undefined) return changed.number;
    const record = this.records.chunk(archiveIndex, chunk, column);
    const number = record === undefined ? -1 : numberOfBundle(record);
    if (number <= chunk) return number;
    return this.stored.chunk(archiveIndex, number, column) === undefined ? -1 : number;
  }

  private chunkKey(archiveIndex: number, chunk: number, column: number): number {
    return (chunk % chunkSlots(this.archives[archiveIndex]!)) * UNITS + column;
  }
}
