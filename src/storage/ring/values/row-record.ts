/**
 * One page of one row: the values of up to PAGE_SERIES series at one time (FORMAT.md, "Row
 * page"). A `RowPage` is the record's own bytes with a view on the values, so writing costs a
 * header and checksums; reading one series checks that series' block alone.
 */
import { crc32 } from 'node:zlib';
import { readUint16, readUint32, writeUint16, writeUint32 } from '../../../lib/little-endian.ts';
import { BLOCK_SERIES, PAGE_BLOCKS, PAGE_SERIES } from '../ring.ts';

const VERSION = 1;
const HEADER_BYTES = 8;
export const ROW_BYTES_MAX = HEADER_BYTES + PAGE_SERIES * 8 + PAGE_BLOCKS * 4;

const NO_VALUES = new Uint8Array(0);

export class RowPage {
  /** The row. */
  number: number;
  /** NaN is null; indexes are series of the page. */
  readonly values: Float64Array;
  /** Changed since it was last encoded. */
  dirty = false;
  private readonly bytes = new Uint8Array(ROW_BYTES_MAX);
  /** Values up to here are in use. */
  private count = 0;

  constructor(row: number) {
    this.number = row;
    this.values = new Float64Array(this.bytes.buffer, HEADER_BYTES, PAGE_SERIES).fill(NaN);
  }

  /** Empties the page for another row, which is cheaper than a new one. */
  reset(row: number): void {
    this.number = row;
    this.values.fill(NaN, 0, this.count);
    this.count = 0;
    this.dirty = false;
  }

  /**
   * Takes over the values of the record in this row's slot, unless it is another row's; false when
   * it is damaged, then what is whole was taken.
   */
  load(record: Uint8Array): boolean {
    if (!isRowRecord(record)) return false;
    if (rowOfRecord(record) !== this.number) return true;
    this.count = seriesOfRecord(record);
    let whole = true;
    const header = headerChecksum(record);
    for (let block = 0; block * BLOCK_SERIES < this.count; block++) {
      if (!isBlockWhole(record, block, header)) {
        whole = false;
        continue;
      }
      const from = HEADER_BYTES + block * BLOCK_SERIES * 8;
      const end = Math.min(from + BLOCK_SERIES * 8, HEADER_BYTES + this.count * 8);
      this.bytes.set(record.subarray(from, end), from);
    }
    return whole;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
    if (index >= this.count) this.count = index + 1;
    this.dirty = true;
  }

  /** Sets those of some values that are known, from `index` on. */
  overlay(index: number, values: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value !== value) continue;
      this.values[index + i] = value;
      if (index + i >= this.count) this.count = index + i + 1;
      this.dirty = true;
    }
  }

  /** The record: a view that is valid until the next change. */
  encode(): Uint8Array {
    const { bytes, count } = this;
    bytes[0] = VERSION;
    bytes[1] = 0;
    writeUint16(bytes, 2, count);
    writeUint32(bytes, 4, this.number);
    let end = HEADER_BYTES + count * 8;
    if (count < PAGE_SERIES) {
      // Checksums stand where later values would, which must read as null again afterwards.
      const whole = bytes.slice(0, end + Math.ceil(count / BLOCK_SERIES) * 4);
      writeChecksums(whole, count, end);
      return whole;
    }
    writeChecksums(bytes, count, end);
    end += PAGE_BLOCKS * 4;
    return bytes.subarray(0, end);
  }
}

/** Whether a record has the shape of a row page; its values are checked block by block. */
export function isRowRecord(record: Uint8Array): boolean {
  if (record.length < HEADER_BYTES || record[0] !== VERSION) return false;
  const count = seriesOfRecord(record);
  return record.length === HEADER_BYTES + count * 8 + Math.ceil(count / BLOCK_SERIES) * 4;
}

export function rowOfRecord(record: Uint8Array): number {
  return readUint32(record, 4);
}

/** Series that the record has values for: those from the page's first. */
export function seriesOfRecord(record: Uint8Array): number {
  return readUint16(record, 2);
}

/** Of the header: every block's checksum goes on from it. */
export function headerChecksum(record: Uint8Array): number {
  return crc32(new Uint8Array(record.buffer, record.byteOffset, HEADER_BYTES));
}

/** Whether the checksum of one block of series is right; blocks past the end are empty. */
export function isBlockWhole(record: Uint8Array, block: number, header: number): boolean {
  const count = seriesOfRecord(record);
  if (block * BLOCK_SERIES >= count) return true;
  const stored = readUint32(record, HEADER_BYTES + count * 8 + block * 4);
  return stored === checksum(record, count, block, header);
}

/** The values of one block of series, as bytes; fewer where the record ends before. */
export function blockOfRecord(record: Uint8Array, block: number): Uint8Array {
  const count = seriesOfRecord(record) - block * BLOCK_SERIES;
  if (count <= 0) return NO_VALUES;
  const from = record.byteOffset + HEADER_BYTES + block * BLOCK_SERIES * 8;
  return new Uint8Array(record.buffer, from, Math.min(count, BLOCK_SERIES) * 8);
}

/** Position of the first value in a record; values are little-endian doubles. */
export const ROW_VALUES_AT = HEADER_BYTES;

function writeChecksums(bytes: Uint8Array, count: number, at: number): void {
  const header = headerChecksum(bytes);
  for (let block = 0; block * BLOCK_SERIES < count; block++) {
    writeUint32(bytes, at + block * 4, checksum(bytes, count, block, header));
  }
}

/** Of the header and one block of values. */
function checksum(bytes: Uint8Array, count: number, block: number, header: number): number {
  const from = HEADER_BYTES + block * BLOCK_SERIES * 8;
  const to = HEADER_BYTES + Math.min(count, (block + 1) * BLOCK_SERIES) * 8;
  // Made directly, which takes two thirds of the time of `subarray`, and half of a Buffer's.
  return crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from), header);
}
