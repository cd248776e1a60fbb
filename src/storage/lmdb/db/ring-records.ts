/**
 * The records of the rings of one class, as the rings of values and of sketches read and put them:
 * rows in one database, chunks in another, keys alike (ring-key.ts).
 */
import type { Archive } from '../../retention/archives.ts';
import type { RecordReader, RecordSink } from '../../ring/ring-records.ts';
import { BLOCK_SERIES, ROW_RING, chunkSlots } from '../../ring/ring.ts';
import { GROUP_SERIES } from '../../ring/values/chunk-record.ts';
import { bind, type ChecksumPart, unbind } from './bound-record.ts';
import type { Binary } from './database.ts';
import { RING_KEY_BYTES, ringKey } from './ring-key.ts';
import type { WriteBatch } from './write-batch.ts';

/** Of which databases the rings are, and what shares a checksum in their records. */
interface RingDatabases {
  rows: Binary;
  chunks: Binary;
  rowPart: ChecksumPart;
  chunkPart: ChecksumPart;
}

export function valueDatabases({ rows, chunks }: { rows: Binary; chunks: Binary }): RingDatabases {
  return { rows, chunks, rowPart: BLOCK_SERIES, chunkPart: GROUP_SERIES };
}

export function sketchDatabases(environment: {
  sketchRows: Binary;
  sketchChunks: Binary;
}): RingDatabases {
  const { sketchRows: rows, sketchChunks: chunks } = environment;
  return { rows, chunks, rowPart: 0, chunkPart: 0 };
}

/** Each record is overwritten by the next that is read in this thread. */
export function ringReader(
  { rows, chunks, rowPart, chunkPart }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordReader {
  const keys = ringKeys(classId, archives);
  return {
    row(archiveIndex, row, unit) {
      const key = keys.row(archiveIndex, row, unit);
      return unbind(key, rows.getBinaryFast(key), rowPart);
    },
    chunk(archiveIndex, chunk, unit) {
      const key = keys.chunk(archiveIndex, chunk, unit);
      return unbind(key, chunks.getBinaryFast(key), chunkPart);
    },
  };
}

export function ringSink(
  batch: WriteBatch,
  { rows, chunks, rowPart, chunkPart }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordSink {
  const keys = ringKeys(classId, archives);
  return {
    row: (archiveIndex, row, unit, record) =>
      putBound(batch, rows, keys.row(archiveIndex, row, unit), record, rowPart),
    chunk: (archiveIndex, chunk, unit, record) =>
      putBound(batch, chunks, keys.chunk(archiveIndex, chunk, unit), record, chunkPart),
  };
}

/** The record is its owner's, who goes on with it: bound for as long as LMDB takes to copy it. */
function putBound(
  batch: WriteBatch,
  database: Binary,
  key: Uint8Array,
  record: Uint8Array,
  part: ChecksumPart,
): void {
  bind(key, record, part);
  try {
    batch.put(database, key, record);
  } finally {
    bind(key, record, part);
  }
}

/** What ringKeys answer: lmdb copies a key at once, and a new one costs a third of a get. */
const lastKey = new Uint8Array(RING_KEY_BYTES);

/** The keys of a class, each good until the next; asked for archives of the class only. */
export function ringKeys(classId: number, archives: readonly Archive[]) {
  return {
    row: (archiveIndex: number, row: number, unit: number) =>
      ringKey(classId, archiveIndex, row % ROW_RING, unit, lastKey),
    chunk: (archiveIndex: number, chunk: number, unit: number) =>
      ringKey(classId, archiveIndex, chunk % chunkSlots(archives[archiveIndex]!), unit, lastKey),
  };
}
