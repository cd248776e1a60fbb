/**
 * The LMDB environment of a data folder and the keys in it (ring/FORMAT.md, "Databases"). The
 * main thread and the store worker open it with the same options; only the worker writes.
 *
 * `overlappingSync: false` is LMDB's own two-step commit: the library's default trusts unflushed
 * commits after a crash when the boot id is unchanged. Sync is never turned off.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Database, type RootDatabase, open } from 'lmdb';
import { UserError } from '../../../lib/errors.ts';
import type { RecordReader } from '../../ring/values/record-source.ts';
import { ROW_RING, chunkSlots } from '../../ring/ring.ts';
import type { Archive } from '../../retention/archives.ts';

/** Raised when an older tallyd could not read what this one writes. */
export const FORMAT_VERSION = 2;

type Binary = Database<Uint8Array, Uint8Array>;

export interface Environment {
  root: RootDatabase<Uint8Array, Uint8Array>;
  rows: Binary;
  chunks: Binary;
  names: Binary;
  meta: Binary;
  records: Binary;
  seen: Binary;
  /** Sketches: their rows and chunks, their timers, and the series that are timers' statistics. */
  sketchRows: Binary;
  sketchChunks: Binary;
  sketchNames: Binary;
  sketchLinks: Binary;
}

export const DATA_FILE = 'data.mdb';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** Any database by its name, made when there is none. */
export function databaseOf({ root }: Environment, name: string): Binary {
  return root.openDB({ name, ...BINARY });
}

/** Of all databases that are there. */
export function databaseNames({ root }: Environment): string[] {
  return [...root.getKeys()].map((key) => Buffer.from(key).toString('utf8').replace(/\0$/, ''));
}

/** Of all databases; the rest of the file is free. */
export function bytesInUse(environment: Environment): number {
  let pages = 4;
  let pageBytes = 4096;
  const { root, ...databases } = environment;
  for (const database of Object.values(databases)) {
    const stats = database.getStats() as Record<string, number>;
    pageBytes = stats['pageSize'] ?? pageBytes;
    for (const kind of ['treeBranchPageCount', 'treeLeafPageCount', 'overflowPages']) {
      pages += stats[kind] ?? 0;
    }
  }
  const { free } = root.getStats() as { free: Record<string, number> };
  return (pages + (free['treeLeafPageCount'] ?? 0) + (free['overflowPages'] ?? 0)) * pageBytes;
}

/** Bytes up to the last page that was ever used. */
export function endOfFile({ root }: Environment): number {
  const { lastPageNumber, pageSize } = root.getStats() as Record<string, number>;
  return ((lastPageNumber ?? 0) + 1) * (pageSize ?? 4096);
}

export function openEnvironment(dataDir: string, mapSizeBytes: number): Environment {
  try {
    const root = open<Uint8Array, Uint8Array>({
      path: dataDir,
      mapSize: mapSizeBytes,
      maxDbs: 24,
      noSubdir: false,
      overlappingSync: false,
      ...BINARY,
    });
    const database = (name: string): Binary => root.openDB({ name, ...BINARY });
    return {
      root,
      rows: database('row'),
      chunks: database('chunk'),
      names: database('name'),
      meta: database('meta'),
      records: database('record'),
      seen: database('seen'),
      sketchRows: database('srow'),
      sketchChunks: database('schunk'),
      sketchNames: database('sname'),
      sketchLinks: database('slink'),
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

/**
 * `class u16 | archive u8 | slot u32 | unit u32`, big-endian, so that a slot's units are neighbours;
 * into `key` where one is given.
 */
export function ringKey(
  classId: number,
  archiveIndex: number,
  slot: number,
  unit: number,
  key = new Uint8Array(11),
): Uint8Array {
  key[0] = classId >>> 8;
  key[1] = classId;
  key[2] = archiveIndex;
  writeUint32(key, 3, slot);
  writeUint32(key, 7, unit);
  return key;
}

/** All keys of one class, for `getKeys`. */
export function classRange(classId: number): { start: Uint8Array; end: Uint8Array } {
  return { start: ringKey(classId, 0, 0, 0), end: ringKey(classId + 1, 0, 0, 0) };
}

/** What rowKey and chunkKey answer: lmdb copies a key at once, and a new one costs a third of a get. */
const lastKey = new Uint8Array(11);

export function rowKey(
  classId: number,
  archiveIndex: number,
  row: number,
  page: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, row % ROW_RING, page, lastKey);
}

export function chunkKey(
  classId: number,
  archiveIndex: number,
  archive: Archive,
  chunk: number,
  block: number,
): Uint8Array {
  return ringKey(classId, archiveIndex, chunk % chunkSlots(archive), block, lastKey);
}

/** Records of one class; each is overwritten by the next that is read. */
export function recordsOf(
  { rows, chunks }: Environment,
  classId: number,
  archives: readonly Archive[],
): RecordReader {
  return {
    row: (archiveIndex, row, page) => readFast(rows, rowKey(classId, archiveIndex, row, page)),
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
