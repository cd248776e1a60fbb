/**
 * `verify` of database `row`: checksums by block, row numbers in their slots and not after the
 * newest one, no more series than the class has. A record keeps its whole blocks when it is mended.
 */
import { BLOCK_SERIES, ROW_RING, PAGE_BLOCKS, PAGE_SERIES } from '../../ring/ring.ts';
import {
  RowPage,
  headerChecksum,
  isBlockWhole,
  isRowRecord,
  rowOfRecord,
  seriesOfRecord,
} from '../../ring/values/row-record.ts';
import type { Check } from './check.ts';
import type { Classes } from './classes.ts';
import { type Place, countFault, placeFault, placeOf, ringWhere, timeOf } from './ring-records.ts';

export class RowCheck implements Check {
  readonly database = 'row';
  private readonly classes: Classes;

  constructor(classes: Classes) {
    this.classes = classes;
  }

  where(key: Uint8Array): string {
    return ringWhere(this.classes, key, 'segment');
  }

  fault(key: Uint8Array, value: Uint8Array): string | undefined {
    const place = placeOf(key);
    if (place === undefined) return `its key has ${key.length} bytes, expected 11`;
    const outside = placeFault(this.classes, place, () => ROW_RING, PAGE_SERIES);
    if (outside !== undefined) return outside;
    if (!isRowRecord(value)) return `it is no row segment (${value.length} bytes)`;
    const damaged = damagedBlocks(value);
    if (damaged.length > 0) return `checksum wrong for ${seriesOf(place, damaged)}`;
    const row = rowOfRecord(value);
    const fault = this.rowFault(place, row) ?? this.countFault(place, value);
    if (fault !== undefined) return fault;
    this.classes.seeRow(place.classId, place.archiveIndex, row);
    this.classes.noteColumns(place.classId, place.unit * PAGE_SERIES + seriesOfRecord(value));
    return undefined;
  }

  loss(key: Uint8Array, value: Uint8Array): string {
    const place = placeOf(key);
    if (place === undefined) return 'nothing that can be read';
    const archive = this.classes.archive(place.classId, place.archiveIndex);
    const mended = this.mend(key, value);
    const row = isRowRecord(value) ? rowOfRecord(value) : NaN;
    const trusted = row % ROW_RING === place.slot && this.rowFault(place, row) === undefined;
    const series = mended === undefined ? 'up to 1920 series' : `${lostSeries(value)} series`;
    return `one value of ${series} at ${timeOf(archive, trusted ? row : NaN)}`;
  }

  mend(key: Uint8Array, value: Uint8Array): Uint8Array | undefined {
    const place = placeOf(key);
    if (place === undefined || !isRowRecord(value)) return undefined;
    if (placeFault(this.classes, place, () => ROW_RING, PAGE_SERIES) !== undefined) {
      return undefined;
    }
    const row = rowOfRecord(value);
    const blocks = Math.ceil(seriesOfRecord(value) / BLOCK_SERIES);
    if (damagedBlocks(value).length === blocks) return undefined;
    if ((this.rowFault(place, row) ?? this.countFault(place, value)) !== undefined)
      return undefined;
    const page = new RowPage(row);
    page.load(value);
    return Uint8Array.from(page.encode());
  }

  private rowFault({ classId, archiveIndex, slot }: Place, row: number): string | undefined {
    if (row % ROW_RING !== slot) return `it is of row ${row}, whose slot is ${row % ROW_RING}`;
    const head = this.classes.head(classId, archiveIndex);
    if (head === undefined || row <= head) return undefined;
    return `it is of row ${row}, after the newest one ${head}`;
  }

  private countFault(place: Place, value: Uint8Array): string | undefined {
    return countFault(this.classes, place, PAGE_SERIES, seriesOfRecord(value));
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

function seriesOf({ unit }: Place, blocks: readonly number[]): string {
  return blocks
    .map((block) => unit * PAGE_SERIES + block * BLOCK_SERIES)
    .map((first) => `sids ${first} to ${first + BLOCK_SERIES - 1}`)
    .join(', ');
}
