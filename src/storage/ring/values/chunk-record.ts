/**
 * One block of one chunk: CHUNK_ROWS values of up to BLOCK_SERIES series, transposed and encoded
 * (FORMAT.md, "Chunk block"). `ChunkBlock` is the form that the writer changes; readers take
 * single columns out of a record, and check the group of columns they are in.
 */
import { crc32 } from 'node:zlib';
import { readUint16, readUint32, writeUint16, writeUint32 } from '../../../lib/little-endian.ts';
import { COLUMN_BYTES_MAX, decodeColumn, encodeColumn } from './codec.ts';
import { BLOCK_SERIES, CHUNK_ROWS } from '../ring.ts';

/** One checksum for all columns, which readers of a few spent a quarter of their time on. */
const VERSION_WHOLE = 1;
const VERSION = 2;
/** Columns that share a checksum: 1.6 KB of the usual mix. */
export const GROUP_SERIES = 16;
const CODEC_SET = 1;
const HEADER_BYTES = 8;
export const BLOCK_BYTES_MAX =
  HEADER_BYTES +
  (BLOCK_SERIES + 1) * 2 +
  BLOCK_SERIES * COLUMN_BYTES_MAX +
  (BLOCK_SERIES / GROUP_SERIES) * 4;

const buffer = new Uint8Array(BLOCK_BYTES_MAX);

/** A whole record to take unchanged columns from; it may live in a buffer that is soon reused. */
export type ChunkBase = () => Uint8Array | undefined;

/**
 * A block as the writer changes it. Only the columns that change are held decoded: an import of
 * years touches thousands of blocks, and most of their series are not its.
 */
export class ChunkBlock {
  /** The chunk. */
  readonly number: number;
  private readonly base: ChunkBase;
  private readonly columns: (Float64Array | undefined)[] = [];

  constructor(chunk: number, base: ChunkBase = () => undefined) {
    this.number = chunk;
    this.base = base;
  }

  /** Sets the value of series `index` at `position` of the chunk; NaN is null. */
  set(index: number, position: number, value: number): void {
    let column = this.columns[index];
    if (column === undefined) {
      column = this.columns[index] = new Float64Array(CHUNK_ROWS).fill(NaN);
      const base = this.base();
      if (base !== undefined) readColumn(base, index, column, 0);
    }
    column[position] = value;
  }

  /** CHUNK_ROWS values each of the series `indexes`, one after the other, into `out`. */
  read(indexes: Uint8Array, out: Float64Array): void {
    const base = this.base();
    indexes.forEach((index, i) => {
      const column = this.columns[index];
      if (column !== undefined) out.set(column, i * CHUNK_ROWS);
      else if (base !== undefined) readColumn(base, index, out, i * CHUNK_ROWS);
      else out.fill(NaN, i * CHUNK_ROWS, (i + 1) * CHUNK_ROWS);
    });
  }

  /** A fresh record, or undefined when there never was a value. */
  encode(): Uint8Array | undefined {
    const base = this.base();
    const stored = base === undefined ? 0 : countOf(base);
    const { columns } = this;
    if (base === undefined && columns.every((column) => isEmptyColumn(column))) return undefined;
    const count = Math.max(stored, columns.length);
    let end = startBlock(count, this.number);
    for (let i = 0; i < count; i++) {
      setOffset(count, i, end);
      const column = columns[i];
      if (column !== undefined) end = encodeColumn(column, 0, buffer, end);
      else if (base !== undefined && i < stored) end = copyColumn(base, i, end);
      else end = encodeColumn(NULLS, 0, buffer, end);
    }
    return endBlock(count, end);
  }
}

const NULLS = new Float64Array(CHUNK_ROWS).fill(NaN);

function isEmptyColumn(column: Float64Array | undefined): boolean {
  return column === undefined || column.every((value) => Number.isNaN(value));
}

/** Copies column `index` of a whole record as it is; the position after. */
function copyColumn(record: Uint8Array, index: number, at: number): number {
  const from = columnAt(record, index);
  const to = columnAt(record, index + 1);
  buffer.set(record.subarray(from, to), at);
  return at + to - from;
}

/**
 * A fresh record of `values`, series by series, CHUNK_ROWS each and NaN for null; undefined when
 * there is no value at all.
 */
export function encodeBlock(values: Float64Array, chunk: number): Uint8Array | undefined {
  let count = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === values[i]) {
      count = Math.floor(i / CHUNK_ROWS) + 1;
      break;
    }
  }
  if (count === 0) return undefined;
  let end = startBlock(count, chunk);
  for (let i = 0; i < count; i++) {
    setOffset(count, i, end);
    end = encodeColumn(values, i * CHUNK_ROWS, buffer, end);
  }
  return endBlock(count, end);
}

/** Writes the header of a record; the position of its first column. */
function startBlock(count: number, chunk: number): number {
  buffer[0] = VERSION;
  buffer[1] = CODEC_SET;
  writeUint16(buffer, 2, count);
  writeUint32(buffer, 4, chunk);
  return HEADER_BYTES + (count + 1) * 2;
}

function setOffset(count: number, index: number, at: number): void {
  writeUint16(buffer, HEADER_BYTES + index * 2, at - HEADER_BYTES - (count + 1) * 2);
}

/** The record whose columns end at `end`. */
function endBlock(count: number, end: number): Uint8Array {
  setOffset(count, count, end);
  const head = headChecksum(buffer);
  for (let group = 0; group * GROUP_SERIES < count; group++) {
    writeUint32(buffer, end + group * 4, groupChecksum(buffer, group, head));
  }
  return buffer.slice(0, end + Math.ceil(count / GROUP_SERIES) * 4);
}

/** Whether a record is a chunk block with the right checksums. */
export function isChunkRecord(record: Uint8Array): boolean {
  if (!hasChunkShape(record)) return false;
  const head = headChecksum(record);
  for (let group = 0; group < groupsOf(record); group++) {
    if (!isGroupWhole(record, group, head)) return false;
  }
  return true;
}

/** Whether a record looks like a chunk block; its columns are checked group by group. */
export function hasChunkShape(record: Uint8Array): boolean {
  if (record.length < HEADER_BYTES + 6) return false;
  if (record[0] !== VERSION && record[0] !== VERSION_WHOLE) return false;
  const count = countOf(record);
  if (record[1] !== CODEC_SET || count === 0 || count > BLOCK_SERIES) return false;
  const dataStart = HEADER_BYTES + (count + 1) * 2;
  if (dataStart > record.length) return false;
  return record.length === columnAt(record, count) + groupsOf(record) * 4;
}

/** Of header and offsets: every group's checksum goes on from it. */
export function headChecksum(record: Uint8Array): number {
  return crc32(record.subarray(0, HEADER_BYTES + (countOf(record) + 1) * 2));
}

/** The group of columns that a series of the block is in. */
export function groupOf(record: Uint8Array, index: number): number {
  return record[0] === VERSION_WHOLE ? 0 : (index / GROUP_SERIES) | 0;
}

/** Whether the checksum of one group of columns is right; groups past the end are empty. */
export function isGroupWhole(record: Uint8Array, group: number, head: number): boolean {
  if (group >= groupsOf(record)) return true;
  const at = columnAt(record, countOf(record)) + group * 4;
  return readUint32(record, at) === groupChecksum(record, group, head);
}

/** Needs no more than the header: tells a stale slot before the checksum is spent on it. */
export function chunkOfRecord(record: Uint8Array): number {
  return record.length < HEADER_BYTES ? -1 : readUint32(record, 4);
}

/** CHUNK_ROWS values of series `index` of a whole record; nulls past its end. */
export function readColumn(
  record: Uint8Array,
  index: number,
  values: Float64Array,
  to: number,
): void {
  const count = countOf(record);
  if (index >= count) {
    values.fill(NaN, to, to + CHUNK_ROWS);
    return;
  }
  decodeColumn(record, columnAt(record, index), values, to);
}

/** First byte and end of each column of a whole record; undefined where they lie outside it. */
export function columnRanges(record: Uint8Array): [number, number][] | undefined {
  const count = countOf(record);
  const dataStart = HEADER_BYTES + (count + 1) * 2;
  const ranges: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const range: [number, number] = [columnAt(record, i), columnAt(record, i + 1)];
    if (range[0] > range[1]) return undefined;
    ranges.push(range);
  }
  return columnAt(record, 0) === dataStart && hasChunkShape(record) ? ranges : undefined;
}

function groupsOf(record: Uint8Array): number {
  return record[0] === VERSION_WHOLE ? 1 : Math.ceil(countOf(record) / GROUP_SERIES);
}

function groupChecksum(record: Uint8Array, group: number, head: number): number {
  const count = countOf(record);
  const size = record[0] === VERSION_WHOLE ? BLOCK_SERIES : GROUP_SERIES;
  const from = columnAt(record, group * size);
  const to = columnAt(record, Math.min(count, (group + 1) * size));
  return crc32(record.subarray(from, to), head);
}

/** Where column `index` starts, or with the count for index, where the last one ends. */
function columnAt(record: Uint8Array, index: number): number {
  return HEADER_BYTES + (countOf(record) + 1) * 2 + readUint16(record, HEADER_BYTES + index * 2);
}

function countOf(record: Uint8Array): number {
  return readUint16(record, 2);
}
