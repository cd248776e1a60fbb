/**
 * What LMDB keeps of a series under its name, and of a class (archive/FORMAT.md, "Names").
 *
 *     id u32 | class u16 | sid u32 | born u32 | merge u8 | method u8 | xFilesFactor f64 | crc32 u32
 *
 * little-endian. A name over NAME_KEY_BYTES_MAX is keyed by its hash and follows after the number.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** LMDB's own limit is 1,978 bytes a key. */
const NAME_KEY_BYTES_MAX = 1900;
/** No name starts with a byte that UTF-8 does not have. */
const HASHED = 0xff;
const RECORD_BYTES = 28;

export interface SeriesRecord {
  id: number;
  classId: number;
  sid: number;
  /** Slots that end at or before this time are another series'; 0 for a sid never used before. */
  born: number;
  /** MERGE_* of wire.ts. */
  merge: number;
  method: number;
  xFilesFactor: number;
}

export function nameKey(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length > 0 && bytes.length <= NAME_KEY_BYTES_MAX) return bytes;
  return Buffer.concat([Uint8Array.of(HASHED), createHash('sha256').update(bytes).digest()]);
}

export function encodeSeries(name: string, series: SeriesRecord): Uint8Array {
  const key = nameKey(name);
  const tail = key[0] === HASHED ? Buffer.from(name) : Buffer.alloc(0);
  const bytes = new Uint8Array(RECORD_BYTES + tail.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, series.id, true);
  view.setUint16(4, series.classId, true);
  view.setUint32(6, series.sid, true);
  view.setUint32(10, series.born, true);
  view.setUint8(14, series.merge);
  view.setUint8(15, series.method);
  view.setFloat64(16, series.xFilesFactor, true);
  view.setUint32(24, tail.length, true);
  bytes.set(tail, RECORD_BYTES);
  view.setUint32(RECORD_BYTES + tail.length, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

/**
 * Undefined when the record is damaged. Only `length` of the bytes is to be trusted: they may be
 * lmdb's one large buffer, whose `length` is set to that of the value.
 */
export function decodeSeries(
  key: Uint8Array,
  bytes: Uint8Array,
): { name: string; series: SeriesRecord } | undefined {
  if (bytes.length < RECORD_BYTES + 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (crc32(bytes.subarray(0, bytes.length - 4)) !== view.getUint32(bytes.length - 4, true))
    return undefined;
  const series = {
    id: view.getUint32(0, true),
    classId: view.getUint16(4, true),
    sid: view.getUint32(6, true),
    born: view.getUint32(10, true),
    merge: view.getUint8(14),
    method: view.getUint8(15),
    xFilesFactor: view.getFloat64(16, true),
  };
  const source = key[0] === HASHED ? bytes.subarray(RECORD_BYTES, bytes.length - 4) : key;
  return { name: Buffer.from(source).toString('utf8'), series };
}
