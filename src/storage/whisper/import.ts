/**
 * Brings a tree of .wsp files into a store: every archive as it is, whatever its age, with the
 * series' own retentions, method and xFilesFactor. Damaged files are reported and passed by. Running
 * it again changes nothing, so an import that was stopped is simply started again. Called by the
 * `import whisper` verb.
 */
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { formatRetentions } from '../retention/retentions.ts';
import type { Store } from '../store.ts';
import { seriesName } from './path.ts';
import { readWhisper } from './read.ts';
import { findWhisperFiles } from './walk.ts';

/**
 * Files given to the store and not yet durable: series share blocks of 128, and a block whose series
 * come in one commit is written once. Large files are bounded by their bytes instead.
 */
const FILES_IN_FLIGHT = 128;
const BYTES_IN_FLIGHT = 32 * 2 ** 20;

export interface ImportOptions {
  /** Epoch seconds. */
  now: number;
  /** Leaves series alone that the store already has. */
  skipExisting?: boolean;
  onProgress?: (progress: ImportProgress) => void;
  onDamaged?: (damaged: FileNote) => void;
  onPartial?: (partial: FileNote) => void;
}

export interface ImportProgress {
  done: number;
  files: number;
}

export interface FileNote {
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
  /** Files that could not be brought in. */
  damaged: FileNote[];
  /** Files whose series was there with other archives: those of the same steps were filled. */
  partial: FileNote[];
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
    partial: [],
  };
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let done = 0;
  let failure: { error: unknown } | undefined;
  const take = async (file: string, size: number): Promise<void> => {
    try {
      await importFile(store, folder, file, options, summary);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) {
        failure ??= { error };
        return;
      }
      const damaged = { file, reason };
      summary.damaged.push(damaged);
      options.onDamaged?.(damaged);
    } finally {
      bytes -= size;
      done += 1;
      options.onProgress?.({ done, files: files.length });
    }
  };
  const isFull = () => running.size >= FILES_IN_FLIGHT || bytes >= BYTES_IN_FLIGHT;
  for (const file of files) {
    while (isFull()) await Promise.race(running);
    if (failure !== undefined) break;
    const size = fs.statSync(path.join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
    bytes += size;
    const work = take(file, size).finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
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
  const series = store.lookup(name);
  if (series === undefined) {
    throw new UserError('overLimit', 'the store has as many series as it may hold');
  }
  summary.series += 1;
  summary.points += data.reduce((sum, { times }) => sum + times.length, 0);
  const kept = formatRetentions(store.info(series.id)?.archives ?? []);
  const given = formatRetentions(head.archives);
  if (kept === given) return;
  const reason = `holds ${given}, its series is there with ${kept}: filled where steps are the same`;
  summary.partial.push({ file, reason });
  options.onPartial?.({ file, reason });
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
