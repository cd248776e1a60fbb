/**
 * Records of rings belong to their keys: a bit that is wrong in a key would serve the row of another
 * class, or of other series. The crc of the key is in the record's own checksums, which LMDB has as
 *
 *     version u8 | 0x80 …  the record …  checksums u32, each exclusive or the crc32 of the key
 *
 * and everybody else without. A record without the mark was written before format 3.
 */
import { readUint16 } from '../../../lib/little-endian.ts';
import { keyMark } from './record-bytes.ts';

const BOUND = 0x80;
/** Version, another byte, and what the checksums' number is computed from. */
const HEADER_BYTES = 4;

/** Series of a record, or what else it counts, that share a checksum; 0: all. */
export type ChecksumPart = number;

function isBound(record: Uint8Array): boolean {
  return (record[0]! & BOUND) !== 0;
}

/** Binds a record to its key, in place; done again it is as it was. */
export function bind(key: Uint8Array, record: Uint8Array, part: ChecksumPart): void {
  const { length } = record;
  if (length < HEADER_BYTES) return;
  record[0]! ^= BOUND;
  const count = part === 0 ? 1 : Math.ceil(readUint16(record, 2) / part);
  const mark = keyMark(key);
  // Where the count is damaged, so is the record.
  for (let at = Math.max(HEADER_BYTES, length - 4 * count); at < length; at += 4) {
    record[at]! ^= mark;
    record[at + 1]! ^= mark >>> 8;
    record[at + 2]! ^= mark >>> 16;
    record[at + 3]! ^= mark >>> 24;
  }
}

/** As its readers know it, in place; what is not that of the key is damaged then. */
export function unbind(
  key: Uint8Array,
  record: Uint8Array | undefined,
  part: ChecksumPart,
): Uint8Array | undefined {
  if (record !== undefined && record.length > 0 && isBound(record)) bind(key, record, part);
  return record;
}
