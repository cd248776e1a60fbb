/**
 * Row pages of one class as the writer changes them, over the stored ones: they wait here until
 * a transaction takes their records. Used by ring-set.ts.
 */
import { ChangedSlots } from '../changed-slots.ts';
import { type Part, pageOf } from './columns.ts';
import type { RecordReader } from '../ring-records.ts';
import { ROW_RING, PAGE_SERIES } from '../ring.ts';
import { RowPage, isRowRecord, rowOfRecord } from './row-record.ts';

/** 64 MB of them: the rows of one coarser slot of a million series. */
const SPARE_PAGES_MAX = 4096;
/** One stored row, used before the next. */
const peeked = new RowPage(0);

export class ChangedRows {
  private readonly records: RecordReader;
  private readonly onCorrupt: () => void;
  /** By archive. */
  private readonly pages: readonly ChangedSlots<RowPage>[];
  /** To use again: the next row needs as many as the last. */
  private readonly spare: RowPage[] = [];

  constructor(archiveCount: number, records: RecordReader, onCorrupt: () => void) {
    this.records = records;
    this.onCorrupt = onCorrupt;
    this.pages = Array.from({ length: archiveCount }, () => new ChangedSlots(ROW_RING));
  }

  /** Overlays a row that is in memory (RingSource.overlayRow); false when it is not. */
  overlay(archiveIndex: number, row: number, part: Part): boolean {
    const pageIndex = pageOf(part.columns[part.first]!);
    const page = this.pages[archiveIndex]!.find(row, pageIndex);
    if (page === undefined) return false;
    for (let i = part.first; i < part.end; i++) {
      const value = page.values[part.columns[i]! - pageIndex * PAGE_SERIES]!;
      if (value === value) part.out[i * part.stride + part.at] = value;
    }
    return true;
  }

  /** A page to change. */
  open(archiveIndex: number, row: number, page: number): RowPage {
    const known = this.pages[archiveIndex]!.find(row, page);
    if (known !== undefined) return known;
    const opened = this.spare.pop() ?? new RowPage(row);
    this.load(opened, archiveIndex, row, page);
    return this.pages[archiveIndex]!.set(page, opened);
  }

  /** A page to look at before the next one is asked for. */
  peek(archiveIndex: number, row: number, page: number): RowPage {
    const known = this.pages[archiveIndex]!.find(row, page);
    if (known === undefined) this.load(peeked, archiveIndex, row, page);
    return known ?? peeked;
  }

  /** Empties rows `firstRow` up to `endRow` in so many pages, changed and stored ones. */
  forget(archiveIndex: number, firstRow: number, endRow: number, pages: number): void {
    for (let row = firstRow; row < endRow; row++) {
      for (let page = 0; page < pages; page++) {
        const known = this.pages[archiveIndex]!.find(row, page);
        if (known === undefined && !this.isStored(archiveIndex, row, page)) continue;
        const emptied = known ?? this.spare.pop() ?? new RowPage(row);
        emptied.reset(row);
        emptied.dirty = true;
        this.pages[archiveIndex]!.set(page, emptied);
      }
    }
  }

  private isStored(archiveIndex: number, row: number, page: number): boolean {
    const record = this.records.row(archiveIndex, row, page);
    return record !== undefined && isRowRecord(record) && rowOfRecord(record) === row;
  }

  /** Hands over the records of changed pages of one archive. */
  drain(archiveIndex: number, take: (row: number, page: number, record: Uint8Array) => void): void {
    this.pages[archiveIndex]!.forEach((changed, page) => {
      if (changed.dirty) take(changed.number, page, changed.encode());
    });
  }

  /** The drained records are durable: keeps the finest rows from `keptFrom` to `keptTo` alone. */
  onCommitted(keptFrom: number, keptTo: number): void {
    this.pages.forEach((pages, archiveIndex) => {
      pages.prune((page) => {
        page.dirty = false;
        if (archiveIndex === 0 && page.number >= keptFrom && page.number <= keptTo) return true;
        if (this.spare.length < SPARE_PAGES_MAX) this.spare.push(page);
        return false;
      });
    });
  }

  /** Forgets all changes. */
  clear(): void {
    for (const pages of this.pages) pages.clear();
  }

  private load(into: RowPage, archiveIndex: number, row: number, page: number): void {
    const record = this.records.row(archiveIndex, row, page);
    into.reset(row);
    if (record !== undefined && !into.load(record)) this.onCorrupt();
  }
}
