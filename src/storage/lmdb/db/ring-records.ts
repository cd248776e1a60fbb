/**
 * The records of the rings of one class, as the rings of values and of sketches read and put them:
 * rows in one database, chunks in another, keys alike (ring-key.ts).
 */
import type { Archive } from '../../retention/archives.ts';
import type { RecordReader, RecordSink } from '../../ring/ring-records.ts';
import { ROW_RING, chunkSlots } from '../../ring/ring.ts';
import type { Binary } from './database.ts';
import { ringKey } from './ring-key.ts';
import type { WriteBatch } from './write-batch.ts';

/** Of which databases the rings are. */
interface RingDatabases {
  rows: Binary;
  chunks: Binary;
}

export function sketchDatabases({
  sketchRows,
  sketchChunks,
}: {
  sketchRows: Binary;
  sketchChunks: Binary;
}): RingDatabases {
  return { rows: sketchRows, chunks: sketchChunks };
}

/** Each record is overwritten by the next that is read in this thread. */
export function ringReader(
  { rows, chunks }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordReader {
  return {
    row: (archiveIndex, row, unit) => rows.getBinaryFast(rowKey(classId, archiveIndex, row, unit)),
    chunk(archiveIndex, chunk, unit) {
      const archive = archives[archiveIndex]!; // asked for archives of the class only
      return chunks.getBinaryFast(chunkKey(classId, archiveIndex, archive, chunk, unit));
    },
  };
}

export function ringSink(
  batch: WriteBatch,
  { rows, chunks }: RingDatabases,
  classId: number,
  archives: readonly Archive[],
): RecordSink {
  return {
    row: (archiveIndex, row, unit, record) =>
      batch.put(rows, rowKey(classId, archiveIndex, row, unit), record),
    chunk(archiveIndex, chunk, unit, record) {
      const archive = archives[archiveIndex]!; // one of the class
      batch.put(chunks, chunkKey(classId, archiveIndex, archive, chunk, unit), record);
    },
  };
}

/** What rowKey and chunkKey answer: lmdb copies a key at once, and a new one costs a third of a get. */
const lastKey = new Uint8Array(11);

export function rowKey(
  classId: number,
  archiveIndex: number,
  row: number,
  unit: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, row % ROW_RING, unit, lastKey);
}

function chunkKey(
  classId: number,
  archiveIndex: number,
  archive: Archive,
  chunk: number,
  unit: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, chunk % chunkSlots(archive), unit, lastKey);
}
