/**
 * The LMDB environment of a data folder (ring/FORMAT.md, "Databases"). The main thread and the store
 * worker open it with the same options; only the worker writes.
 *
 * `overlappingSync: false` is LMDB's own two-step commit: the library's default trusts unflushed
 * commits after a crash when the boot id is unchanged. Sync is never turned off.
 */
import fs from 'node:fs';
import path from 'node:path';
import { open } from 'lmdb';
import { UserError } from '../../../lib/errors.ts';
import type { Binary, Root } from './database.ts';
import { DATABASES } from './databases.ts';

/** Every database of the table under its name there. */
export type Environment = { root: Root } & Record<keyof typeof DATABASES, Binary>;

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
    const databases = Object.entries(DATABASES).map(([key, { name }]) => {
      return [key, root.openDB({ name, ...BINARY })];
    });
    requireReader(root, dataDir);
    return { root, ...(Object.fromEntries(databases) as Record<keyof typeof DATABASES, Binary>) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('badFile', `data folder ${dataDir} cannot be opened: ${reason}`);
  }
}

/**
 * LMDB has a lock of its own for each process that reads, by its number. One with our number holds
 * it where the kernel's lock on the folder could not be had, and that one is suspended.
 */
function requireReader(root: Root, dataDir: string): void {
  try {
    root.get(Uint8Array.of(0));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(
      'dataDirTaken',
      `data folder ${dataDir} is in use by another tallyd (process ${process.pid} as this one, in ` +
        'another container), expected one to itself',
    );
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

/** Bytes that are free on the folder's disk for whoever runs this; undefined where nothing tells. */
export function diskFreeBytesOf(dataDir: string): number | undefined {
  try {
    const { bavail, bsize } = fs.statfsSync(dataDir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
