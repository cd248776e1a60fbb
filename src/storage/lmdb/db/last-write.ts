/**
 * Database `seen`: when a value of each series last came, in blocks by id (FORMAT.md, "Seen"). Kept
 * by write/last-writes.ts.
 */
import { isWhole, numberedCheck, putChecksum, uint32Key } from './record-bytes.ts';
import type { RecordCodec } from './database.ts';
import type { DatabaseSpec } from './database-spec.ts';

/** Series in a block, which is small enough to need no pages of its own. */
export const LAST_WRITE_BLOCK = 256;
const TIMES_BYTES = LAST_WRITE_BLOCK * 4;

export const LAST_WRITE_CODEC: RecordCodec<number, Uint32Array> = {
  key: uint32Key,
  encode(block, times) {
    const record = new Uint8Array(TIMES_BYTES + 4);
    const view = new DataView(record.buffer);
    for (let i = 0; i < times.length; i++) view.setUint32(i * 4, times[i]!, true);
    putChecksum(uint32Key(block), record, view);
    return record;
  },
};

/** Undefined when the record is damaged. */
export function decodeLastWrites(key: Uint8Array, record: Uint8Array): Uint32Array | undefined {
  if (record.length !== TIMES_BYTES + 4 || !isWhole(key, record)) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  return Uint32Array.from({ length: LAST_WRITE_BLOCK }, (_, i) => view.getUint32(i * 4, true));
}

export const LAST_WRITES: DatabaseSpec = {
  name: 'seen',
  check: () =>
    numberedCheck(
      'block',
      (key, value) => decodeLastWrites(key, value) !== undefined,
      `when up to ${LAST_WRITE_BLOCK} series were last seen; their points stay`,
    ),
};
