/**
 * Brings a tree of .wsp files into a store: every archive as it is, whatever its age, with the
 * series' own retentions, method and xFilesFactor. Damaged files are reported and skipped. Running
 * it again changes nothing. How far the import came is noted in the store after each group of files,
 * so that one that was stopped, or killed, continues from there. Called by `import whisper`.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import type { StoreAdmin } from '../admin/calls.ts';
import { localAdmin } from '../admin/local-admin.ts';
import type { AdminStore } from '../admin/local-store.ts';
import { putArchives } from '../admin/whole-series.ts';
import { formatRetentions } from '../retention/retentions.ts';
import type { WhisperSeries } from './format.ts';
import type { NameList } from './name-list.ts';
import { hashInPath, seriesName } from './path.ts';
import { readWhisper } from './read.ts';
import { findWhisperFiles } from './walk.ts';

/**
 * Files given to the store together: series share blocks of 128, and a block whose series come in
 * one commit is written once. Large files are bounded by their bytes instead. While one group is
 * written the next one is read.
 */
const GROUP_FILES = 128;
const GROUP_BYTES = 16 * 2 ** 20;

interface ImportOptions {
  /** Epoch seconds, with their fraction: files that changed later are taken again. */
  now: number;
  /** Tells the names of files that are called by their hashes. */
  names?: NameList;
  /** Ends the import where it is; the next one goes on there. */
  signal?: AbortSignal;
  /** Leaves series alone that the store already has. */
  skipExisting?: boolean;
  /** Takes all files, also those that an import that was stopped had brought in. */
  restart?: boolean;
  onProgress?: (progress: ImportProgress) => void;
  onDamaged?: (damaged: FileNote) => void;
  onPartial?: (partial: FileNote) => void;
}

interface ImportProgress {
  done: number;
  files: number;
}

interface FileNote {
  /** Path below the folder. */
  file: string;
  reason: string;
}

interface ImportSummary {
  files: number;
  /** Series brought in, empty ones too. */
  series: number;
  points: number;
  /** Series that the store already had. */
  skipped: number;
  /** Files that an import of the same folder had taken before it was stopped. */
  before: number;
  /** Files called by the hash of a name that no list has. */
  unnamed: number;
  /** It was stopped before the last file. */
  stopped: boolean;
  /** Files that could not be brought in. */
  damaged: FileNote[];
  /** Files whose series was there with other archives: those of the same steps were filled. */
  partial: FileNote[];
}

/** The calls of a store that are needed. */
type Target = Pick<StoreAdmin, 'info' | 'put' | 'note' | 'putNote'>;

/** Resolves when everything is durable; rejects only when the store itself fails. */
export async function importWhisper(
  store: AdminStore | Target,
  folder: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const target = 'put' in store ? store : localAdmin(store, folder);
  const files = findWhisperFiles(folder);
  const trail = await Trail.open(target, folder, files, options);
  const summary: ImportSummary = {
    files: files.length,
    series: 0,
    points: 0,
    skipped: 0,
    before: 0,
    unnamed: 0,
    stopped: false,
    damaged: [],
    partial: [],
  };
  const groups = new Groups({ target, folder, options, summary, trail });
  for (const [index, file] of files.entries()) {
    const { size = 0, mtimeMs = 0 } =
      fs.statSync(path.join(folder, file), { throwIfNoEntry: false }) ?? {};
    if (trail.wasTaken(file, mtimeMs)) {
      summary.before += 1;
      groups.finish(index);
      continue;
    }
    if (options.signal?.aborted === true) {
      summary.stopped = true;
      break;
    }
    await groups.add({ file, index }, size);
  }
  await groups.close();
  if (summary.stopped) await trail.note(summary.unnamed);
  else await trail.close();
  return summary;
}

/** One of the files, with its index in their list. */
interface Source {
  file: string;
  index: number;
}

interface Parsed extends Source {
  name: string;
  series: WhisperSeries;
}

/** One import, as its parts know it. */
interface Run {
  target: Target;
  folder: string;
  options: ImportOptions;
  summary: ImportSummary;
  trail: Trail;
}

/** Reads files and puts them into the store, a group at a time. */
class Groups {
  private readonly run: Run;
  private waiting: Source[] = [];
  private waitingBytes = 0;
  private putting: Promise<unknown> = Promise.resolve();
  private done = 0;

  constructor(run: Run) {
    this.run = run;
  }

  /** Rejects when the store failed. */
  async add(source: Source, size: number): Promise<void> {
    this.waiting.push(source);
    this.waitingBytes += size;
    if (this.waiting.length >= GROUP_FILES || this.waitingBytes >= GROUP_BYTES) await this.start();
  }

  async close(): Promise<void> {
    await this.start();
    await this.putting;
  }

  /** A file is durable in the store, or was given up. */
  finish(index: number): void {
    this.done += 1;
    this.run.trail.finish(index);
    this.run.options.onProgress?.({ done: this.done, files: this.run.summary.files });
  }

  /** Reads the files that wait, and puts them when those before them are durable. */
  private async start(): Promise<void> {
    const sources = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    const parsed: Parsed[] = [];
    const reading = sources.map((source) =>
      this.attempt(source, async () => {
        const one = await this.read(source);
        if (one === undefined) this.finish(source.index);
        else parsed.push(one);
      }),
    );
    await Promise.all([this.putting, ...reading]);
    await this.run.trail.note(this.run.summary.unnamed);
    parsed.sort((a, b) => a.index - b.index);
    this.putting = Promise.all(
      parsed.map((one) =>
        this.attempt(one, async () => {
          await this.put(one);
          this.finish(one.index);
        }),
      ),
    );
    // Whoever awaits it is told; until then it must not count as unhandled.
    this.putting.catch(() => {});
  }

  /** Notes an error that is the file's own; others are thrown. */
  private async attempt({ file, index }: Source, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      const damaged = { file, reason };
      this.run.summary.damaged.push(damaged);
      this.run.options.onDamaged?.(damaged);
      this.finish(index);
    }
  }

  /** Undefined when its name is not known, or its series is there and is to be left alone. */
  private async read({ file, index }: Source): Promise<Parsed | undefined> {
    const hash = hashInPath(file);
    const name = hash === undefined ? seriesName(file) : this.run.options.names?.of(hash);
    if (name === undefined && hash !== undefined) {
      this.run.summary.unnamed += 1;
      return undefined;
    }
    if (name === undefined) throw new UserError('badFile', 'its path makes no name of a series');
    if (this.run.options.skipExisting === true) {
      const [known] = (await this.run.target.info({ names: [name] })).series;
      if (known !== undefined) {
        this.run.summary.skipped += 1;
        return undefined;
      }
    }
    const bytes = await fs.promises.readFile(path.join(this.run.folder, file));
    return { file, index, name, series: readWhisper(bytes) };
  }

  private async put({ file, name, series: { data, ...head } }: Parsed): Promise<void> {
    const { summary } = this.run;
    const archives = await putArchives(this.run.target, { name, ...head }, data);
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
    this.run.options.onPartial?.({ file, reason });
  }
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

/** What the note of an import says. */
interface Begun {
  started: number;
  through?: string;
  unnamed?: number;
}

/**
 * How far an import came: all files up to one, in their order, are durable. This is a note in the
 * store, by the folder's real path, until the import is complete.
 */
class Trail {
  private readonly target: Target;
  private readonly key: string;
  private readonly files: readonly string[];
  /** Epoch seconds at which the import, or the one that it continues, was started. */
  private readonly started: number;
  /** Files up to this one were taken before. */
  private readonly through: string | undefined;
  /** Files without a name that the note counts: a list may have their names now. */
  private readonly unnamedBefore: number;
  /** Files after `complete` that are finished, by index. */
  private readonly finished = new Set<number>();
  /** All files before this index are finished. */
  private complete = 0;
  private noted = 0;
  private hasNote: boolean;

  private constructor(target: Target, key: string, files: readonly string[], begun: Begun) {
    this.target = target;
    this.key = key;
    this.files = files;
    this.started = begun.started;
    this.through = begun.through;
    this.hasNote = begun.through !== undefined;
    this.unnamedBefore = begun.unnamed ?? 0;
  }

  static async open(
    target: Target,
    folder: string,
    files: readonly string[],
    { now, restart = false }: ImportOptions,
  ): Promise<Trail> {
    const hash = createHash('sha256').update(fs.realpathSync(folder)).digest('hex');
    const key = `import-whisper/${hash}`;
    if (restart) await target.putNote({ key });
    const { text: note } = await target.note({ key });
    const begun = note === undefined ? { started: now } : (JSON.parse(note) as Begun);
    return new Trail(target, key, files, begun);
  }

  /** Whether a file was taken before the stop, and has not changed since. */
  wasTaken(file: string, mtimeMs: number): boolean {
    if (this.unnamedBefore > 0 && hashInPath(file) !== undefined) return false;
    return this.through !== undefined && file <= this.through && mtimeMs < this.started * 1000;
  }

  finish(index: number): void {
    this.finished.add(index);
    while (this.finished.delete(this.complete)) this.complete += 1;
  }

  /** Where more is complete than was noted; `unnamed` as in the summary. */
  async note(unnamed: number): Promise<void> {
    if (this.complete <= this.noted) return;
    this.noted = this.complete;
    this.hasNote = true;
    const through = this.files[this.complete - 1]!; // at least one is complete
    const text = JSON.stringify({ started: this.started, through, unnamed } satisfies Begun);
    await this.target.putNote({ key: this.key, text });
  }

  async close(): Promise<void> {
    if (this.hasNote) await this.target.putNote({ key: this.key });
  }
}
