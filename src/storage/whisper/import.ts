/**
 * Brings a tree of .wsp files into a store: every archive as it is, whatever its age, with the
 * series' own retentions, method and xFilesFactor. Damaged files are reported and passed by. Running
 * it again changes nothing, so an import that was stopped is simply started again. Called by the
 * `import whisper` verb.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { Store } from '../store.ts';
import { seriesName } from './path.ts';
import { readWhisper } from './read.ts';
import { findWhisperFiles } from './walk.ts';

/** Files read ahead of the store: enough to fill a commit, few enough to stay small. */
const FILES_IN_FLIGHT = 32;

export interface ImportOptions {
  /** Epoch seconds. */
  now: number;
  /** Leaves series alone that the store already has. */
  skipExisting?: boolean;
  onProgress?: (progress: ImportProgress) => void;
  onDamaged?: (damaged: DamagedFile) => void;
}

export interface ImportProgress {
  done: number;
  files: number;
}

export interface DamagedFile {
  /** Path below the folder. */
  file: string;
  reason: string;
}

export interface ImportSummary {
  files: number;
  /** Series brought in, empty ones too. */
  series: number;
  points: number;
  /** Series that the store already had. */
  skipped: number;
  damaged: DamagedFile[];
}

/** Resolves when everything is durable; rejects only when the store itself fails. */
export async function importWhisper(
  store: Store,
  folder: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const files = findWhisperFiles(folder);
  const summary: ImportSummary = {
    files: files.length,
    series: 0,
    points: 0,
    skipped: 0,
    damaged: [],
  };
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      try {
        await importFile(store, folder, file, options, summary);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason === undefined) {
          next = files.length; // the others end with the file they are at
          throw error;
        }
        const damaged = { file, reason };
        summary.damaged.push(damaged);
        options.onDamaged?.(damaged);
      }
      done += 1;
      options.onProgress?.({ done, files: files.length });
    }
  };
  await Promise.all(Array.from({ length: FILES_IN_FLIGHT }, worker));
  return summary;
}

async function importFile(
  store: Store,
  folder: string,
  file: string,
  options: ImportOptions,
  summary: ImportSummary,
): Promise<void> {
  const name = seriesName(file);
  if (name === undefined) {
    throw new UserError('badFile', 'named by a hash, so the name of its series is unknown');
  }
  if (options.skipExisting === true && store.lookup(name) !== undefined) {
    summary.skipped += 1;
    return;
  }
  const bytes = await fs.promises.readFile(path.join(folder, file));
  const { data, ...head } = readWhisper(bytes);
  await store.importSeries({ name, ...head }, data, options.now);
  summary.series += 1;
  summary.points += data.reduce((sum, { times }) => sum + times.length, 0);
}

/** The sentence for an error that is the file's; undefined for one of the store's or our own. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof UserError) {
    return error.code === 'storeBusy' || error.code === 'dataDirTaken' ? undefined : error.message;
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && (syscall === 'open' || syscall === 'read')
    ? `cannot be read: ${code}`
    : undefined;
}
