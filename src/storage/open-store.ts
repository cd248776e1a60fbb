/**
 * Opens a store, and what is done to data that nobody has open: the only place that names LMDB.
 * Everything is loaded when it is called, so that verbs without a store start without it.
 */
import type { Config } from '../config/config.ts';
import type { Verified, VerifyOptions } from './lmdb/check/verify.ts';
import type { FolderOptions, FolderVerified } from './lmdb/check/verify-folder.ts';
import type { LmdbStoreOptions } from './lmdb/lmdb-store.ts';
import type { Store } from './roles.ts';

interface StoreSettings extends Pick<
  LmdbStoreOptions,
  'rules' | 'sketches' | 'prefixes' | 'isServer' | 'thread' | 'onDead' | 'onLog'
> {
  config: Pick<
    Config,
    | 'dataDir'
    | 'mapSizeBytes'
    | 'diskHeadroomBytes'
    | 'maxPendingFlushes'
    | 'maxStoredSeries'
    | 'aggregation'
  >;
}

/**
 * Opens or creates the store of a data folder. Rejects with `dataDirTaken` while another process
 * has it, `badFile` when it cannot be opened or a newer tallyd wrote it.
 */
export async function openStore({ config, ...settings }: StoreSettings): Promise<Store> {
  const { openLmdbStore } = await import('./lmdb/lmdb-store.ts');
  const { dataDir, mapSizeBytes, diskHeadroomBytes, maxPendingFlushes, maxStoredSeries } = config;
  return openLmdbStore({
    ...settings,
    dataDir,
    mapSizeBytes,
    diskHeadroomBytes,
    maxPendingFlushes,
    maxSeries: maxStoredSeries,
    futureToleranceMs: config.aggregation.futureToleranceMs,
  });
}

/** Checks a backup, or a data file that nobody has open. */
export async function verifyFile(file: string, options: VerifyOptions): Promise<Verified> {
  const verify = await import('./lmdb/check/verify.ts');
  return verify.verifyFile(file, options);
}

/** Checks a data folder, and repairs it when `onVerified` says so; rejects as openStore. */
export async function verifyFolder(
  dataDir: string,
  options: FolderOptions,
): Promise<FolderVerified> {
  const verify = await import('./lmdb/check/verify-folder.ts');
  return verify.verifyFolder(dataDir, options);
}

/** Copies the data of a folder into a file that must not exist; rejects as openStore. */
export async function backupFolder(
  dataDir: string,
  mapSizeBytes: number,
  file: string,
): Promise<{ bytes: number }> {
  const backup = await import('./lmdb/check/backup.ts');
  return backup.backupFolder(dataDir, mapSizeBytes, file);
}

/** Where a backup is while it grows: its size is the progress. */
export async function partialFile(file: string): Promise<string> {
  const backup = await import('./lmdb/check/backup.ts');
  return backup.partialFile(file);
}
