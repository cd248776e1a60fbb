/**
 * Opens the data folder for a verb that works on the store while no server runs on it. Settings
 * are read as `start` reads them, so that the same file, variables and flags name the same folder.
 */
import fs from 'node:fs';
import { UserError } from '../lib/errors.ts';
import type { Store } from '../storage/store.ts';
import { hasErrors, readSettings } from './settings.ts';

export interface StoreFlags {
  config?: string;
  dataDir?: string;
  /** Makes the store when there is none; else that is an error. */
  create?: boolean;
}

/** Runs the body on the open store and closes it afterwards, whatever happened. */
export async function withStore<Result>(
  flags: StoreFlags,
  body: (store: Store) => Promise<Result>,
): Promise<Result> {
  const { config, rules, findings } = readSettings(
    flags.config ?? process.env['TALLYD_CONFIG'],
    process.env,
    { dataDir: flags.dataDir },
  );
  if (hasErrors(findings)) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    throw new UserError('badConfig', errors.map(({ text }) => text).join('\n'));
  }
  if (flags.create !== true && !fs.existsSync(config.dataDir)) {
    throw new UserError('notFound', `no data folder "${config.dataDir}", expected a store there`);
  }
  // Loaded here, so that verbs without a store start without LMDB.
  const { openLmdbStore } = await import('../storage/lmdb/lmdb-store.ts');
  const store = await openLmdbStore({
    dataDir: config.dataDir,
    rules,
    mapSizeBytes: config.mapSizeBytes,
    maxPendingFlushes: config.maxPendingFlushes,
    maxSeries: config.maxStoredSeries,
    onLog: (level, message) => {
      if (level === 'warn' || level === 'error') process.stderr.write(`${message}\n`);
    },
  });
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}
