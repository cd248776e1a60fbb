/**
 * The LMDB environment of a data folder and the keys in it (archive/FORMAT.md, "Databases"). The
 * main thread and the store worker open it with the same options; only the worker writes.
 *
 * `overlappingSync: false` is LMDB's own two-step commit: the library's default trusts unflushed
 * commits after a crash when the boot id is unchanged. Sync is never turned off.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Database, type RootDatabase, open } from 'lmdb';
import { UserError } from '../../lib/errors.ts';
import type { RecordReader } from '../archive/record-source.ts';
import { ROW_RING, chunkSlots } from '../archive/ring.ts';
import type { Archive } from '../retention/archives.ts';

/** Raised when an older tallyd could not read what this one writes. */
export const FORMAT_VERSION = 1;

type Binary = Database<Uint8Array, Uint8Array>;

export interface Environment {
  root: RootDatabase<Uint8Array, Uint8Array>;
  rows: Binary;
  chunks: Binary;
  names: Binary;
  meta: Binary;
  records: Binary;
}

const DATA_FILE = 'data.mdb';

export function openEnvironment(dataDir: string, mapSizeBytes: number): Environment {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  try {
    const root = open<Uint8Array, Uint8Array>({
      path: dataDir,
      mapSize: mapSizeBytes,
      maxDbs: 12,
      noSubdir: false,
      overlappingSync: false,
      ...binary,
    });
    const database = (name: string): Binary => root.openDB({ name, ...binary });
    return {
      root,
      rows: database('row'),
      chunks: database('chunk'),
      names: database('name'),
      meta: database('meta'),
      records: database('record'),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('badFile', `data folder ${dataDir} cannot be opened: ${reason}`);
  }
}

/** Bytes of the data file as they stand in the folder. */
export function fileBytesOf(dataDir: string): number {
  try {
    return fs.statSync(path.join(dataDir, DATA_FILE)).size;
  } catch {
    return 0;
  }
}

/** `class u16 | archive u8 | slot u32 | unit u32`, big-endian, so that a slot's units are neighbours. */
export function ringKey(
  classId: number,
  archiveIndex: number,
  slot: number,
  unit: number,
): Uint8Array {
  const key = new Uint8Array(11);
  key[0] = classId >>> 8;
  key[1] = classId;
  key[2] = archiveIndex;
  writeUint32(key, 3, slot);
  writeUint32(key, 7, unit);
  return key;
}

export function rowKey(
  classId: number,
  archiveIndex: number,
  row: number,
  segment: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, row % ROW_RING, segment);
}

export function chunkKey(
  classId: number,
  archiveIndex: number,
  archive: Archive,
  chunk: number,
  block: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, chunk % chunkSlots(archive), block);
}

/** Records of one class; each is overwritten by the next that is read. */
export function recordsOf(
  { rows, chunks }: Environment,
  classId: number,
  archives: readonly Archive[],
): RecordReader {
  return {
    row: (archiveIndex, row, segment) =>
      readFast(rows, rowKey(classId, archiveIndex, row, segment)),
    chunk(archiveIndex, chunk, block) {
      const archive = archives[archiveIndex]!; // asked for archives of the class only
      return readFast(chunks, chunkKey(classId, archiveIndex, archive, chunk, block));
    },
  };
}

/** Without a copy of its own: valid until the next read in this thread. */
function readFast(database: Binary, key: Uint8Array): Uint8Array | undefined {
  return database.getBinaryFast(key);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
