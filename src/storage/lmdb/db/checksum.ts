/** The crc32 that ends a record: of all bytes before it, little-endian. */
import { crc32 } from 'node:zlib';

export function putChecksum(record: Uint8Array, view: DataView): void {
  const end = record.length - 4;
  view.setUint32(end, crc32(record.subarray(0, end)), true);
}

export function isWhole(record: Uint8Array): boolean {
  const end = record.length - 4;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  return crc32(record.subarray(0, end)) === view.getUint32(end, true);
}
