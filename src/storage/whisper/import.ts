/**
 * Brings a tree of .wsp files into a store: every archive as it is, whatever its age, with the
 * series' own retentions, method and xFilesFactor. Damaged files are reported and passed by. Running
 * it again changes nothing. How far it came is noted in the store now and then, so that an import
 * that was stopped goes on there. Called by the `import whisper` verb.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { StoreAdmin } from '../admin.ts';
import { LocalAdmin } from '../local-admin.ts';
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
/** Files between two notes of how far it came. */
const NOTE_FILES = 512;

export interface ImportOptions {
  /** Epoch seconds. */
  now: number;
  /** Leaves series alone that the store already has. */
  skipExisting?: boolean;
  /** Takes all files, also those that an import that was stopped had brought in. */
  restart?: boolean;
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
  /** Files that an import of the same folder had taken before it was stopped. */
  before: number;
  /** Files that could not be brought in. */
  damaged: FileNote[];
  /** Files whose series was there with other archives: those of the same steps were filled. */
  partial: FileNote[];
}

/** A store that is open here, or whatever stands for one elsewhere. */
type Target = Pick<StoreAdmin, 'info' | 'put' | 'note' | 'putNote'>;

/** Resolves when everything is durable; rejects only when the store itself fails. */
export async function importWhisper(
  store: Store | Target,
  folder: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const target = 'put' in store ? store : new LocalAdmin(store, folder, () => options.now);
  const files = findWhisperFiles(folder);
  const trail = await Trail.open(target, folder, files, options);
  const summary: ImportSummary = {
    files: files.length,
    series: 0,
    points: 0,
    skipped: 0,
    before: 0,
    damaged: [],
    partial: [],
  };
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let done = 0;
  let failure: { error: unknown } | undefined;
  const take = async (file: string, index: number, size: number): Promise<void> => {
    try {
      await importFile(target, folder, file, options, summary);
      trail.finish(index);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) {
        failure ??= { error };
        return;
      }
      const damaged = { file, reason };
      summary.damaged.push(damaged);
      options.onDamaged?.(damaged);
      trail.finish(index);
    } finally {
      bytes -= size;
      done += 1;
      options.onProgress?.({ done, files: files.length });
    }
  };
  const isFull = () => running.size >= FILES_IN_FLIGHT || bytes >= BYTES_IN_FLIGHT;
  for (const [index, file] of files.entries()) {
    while (isFull()) await Promise.race(running);
    if (failure !== undefined) break;
    const { size = 0, mtimeMs = 0 } =
      fs.statSync(path.join(folder, file), { throwIfNoEntry: false }) ?? {};
    if (trail.wasTaken(file, mtimeMs)) {
      summary.before += 1;
      done += 1;
      trail.finish(index);
      continue;
    }
    if (trail.isNoteDue) await trail.note();
    bytes += size;
    const work = take(file, index, size).finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
  await trail.close();
  return summary;
}

async function importFile(
  target: Target,
  folder: string,
  file: string,
  options: ImportOptions,
  summary: ImportSummary,
): Promise<void> {
  const name = seriesName(file);
  if (name === undefined) {
    throw new UserError('badFile', 'named by a hash, so the name of its series is unknown');
  }
  if (options.skipExisting === true) {
    const [known] = await target.info([name]);
    if (known !== undefined) {
      summary.skipped += 1;
      return;
    }
  }
  const bytes = await fs.promises.readFile(path.join(folder, file));
  const { data, ...head } = readWhisper(bytes);
  const archives = await target.put({ name, ...head }, data);
  if (archives === undefined) {
    throw new UserError('overLimit', 'the store has as many series as it may hold');
  }
  summary.series += 1;
  summary.points += data.reduce((sum, { times }) => sum + times.length, 0);
  const kept = formatRetentions(archives);
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

/**
 * How far an import came: all files up to one, in their order, are in the store for good. Kept as a
 * note in the store, under the folder's real path, until the import is complete.
 */
class Trail {
  private readonly target: Target;
  private readonly key: string;
  private readonly files: readonly string[];
  /** Epoch seconds at which the import, or the one that it continues, was started. */
  private readonly started: number;
  /** Files up to this one were taken before. */
  private readonly through: string | undefined;
  /** Files after `complete` that are finished, by index. */
  private readonly finished = new Set<number>();
  /** All files before this index are finished. */
  private complete = 0;
  private noted = 0;
  private hasNote: boolean;

  private constructor(
    target: Target,
    key: string,
    files: readonly string[],
    begun: { started: number; through?: string },
  ) {
    this.target = target;
    this.key = key;
    this.files = files;
    this.started = begun.started;
    this.through = begun.through;
    this.hasNote = begun.through !== undefined;
  }

  static async open(
    target: Target,
    folder: string,
    files: readonly string[],
    { now, restart = false }: ImportOptions,
  ): Promise<Trail> {
    const hash = createHash('sha256').update(fs.realpathSync(folder)).digest('hex');
    const key = `import-whisper/${hash}`;
    if (restart) await target.putNote(key, undefined);
    const note = await target.note(key);
    const begun = note === undefined ? { started: now } : (JSON.parse(note) as { started: number });
    return new Trail(target, key, files, begun);
  }

  /** Whether a file was taken before the stop, and has not changed since. */
  wasTaken(file: string, mtimeMs: number): boolean {
    return this.through !== undefined && file <= this.through && mtimeMs < this.started * 1000;
  }

  finish(index: number): void {
    this.finished.add(index);
    while (this.finished.delete(this.complete)) this.complete += 1;
  }

  get isNoteDue(): boolean {
    return this.complete - this.noted >= NOTE_FILES;
  }

  async note(): Promise<void> {
    this.noted = this.complete;
    this.hasNote = true;
    const through = this.files[this.complete - 1]; // at least NOTE_FILES are complete
    await this.target.putNote(this.key, JSON.stringify({ started: this.started, through }));
  }

  async close(): Promise<void> {
    if (this.hasNote) await this.target.putNote(this.key, undefined);
  }
}
