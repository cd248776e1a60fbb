/** Stores in temporary folders for the tests of storage/lmdb. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type LmdbStore, openLmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import type { PrefixLimits } from '../../../src/storage/lmdb/write/messages.ts';
import type { RetentionRules } from '../../../src/storage/retention/rules.ts';
import {
  DEFAULT_SKETCHES,
  type SketchSettings,
} from '../../../src/storage/retention/sketch-rules.ts';

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-store-'));
}

export function openIn(
  dataDir: string,
  rules: RetentionRules,
  options: {
    maxSeries?: number;
    maxPendingFlushes?: number;
    log?: string[];
    thread?: boolean;
    sketches?: SketchSettings;
    mapSizeBytes?: number;
    diskHeadroomBytes?: number;
    prefixes?: PrefixLimits;
    futureToleranceMs?: number;
    onDead?: (sentence: string) => void;
  } = {},
): Promise<LmdbStore> {
  return openLmdbStore({
    dataDir,
    rules,
    mapSizeBytes: options.mapSizeBytes ?? 2 ** 32,
    diskHeadroomBytes: options.diskHeadroomBytes ?? 0,
    ...(options.onDead === undefined ? {} : { onDead: options.onDead }),
    ...(options.prefixes === undefined ? {} : { prefixes: options.prefixes }),
    ...(options.futureToleranceMs === undefined
      ? {}
      : { futureToleranceMs: options.futureToleranceMs }),
    maxPendingFlushes: options.maxPendingFlushes ?? 60,
    maxSeries: options.maxSeries ?? 1_000_000,
    thread: options.thread ?? false,
    sketches: options.sketches ?? DEFAULT_SKETCHES,
    onLog: (_level, message) => void options.log?.push(message),
  });
}
