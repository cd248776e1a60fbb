/**
 * One block of one chunk: CHUNK_ROWS values of up to BLOCK_SERIES series, transposed and encoded
 * (FORMAT.md, "Chunk block"). `ChunkBlock` is the decoded form the writer changes; readers take
 * single columns out of a record.
 */
import { crc32 } from 'node:zlib';
import { COLUMN_BYTES_MAX, decodeColumn, encodeColumn } from './codec.ts';
import { BLOCK_SERIES, CHUNK_ROWS } from './ring.ts';

const VERSION = 1;
const CODEC_SET = 1;
const HEADER_BYTES = 8;
const BLOCK_BYTES_MAX = HEADER_BYTES + (BLOCK_SERIES + 1) * 2 + BLOCK_SERIES * COLUMN_BYTES_MAX + 4;

const buffer = new Uint8Array(BLOCK_BYTES_MAX);

export class ChunkBlock {
  readonly chunk: number;
  /** Series by series, CHUNK_ROWS values each; NaN is null. */
  readonly values = new Float64Array(BLOCK_SERIES * CHUNK_ROWS).fill(NaN);

  constructor(chunk: number) {
    this.chunk = chunk;
  }

  /** The block of a whole record. */
  static decode(record: Uint8Array): ChunkBlock {
    const block = new ChunkBlock(chunkOfRecord(record));
    const count = countOf(record);
    for (let i = 0; i < count; i++) readColumn(record, i, block.values, i * CHUNK_ROWS);
    return block;
  }

  /** A fresh record, or undefined when there is no value at all. */
  encode(): Uint8Array | undefined {
    return encodeBlock(this.values, this.chunk);
  }
}

/** A fresh record of `values` (as in ChunkBlock); undefined when there is no value at all. */
export function encodeBlock(values: Float64Array, chunk: number): Uint8Array | undefined {
  let count = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === values[i]) {
      count = Math.floor(i / CHUNK_ROWS) + 1;
      break;
    }
  }
  if (count === 0) return undefined;
  const view = new DataView(buffer.buffer);
  buffer[0] = VERSION;
  buffer[1] = CODEC_SET;
  view.setUint16(2, count, true);
  view.setUint32(4, chunk, true);
  const dataStart = HEADER_BYTES + (count + 1) * 2;
  let end = dataStart;
  for (let i = 0; i < count; i++) {
    view.setUint16(HEADER_BYTES + i * 2, end - dataStart, true);
    end = encodeColumn(values, i * CHUNK_ROWS, buffer, end);
  }
  view.setUint16(HEADER_BYTES + count * 2, end - dataStart, true);
  view.setUint32(end, crc32(buffer.subarray(0, end)), true);
  return buffer.slice(0, end + 4);
}

/** Whether a record is a chunk block with the right checksum. */
export function isChunkRecord(record: Uint8Array): boolean {
  if (record.length < HEADER_BYTES + 6) return false;
  if (record[0] !== VERSION || record[1] !== CODEC_SET) return false;
  const end = record.length - 4;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return crc32(record.subarray(0, end)) === view.getUint32(end, true);
}

/** Needs no more than the header: tells a stale slot before the checksum is spent on it. */
export function chunkOfRecord(record: Uint8Array): number {
  if (record.length < HEADER_BYTES) return -1;
  return (record[4]! | (record[5]! << 8) | (record[6]! << 16) | (record[7]! << 24)) >>> 0;
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
  const at = HEADER_BYTES + index * 2;
  const offset = record[at]! | (record[at + 1]! << 8);
  decodeColumn(record, HEADER_BYTES + (count + 1) * 2 + offset, values, to);
}

function countOf(record: Uint8Array): number {
  return record[2]! | (record[3]! << 8);
}
