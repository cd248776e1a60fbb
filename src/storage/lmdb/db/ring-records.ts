/**
 * The records of the rings of one class, as the rings of values and of sketches read and put them:
 * rows in one database, chunks in another, keys alike (ring-key.ts).
 */
import type { Archive } from '../../retention/archives.ts';
import type { RecordReader, RecordSink } from '../../ring/ring-records.ts';
import { ROW_RING, chunkSlots } from '../../ring/ring.ts';
import type { Binary } from './database.ts';
import { RING_KEY_BYTES, ringKey } from './ring-key.ts';
import type { WriteBatch } from './write-batch.ts';

/** Of which databases the rings are. */
interface RingDatabases {
  rows: Binary;
  chunks: Binary;
}

export function sketchDatabases(environment: {
  sketchRows: Binary;
  sketchChunks: Binary;
}): RingDatabases {
  return { rows: environment.sketchRows, chunks: environment.sketchChunks };
}

/** Each record is overwritten by the next that is read in this thread. */
export function ringReader(
  { rows, chunks }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordReader {
  const key = ringKeys(classId, archives);
  return {
    row: (archiveIndex, row, unit) => rows.getBinaryFast(key.row(archiveIndex, row, unit)),
    chunk: (archiveIndex, chunk, unit) =>
      chunks.getBinaryFast(key.chunk(archiveIndex, chunk, unit)),
  };
}

export function ringSink(
  batch: WriteBatch,
  { rows, chunks }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordSink {
  const key = ringKeys(classId, archives);
  return {
    row: (archiveIndex, row, unit, record) =>
      batch.put(rows, key.row(archiveIndex, row, unit), record),
    chunk: (archiveIndex, chunk, unit, record) =>
      batch.put(chunks, key.chunk(archiveIndex, chunk, unit), record),
  };
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
