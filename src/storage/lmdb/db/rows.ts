/**
 * Database `row`: one page of a row a record (ring/values/row-record.ts). Checked are checksums by
 * block, row numbers in their slots and not after the newest one, no more series than the class
 * has. A record keeps its whole blocks when it is mended.
 */
import { BLOCK_SERIES, PAGE_BLOCKS, PAGE_SERIES, ROW_RING } from '../../ring/ring.ts';
import {
  RowPage,
  headerChecksum,
  isBlockWhole,
  isRowRecord,
  rowOfRecord,
  seriesOfRecord,
} from '../../ring/values/row-record.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';
import type { KnownClasses } from './known-classes.ts';
import {
  type RingPlace,
  countFault,
  placeOrFault,
  readRingKey,
  ringWhere,
  rowFault,
  timeOf,
} from './ring-key.ts';

export const ROWS: DatabaseSpec = { name: 'row', check: ({ series }) => new RowCheck(series) };

class RowCheck implements Check {
  private readonly classes: KnownClasses;

  constructor(classes: KnownClasses) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, 'segment');
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = this.placeOrFault(key);
    if (typeof place === 'string') return place;
    if (!isRowRecord(value)) return `it is no row segment (${value.length} bytes)`;
    const damaged = damagedBlocks(value);
    if (damaged.length > 0) return `checksum wrong for ${seriesOf(place, damaged)}`;
    const fault = this.ownFault(place, value);
    if (fault !== undefined) return fault;
    this.classes.noteRow(place.classId, place.archiveIndex, rowOfRecord(value));
    this.classes.noteColumns(place.classId, place.unit * PAGE_SERIES + seriesOfRecord(value));
    return undefined;
  }

  loss(key: Uint8Array, value: Uint8Array): string {
    const place = readRingKey(key);
    if (place === undefined) return 'nothing that can be read';
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    const mended = this.mend(key, value);
    const row = isRowRecord(value) ? rowOfRecord(value) : NaN;
    const isTrusted = rowFault(this.classes, place, row, ROW_RING) === undefined;
    const series = mended === undefined ? 'up to 1920 series' : `${lostSeries(value)} series`;
    return `one value of ${series} at ${timeOf(archive, isTrusted ? row : NaN)}`;
  }

  mend(key: Uint8Array, value: Uint8Array): Uint8Array | undefined {
    const place = this.placeOrFault(key);
    if (typeof place === 'string' || !isRowRecord(value)) return undefined;
    const blocks = Math.ceil(seriesOfRecord(value) / BLOCK_SERIES);
    if (damagedBlocks(value).length === blocks) return undefined;
    if (this.ownFault(place, value) !== undefined) return undefined;
    const page = new RowPage(rowOfRecord(value));
    page.load(value);
    return Uint8Array.from(page.encode());
  }

  private placeOrFault(key: Uint8Array): RingPlace | string {
    return placeOrFault(this.classes, key, () => ROW_RING, PAGE_SERIES);
  }

  /** What keeps a whole record from being its place's. */
  private ownFault(place: RingPlace, value: Uint8Array): string | undefined {
    return (
      rowFault(this.classes, place, rowOfRecord(value), ROW_RING) ??
      countFault(this.classes, place, PAGE_SERIES, seriesOfRecord(value))
    );
  }
}

function damagedBlocks(record: Uint8Array): number[] {
  const header = headerChecksum(record);
  const damaged: number[] = [];
  for (let block = 0; block < PAGE_BLOCKS; block++) {
    if (!isBlockWhole(record, block, header)) damaged.push(block);
  }
  return damaged;
}

function lostSeries(record: Uint8Array): number {
  const count = seriesOfRecord(record);
  return damagedBlocks(record).reduce(
    (sum, block) => sum + Math.min(BLOCK_SERIES, count - block * BLOCK_SERIES),
    0,
  );
}

function seriesOf({ unit }: RingPlace, blocks: readonly number[]): string {
  return blocks
    .map((block) => unit * PAGE_SERIES + block * BLOCK_SERIES)
    .map((first) => `sids ${first} to ${first + BLOCK_SERIES - 1}`)
    .join(', ');
}
