/**
 * Row segments of one class as the writer changes them, over the stored ones: they wait here until
 * a transaction takes their records. Used by ring-set.ts.
 */
import { type Part, segmentOf } from './columns.ts';
import type { RecordReader } from './record-source.ts';
import { ROW_RING, SEGMENT_SERIES } from '../ring.ts';
import { RowPage } from './row-record.ts';

/** Segments within a slot: 2 ** 16 are 125 million series. */
const UNITS = 2 ** 16;
/** 64 MB of them: the rows of one coarser slot of a million series. */
const SPARE_SEGMENTS_MAX = 4096;
/** One stored row, used before the next. */
const peeked = new RowPage(0);

export class ChangedRows {
  private readonly records: RecordReader;
  private readonly onCorrupt: () => void;
  /** By archive. */
  private readonly segments: Map<number, RowPage>[];
  /** To use again: the next row needs as many as the last. */
  private readonly spare: RowPage[] = [];

  constructor(archiveCount: number, records: RecordReader, onCorrupt: () => void) {
    this.records = records;
    this.onCorrupt = onCorrupt;
    this.segments = Array.from({ length: archiveCount }, () => new Map<number, RowPage>());
  }

  /** Overlays a row that is in memory (RingSource.overlayRow); false when it is not. */
  overlay(archiveIndex: number, row: number, part: Part, at: number): boolean {
    const segmentIndex = segmentOf(part.sids[part.first]!);
    const segment = this.find(archiveIndex, row, segmentIndex);
    if (segment === undefined) return false;
    for (let i = part.first; i < part.end; i++) {
      const value = segment.values[part.sids[i]! - segmentIndex * SEGMENT_SERIES]!;
      if (value === value) part.out[i * part.stride + at] = value;
    }
    return true;
  }

  /** A segment that is in memory. */
  private find(archiveIndex: number, row: number, segment: number): RowPage | undefined {
    const known = this.segments[archiveIndex]!.get((row % ROW_RING) * UNITS + segment);
    return known?.row === row ? known : undefined;
  }

  /** A segment to change. */
  open(archiveIndex: number, row: number, segment: number): RowPage {
    const known = this.find(archiveIndex, row, segment);
    if (known !== undefined) return known;
    const opened = this.spare.pop() ?? new RowPage(row);
    this.load(opened, archiveIndex, row, segment);
    this.segments[archiveIndex]!.set((row % ROW_RING) * UNITS + segment, opened);
    return opened;
  }

  /** A segment to look at before the next one is asked for. */
  peek(archiveIndex: number, row: number, segment: number): RowPage {
    const known = this.find(archiveIndex, row, segment);
    if (known === undefined) this.load(peeked, archiveIndex, row, segment);
    return known ?? peeked;
  }

  /** Hands over the records of changed segments of one archive. */
  drain(
    archiveIndex: number,
    take: (row: number, segment: number, record: Uint8Array) => void,
  ): void {
    for (const [key, segment] of this.segments[archiveIndex]!) {
      if (segment.dirty) take(segment.row, key % UNITS, segment.encode());
    }
  }

  /** The drained records are durable: keeps the finest rows from `keptFrom` to `keptTo` alone. */
  settle(keptFrom: number, keptTo: number): void {
    this.segments.forEach((segments, archiveIndex) => {
      for (const [key, segment] of segments) {
        if (archiveIndex === 0 && segment.row >= keptFrom && segment.row <= keptTo) {
          segment.dirty = false;
          continue;
        }
        segments.delete(key);
        if (this.spare.length < SPARE_SEGMENTS_MAX) this.spare.push(segment);
      }
    });
  }

  /** Forgets all changes. */
  clear(): void {
    for (const segments of this.segments) segments.clear();
  }

  private load(into: RowPage, archiveIndex: number, row: number, segment: number): void {
    const record = this.records.row(archiveIndex, row, segment);
    into.reset(row);
    if (record !== undefined && !into.load(record)) this.onCorrupt();
  }
}
