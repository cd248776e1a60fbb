/**
 * Database `seen`: when a value of each series last came, in blocks by id (FORMAT.md, "Seen"). Kept
 * by write/last-writes.ts.
 */
import { isWhole, putChecksum, readUint32Key, uint32Key } from './record-bytes.ts';
import type { RecordCodec } from './database.ts';
import type { Check, DatabaseSpec } from './database-spec.ts';

/** Series in a block, which is small enough to need no pages of its own. */
export const LAST_WRITE_BLOCK = 256;
const TIMES_BYTES = LAST_WRITE_BLOCK * 4;

export const LAST_WRITE_CODEC: RecordCodec<number, Uint32Array> = {
  key: uint32Key,
  encode(_block, times) {
    const record = new Uint8Array(TIMES_BYTES + 4);
    const view = new DataView(record.buffer);
    for (let i = 0; i < times.length; i++) view.setUint32(i * 4, times[i]!, true);
    putChecksum(record, view);
    return record;
  },
};

/** Undefined when the record is damaged. */
export function decodeLastWrites(record: Uint8Array): Uint32Array | undefined {
  if (record.length !== TIMES_BYTES + 4 || !isWhole(record)) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  return Uint32Array.from({ length: LAST_WRITE_BLOCK }, (_, i) => view.getUint32(i * 4, true));
}

const CHECK: Check = {
  where(key) {
    const block = readUint32Key(key);
    return block === undefined ? `key ${Buffer.from(key).toString('hex')}` : `block ${block}`;
  },
  fault(key, value) {
    if (key.length !== 4) return `its key has ${key.length} bytes, expected 4`;
    if (decodeLastWrites(value) !== undefined) return undefined;
    return `its checksum is wrong (${value.length} bytes)`;
  },
  loss: () => `when up to ${LAST_WRITE_BLOCK} series were last seen; their points stay`,
};

export const LAST_WRITES: DatabaseSpec = { name: 'seen', check: () => CHECK };
