/** Opens the store of the fault runs, always with the same rules and limits. */
import { type LmdbStore, openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts';
import { RULES } from './history.ts';

export function openFaultStore(
  dataDir: string,
  options: { thread?: boolean; maxPendingFlushes?: number; log?: string[] } = {},
): Promise<LmdbStore> {
  return openLmdbStore({
    dataDir,
    rules: RULES,
    mapSizeBytes: 2 ** 32,
    maxPendingFlushes: options.maxPendingFlushes ?? 60,
    maxSeries: 1_000_000,
    thread: options.thread ?? false,
    onLog: (_level, message) => void options.log?.push(message),
  });
}
