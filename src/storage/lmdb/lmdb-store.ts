/**
 * The embedded store, as the main thread sees it: the reading side joined to the jobs of the store
 * worker, which does all writing. Layout and promises: ring/FORMAT.md.
 */
import fs from 'node:fs';
import { UserError } from '../../lib/errors.ts';
import { inTurns } from '../../lib/in-turns.ts';
import { newestTime, type SampleBatch, type SampleReport } from '../../wire/sample-batch.ts';
import { canonicalName, lookupName, requireName } from '../../wire/series-name.ts';
import type { RetentionRules } from '../retention/rules.ts';
import { NO_SKETCHES, type SketchSettings } from '../retention/sketch-rules.ts';
import type { ImportedArchive, SeriesInfo, Store, StoreHealth, VerifiedPart } from '../roles.ts';
import { backupEnvironment } from './check/backup.ts';
import { type DataDirLock, lockDataDir } from '../data-dir-lock.ts';
import {
  diskFreeBytesOf,
  type Environment,
  fileBytesOf,
  openEnvironment,
} from './db/environment.ts';
import type { JobResult, Reply, Request, WorkerOptions } from './write/messages.ts';
import { isOfFormat, putFormat } from './db/meta.ts';
import { requireRecordKey } from './db/records.ts';
import { WriteHealth } from './write/write-health.ts';
import { WriteJobs } from './write/write-jobs.ts';
import { LmdbStoreReader } from './read/store-reader.ts';
import { requireSound } from './check/sound-file.ts';
import { verifyPart } from './check/verify-part.ts';
import { Untagged } from '../index/untagged.ts';
import { bindNames } from './migrate/bind-names.ts';
import { bringNamesToForm } from './migrate/name-forms.ts';
import { RetentionChanges } from './migrate/retention-changes.ts';
import { startWriterHere, startWriterThread } from './write/store-worker.ts';
import { counted } from '../../lib/counted.ts';

export interface LmdbStoreOptions {
  dataDir: string;
  rules: RetentionRules;
  /** Without it no sketches are kept. */
  sketches?: SketchSettings;
  /** Bytes of address space, and the most the data file may take. */
  mapSizeBytes: number;
  /**
   * Free bytes on the disk below which new series are refused, but never over a twentieth of it.
   */
  diskHeadroomBytes?: number;
  /** Flushes kept in memory while the disk refuses them. */
  maxPendingFlushes: number;
  maxSeries: number;
  /** Milliseconds that ready-made points may be ahead of the clock; without it: one step. */
  futureToleranceMs?: number;
  prefixes?: WorkerOptions['prefixes'];
  /**
   * A server waits for an owner that may be about to end, and keeps the one before from writing; a
   * verb asks an owner that lives.
   */
  isServer?: boolean;
  /** false: writes on the calling thread, which short-lived tools and tests prefer. */
  thread?: boolean;
  /** Called once when the writer is gone for a reason of its own: nothing is stored any more. */
  onDead?(sentence: string): void;
  onLog(level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void;
}

/** Some ten thousand new series. */
const DISK_HEADROOM_BYTES = 256 * 2 ** 20;

/**
 * Opens or creates the store of a data folder. Rejects with `dataDirTaken` while another process
 * has it, `badFile` when it cannot be opened or a newer tallyd wrote it.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<LmdbStore> {
  const { dataDir } = options;
  try {
    fs.mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError('badFile', `data folder ${dataDir} cannot be made: ${reason}`);
  }
  const isServer = options.isServer === true;
  const lock = await lockDataDir(dataDir, {
    isPatient: isServer,
    onWait: (sentence) => options.onLog('info', sentence),
  });
  let environment: Environment | undefined;
  try {
    requireSound(dataDir);
    environment = openEnvironment(dataDir, options.mapSizeBytes);
    if (!isOfFormat(environment, dataDir)) {
      await bringToFormat(environment, options);
    }
    const store = new LmdbStore(options, lock, environment);
    await store.ready;
    const { corruptRecords } = store.health();
    if (corruptRecords > 0) {
      const sentence = `${counted(corruptRecords, 'record of a name is', 'records of names are')} damaged, series are missing`;
      options.onLog('warn', `${sentence}: see what with "tallyd verify"`, { dataDir });
    }
    if (isServer) store.claim();
    return store;
  } catch (error) {
    await environment?.root.close();
    await lock.release();
    throw error;
  }
}

/** What is done stays done where it fails, and the next start goes on. */
async function bringToFormat(environment: Environment, options: LmdbStoreOptions): Promise<void> {
  const { dataDir, rules, onLog } = options;
  try {
    await bringNamesToForm(environment, rules, (message) => onLog('info', message, { dataDir }));
    await bindNames(environment);
    putFormat(environment);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      'badFile',
      `data folder ${dataDir} cannot be brought to the format of this tallyd: ${reason}`,
    );
  }
}

export class LmdbStore extends LmdbStoreReader implements Store {
  private readonly options: LmdbStoreOptions;
  private readonly lock: DataDirLock;
  private readonly jobs: WriteJobs;
  private readonly writing: WriteHealth;
  private readonly changes: RetentionChanges;
  private readonly untagged: Untagged;
  private sketchSettings: SketchSettings;
  private backupRuns: Promise<unknown> | undefined;

  /** Called by openLmdbStore. */
  constructor(options: LmdbStoreOptions, lock: DataDirLock, environment: Environment) {
    const sketches = options.sketches ?? NO_SKETCHES;
    super(environment, sketches.averagedTimers);
    const { dataDir, rules, mapSizeBytes, maxPendingFlushes, maxSeries } = options;
    this.options = options;
    this.lock = lock;
    this.sketchSettings = sketches;
    this.writing = new WriteHealth((level, message) => options.onLog(level, message, { dataDir }));
    this.changes = new RetentionChanges(environment, this, {
      ask: (request) => this.ask(request),
      isOk: () => this.writing.state === 'ok',
    });
    this.untagged = new Untagged(this, this.catalogue);
    const data: WorkerOptions = {
      dataDir,
      token: lock.token,
      rules: rules.toData(),
      sketches,
      mapSizeBytes,
      diskHeadroomBytes: options.diskHeadroomBytes ?? DISK_HEADROOM_BYTES,
      maxPendingFlushes,
      maxSeries,
      futureToleranceMs: options.futureToleranceMs,
      prefixes: options.prefixes,
    };
    const worker =
      options.thread === false ? startWriterHere(environment, data) : startWriterThread(data);
    this.jobs = new WriteJobs(worker, maxPendingFlushes, {
      onReply: (reply) => this.take(reply),
      onDead: (error, lost) => options.onDead?.(this.writing.dead(error, lost)),
    });
  }

  /** Resolves when the worker has read what it needs and names can be found. */
  get ready(): Promise<void> {
    return this.jobs.ready;
  }

  /** From the commit of it on, an owner before this one can write no more. */
  claim(): void {
    // Whatever keeps the writer from it is told by health and by the next append.
    this.ask({ kind: 'claim', job: 0 }).catch(() => {});
  }

  async append(batch: SampleBatch, now = newestTime(batch)): Promise<SampleReport> {
    return (await this.ask({ kind: 'batch', job: 0, now, batch })) as SampleReport;
  }

  async importSeries(info: SeriesInfo, archives: ImportedArchive[]): Promise<void> {
    // Points are put where they belong by their archive, which takes one retention.
    const name = requireName(info.name);
    await this.changes.keepOneRetention(name);
    await this.ask({ kind: 'import', job: 0, info: { ...info, name }, archives });
  }

  /** Rules for series that are new from now on; known ones stay as they are, as in carbon. */
  setRules(rules: RetentionRules, sketches = this.sketchSettings): void {
    this.sketchSettings = sketches;
    this.sketches.averagedTimers = sketches.averagedTimers;
    // Whatever keeps the writer from them is told by health and by the next append.
    this.ask({ kind: 'rules', job: 0, rules: rules.toData(), sketches }).catch(() => {});
  }

  async tagSeries(name: string): Promise<boolean> {
    const canonical = requireName(name);
    const ended = await this.untagged.end([canonical]);
    if (this.catalogue.get(canonical) >= 0) return ended > 0;
    return (await this.ask({ kind: 'register', job: 0, name: canonical })) as boolean;
  }

  async untag(names: string[], now: number): Promise<number> {
    return this.untagged.untag(names, now);
  }

  async delete(names: string[]): Promise<number> {
    const canonical = names.map(lookupName);
    // At once, so that points that follow find the name unknown and make it anew.
    for (const name of canonical) this.forget(name);
    this.visibleWrites += 1;
    return (await this.ask({ kind: 'delete', job: 0, names: canonical })) as number;
  }

  async retain(changes: SeriesInfo[], options: { rewrite?: boolean } = {}): Promise<number> {
    return this.changes.retain(changes, options.rewrite === true);
  }

  /** Series whose retention was changed since the start. */
  get retained(): number {
    return this.changes.retained;
  }

  /** As RetentionChanges.sweep, which is called at the start and every minute anyway. */
  sweep(): Promise<void> {
    return this.changes.sweep();
  }

  async rename(pairs: { from: string; to: string }[]): Promise<number> {
    const canonical = pairs.flatMap(({ from, to }) => {
      const name = canonicalName(to);
      return name === undefined ? [] : { from: lookupName(from), to: name };
    });
    // At once, so that points that follow find the old name unknown and make it anew.
    for (const { from } of canonical) this.forget(from);
    this.visibleWrites += 1;
    return (await this.ask({ kind: 'rename', job: 0, pairs: canonical })) as number;
  }

  /** Rejects with `badRequest` for an empty key or one that is too long. */
  async putRecord(key: string, text: string | undefined): Promise<void> {
    requireRecordKey(key);
    await this.ask({ kind: 'record', job: 0, key, text });
  }

  /** Part of `verify` on a store that goes on; see StoreAdmin. */
  async verifyPart(after?: string): Promise<VerifiedPart> {
    return verifyPart(this.environment, after);
  }

  /** Throws `storeBusy` while another backup runs, else as backupEnvironment. */
  async backup(file: string): Promise<{ bytes: number }> {
    if (this.writing.state === 'closed') throw new Error('the store is closed');
    if (this.backupRuns !== undefined) {
      throw new UserError('storeBusy', 'another backup is running, expected one at a time');
    }
    const backup = backupEnvironment(this.environment, file);
    this.backupRuns = backup;
    try {
      return await backup;
    } finally {
      this.backupRuns = undefined;
    }
  }

  health(): StoreHealth {
    const { dataDir } = this.options;
    return this.healthBeside(fileBytesOf(dataDir), diskFreeBytesOf(dataDir));
  }

  progress(): Pick<StoreHealth, 'pendingFlushes' | 'lastDurableFlush'> {
    const { lastDurableFlush } = this.writing.status;
    return { pendingFlushes: this.jobs.pendingFlushes, lastDurableFlush };
  }

  private healthBeside(fileBytes: number, diskFreeBytes: number | undefined): StoreHealth {
    const { catalogue, corruptRecords, sketches } = this;
    const { pendingFlushes, droppedFlushes } = this.jobs;
    return this.writing.report({
      seriesCount: catalogue.size,
      pendingFlushes,
      droppedFlushes,
      fileBytes,
      diskFreeBytes,
      corruptRecords: corruptRecords + sketches.corruptRecords,
      searchBytes: catalogue.searchBytes,
    });
  }

  async close(): Promise<void> {
    if (this.writing.state === 'closed') return;
    const closing = this.jobs.close();
    const { reason } = this.healthBeside(0, undefined);
    this.writing.closed();
    const { flushes, others } = await closing;
    if (flushes + others > 0) {
      this.options.onLog(
        'error',
        `${counted(flushes, 'flush', 'flushes')} and ${counted(others, 'other change')} were not written before the stop` +
          (reason === undefined ? '' : `: ${reason}`),
        { dataDir: this.options.dataDir },
      );
    }
    await this.backupRuns?.catch(() => {}); // whoever asked for it is told
    await this.environment.root.close();
    await this.lock.release();
  }

  private ask(request: Request): Promise<JobResult> {
    return this.jobs.ask(request);
  }

  /** A commit with many new names is taken over in turns with whoever reads meanwhile. */
  private take(reply: Reply): Promise<void> | undefined {
    if (reply.kind === 'committed' && reply.changes !== undefined) {
      const applying = inTurns(this.applying(reply.changes, reply.status.lastDurableFlush));
      if (applying instanceof Promise) return applying.then(() => this.note(reply));
    }
    this.note(reply);
    return undefined;
  }

  private note(reply: Reply): void {
    if (reply.kind === 'log') {
      this.options.onLog(reply.level, reply.message);
      return;
    }
    this.writing.status = reply.status;
    if (reply.kind === 'failing') this.writing.failing(reply.reason);
    else if (reply.kind === 'committed') {
      this.forgetRead();
      this.visibleWrites += 1;
      this.writing.working();
    }
    if (reply.kind === 'committed' || reply.kind === 'ready') this.changes.sweepSoon();
  }
}
