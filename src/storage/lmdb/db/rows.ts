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
import { bind } from './bound-record.ts';
import type { DatabaseSpec } from './database-spec.ts';
import { RingCheck } from './ring-check.ts';
import { type RingPlace, readRingKey } from './ring-key.ts';

class RowCheck extends RingCheck {
  protected readonly unitName = 'page';
  protected readonly unitColumns = PAGE_SERIES;
  protected readonly slotsOf = (): number => ROW_RING;
  protected override readonly part = BLOCK_SERIES;

  loss(key: Uint8Array, stored: Uint8Array): string {
    const value = this.unbound(key, stored);
    const place = readRingKey(key);
    if (place === undefined) return 'nothing that can be read';
    const mended = this.mend(key, stored);
    const row = isRowRecord(value) ? rowOfRecord(value) : NaN;
    const isTrusted = this.rowFault(place, row) === undefined;
    const series = mended === undefined ? 'up to 1920 series' : `${lostSeries(value)} series`;
    return `one value of ${series} at ${this.timeOf(place, isTrusted ? row : NaN)}`;
  }

  mend(key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
    const value = this.unbound(key, stored);
    const place = this.placeOrFault(key);
    if (typeof place === 'string' || !isRowRecord(value)) return undefined;
    const blocks = Math.ceil(seriesOfRecord(value) / BLOCK_SERIES);
    if (damagedBlocks(value).length === blocks) return undefined;
    if (this.ownFault(place, value) !== undefined) return undefined;
    const page = new RowPage(rowOfRecord(value));
    page.load(value);
    const record = Uint8Array.from(page.encode());
    bind(key, record, this.part);
    return record;
  }

  protected recordFault(place: RingPlace, value: Uint8Array): string | undefined {
    if (!isRowRecord(value)) return `it is no row page (${value.length} bytes)`;
    const damaged = damagedBlocks(value);
    if (damaged.length > 0) return `checksum wrong for ${seriesOf(place, damaged)}`;
    const fault = this.ownFault(place, value);
    if (fault !== undefined) return fault;
    this.classes.noteRow(place.classId, place.archiveIndex, rowOfRecord(value));
    this.classes.noteColumns(place.classId, place.unit * PAGE_SERIES + seriesOfRecord(value));
    return undefined;
  }

  /** What keeps a whole record from being its place's. */
  private ownFault(place: RingPlace, value: Uint8Array): string | undefined {
    return (
      this.rowFault(place, rowOfRecord(value)) ?? this.countFault(place, seriesOfRecord(value))
    );
  }
}

export const ROWS: DatabaseSpec = { name: 'row', check: ({ series }) => new RowCheck(series) };

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
    .map((first) => `columns ${first} to ${first + BLOCK_SERIES - 1}`)
    .join(', ');
}
