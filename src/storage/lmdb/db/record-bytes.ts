/** What records of several databases are made of: keys that are one number, and a last checksum. */
import { crc32 } from 'node:zlib';
import { readUint32 } from '../../../lib/little-endian.ts';
import { shortCrc } from '../../../lib/short-crc.ts';
import type { Check } from './database-spec.ts';

/** Big-endian, so that LMDB has the keys in the order of their numbers. */
export function uint32Key(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Undefined when the key is none; byte by byte, as lmdb's own arrays have no buffer at first. */
export function readUint32Key(key: Uint8Array): number | undefined {
  if (key.length !== 4) return undefined;
  return ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
}

/**
 * Ends a record with the crc32 of all bytes before it, exclusive or that of its key, so that it is
 * that key's alone; little-endian.
 */
export function putChecksum(key: Uint8Array, record: Uint8Array, view: DataView): void {
  const end = record.length - 4;
  view.setUint32(end, crc32(record.subarray(0, end)) ^ keyMark(key), true);
}

export function isWhole(key: Uint8Array, record: Uint8Array): boolean {
  const end = record.length - 4;
  return isChecksum(readUint32(record, end), crc32(record.subarray(0, end)), key);
}

/** What is stored, of a record with this crc; without the key it is of a format before 3. */
export function isChecksum(stored: number, crc: number, key: Uint8Array): boolean {
  return stored === crc || stored === (crc ^ keyMark(key)) >>> 0;
}

export function keyMark(key: Uint8Array): number {
  return shortCrc(key, key.length);
}

/** The check of records whose keys are numbers of a `what`. */
export function numberedCheck(
  what: string,
  isRight: (key: Uint8Array, value: Uint8Array) => boolean,
  loss: string,
): Check {
  return {
    where(key) {
      const number = readUint32Key(key);
      return number === undefined ? `key ${Buffer.from(key).toString('hex')}` : `${what} ${number}`;
    },
    fault(key, value) {
      if (key.length !== 4) return `its key has ${key.length} bytes, expected 4`;
      return isRight(key, value) ? undefined : `its checksum is wrong (${value.length} bytes)`;
    },
    loss: () => loss,
  };
}
