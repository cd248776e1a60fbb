/**
 * The embedded store, as the main thread sees it: names in memory, points read from LMDB, all
 * writing handed to the store worker. Layout and promises: ring/FORMAT.md.
 */
import fs from 'node:fs';
import { UserError } from '../../lib/errors.ts';
import type * as wire from '../../wire/sample-batch.ts';
import { canonicalName } from '../index/tagged-name.ts';
import type { NumberedNames } from '../index/series-refs.ts';
import type { RetentionRules } from '../retention/rules.ts';
import { NO_SKETCHES, type SketchSettings } from '../retention/sketch-rules.ts';
import type {
  Fetched,
  FetchedSketches,
  FindOptions,
  FoundNode,
  ImportedArchive,
  SeriesInfo,
  SeriesRef,
  SketchedRef,
  Store,
  StoreHealth,
  TagExpression,
  TagQuery,
  TagValue,
  VerifiedPart,
} from '../roles.ts';
import { backupEnvironment } from './check/backup.ts';
import { type DataDirLock, lockDataDir } from '../data-dir-lock.ts';
import { type Environment, fileBytesOf, openEnvironment } from './db/environment.ts';
import type { JobResult, Reply, Request, WorkerOptions, WriterStatus } from './write/messages.ts';
import { checkFormat } from './db/meta.ts';
import { WriteQueue } from './write/write-queue.ts';
import { Reader } from './read/reader.ts';
import { requireSound } from './check/sound-file.ts';
import { verifyPart } from './check/verify-part.ts';
import { Untagged } from '../index/untagged.ts';
import { RetentionChanges } from './migrate/retention-changes.ts';
import { type StoreWorker, startWriterHere, startWriterThread } from './write/store-worker.ts';

export interface LmdbStoreOptions {
  dataDir: string;
  rules: RetentionRules;
  /** Without it no sketches are kept. */
  sketches?: SketchSettings;
  /** Bytes of address space, and the most the data file may take. */
  mapSizeBytes: number;
  /** Free bytes on the disk below which new series are refused, but never over a twentieth of it. */
  diskHeadroomBytes?: number;
  /** Flushes kept in memory while the disk refuses them. */
  maxPendingFlushes: number;
  maxSeries: number;
  prefixes?: WorkerOptions['prefixes'];
  /** false: writes on the calling thread, which short-lived tools and tests prefer. */
  thread?: boolean;
  /** Called once when the writer is gone for a reason of its own: nothing is stored any more. */
  onDead?(sentence: string): void;
  onLog(level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void;
}

/** LMDB's limit on a key, less a byte. */
const RECORD_KEY_BYTES_MAX = 1977;

/** Some ten thousand new series. */
const DISK_HEADROOM_BYTES = 256 * 2 ** 20;

/** Waiting flushes from which the store calls itself behind. */
const BEHIND_FLUSHES = 3;

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
  const lock = await lockDataDir(dataDir);
  let environment: Environment | undefined;
  try {
    requireSound(dataDir);
    environment = openEnvironment(dataDir, options.mapSizeBytes);
    checkFormat(environment, dataDir);
    const store = new LmdbStore(options, lock, environment);
    await store.ready;
    return store;
  } catch (error) {
    await environment?.root.close();
    await lock.release();
    throw error;
  }
}

interface Job {
  isFlush: boolean;
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

export class LmdbStore implements Store {
  /** Resolves when the worker has read what it needs and names can be found. */
  readonly ready: Promise<void>;
  private readonly options: LmdbStoreOptions;
  private readonly lock: DataDirLock;
  private readonly environment: Environment;
  private readonly writer: StoreWorker;
  private readonly outbox: WriteQueue;
  private readonly reader: Reader;
  private readonly jobs = new Map<number, Job>();
  private nextJob = 0;
  /** Commits and deletions so far. */
  private visibleWrites = 0;
  private pendingFlushes = 0;
  private readonly changes: RetentionChanges;
  private readonly untagged: Untagged;
  /** Unacknowledged when the worker went. */
  private lostFlushes = 0;
  private backupRuns: Promise<unknown> | undefined;
  private sketches: SketchSettings;
  private state: 'ok' | 'failing' | 'closed' = 'ok';
  private reason = '';
  /** Why the worker is gone. */
  private dead: Error | undefined;
  private status: WriterStatus = {
    lastDurableFlush: 0,
    lastCommitMs: 0,
    droppedFlushes: 0,
    refusedSeries: 0,
    refusals: [],
    pointsStored: 0,
    lateMerged: 0,
    corruptRecords: 0,
  };

  /** Called by openLmdbStore. */
  constructor(options: LmdbStoreOptions, lock: DataDirLock, environment: Environment) {
    this.options = options;
    this.lock = lock;
    this.environment = environment;
    this.sketches = options.sketches ?? NO_SKETCHES;
    const { sketches } = this;
    this.reader = new Reader(environment, sketches.averagedTimers);
    this.changes = new RetentionChanges(environment, this.reader, {
      ask: (request) => this.ask(request),
      isOk: () => this.state === 'ok',
    });
    this.untagged = new Untagged(this, this.reader.catalogue);
    const { dataDir, rules, mapSizeBytes, maxPendingFlushes, maxSeries } = options;
    const data: WorkerOptions = {
      dataDir,
      rules: rules.toData(),
      sketches,
      mapSizeBytes,
      diskHeadroomBytes: options.diskHeadroomBytes ?? DISK_HEADROOM_BYTES,
      maxPendingFlushes,
      maxSeries,
      prefixes: options.prefixes,
    };
    this.writer =
      options.thread === false ? startWriterHere(environment, data) : startWriterThread(data);
    this.outbox = new WriteQueue({
      maxPendingFlushes,
      post: (request) => this.writer.post(request),
      onDropped: ({ job }) => this.giveUp(job),
    });
    this.ready = new Promise((resolve, reject) => {
      this.writer.onReply((reply) => {
        resolve();
        this.take(reply);
      });
      void this.writer.ended.then((error) => {
        const ended = error ?? new Error('the store worker has ended');
        reject(ended);
        this.fail(ended);
      });
    });
  }

  async append(batch: wire.FlushBatch): Promise<void> {
    await this.ask({ kind: 'batch', job: 0, batch });
  }

  async appendPoints(batch: wire.PointBatch, now: number): Promise<wire.PointReport> {
    const ids = new Int32Array(batch.names.length);
    const names: string[] = [];
    batch.names.forEach((name, i) => {
      const canonical = canonicalName(name);
      const id = this.reader.catalogue.get(canonical);
      ids[i] = id < 0 ? -1 - names.length : id;
      if (id < 0) names.push(canonical);
    });
    const { kind, names: _all, ...columns } = batch;
    return (await this.ask({ kind, job: 0, now, ids, names, ...columns })) as wire.PointReport;
  }

  async appendNumbered(
    { numbers, times, values }: wire.NumberedPoints,
    names: NumberedNames,
    now: number,
  ): Promise<wire.PointReport> {
    const columns = { ...names.resolve(numbers, this.reader.catalogue), times, values };
    return (await this.ask({ kind: 'points', job: 0, now, ...columns })) as wire.PointReport;
  }

  async importSeries(info: SeriesInfo, archives: ImportedArchive[]): Promise<void> {
    // Points are put where they belong by their archive, which takes one place.
    const name = canonicalName(info.name);
    await this.changes.settle(name);
    await this.ask({ kind: 'import', job: 0, info, archives });
  }

  async lastGauges(): Promise<{ names: string[]; values: Float64Array }> {
    return this.reader.lastGauges();
  }

  /** Rules for series that are new from now on; known ones stay as they are, as in carbon. */
  setRules(rules: RetentionRules, sketches = this.sketches): void {
    this.sketches = sketches;
    this.reader.sketches.averagedTimers = sketches.averagedTimers;
    // Whatever keeps the writer from them is told by health and by the next append.
    this.ask({ kind: 'rules', job: 0, rules: rules.toData(), sketches }).catch(() => {});
  }

  find(pattern: string, options?: FindOptions): FoundNode[] {
    return this.reader.catalogue.find(pattern, options);
  }

  lookup(name: string): SeriesRef | undefined {
    return this.reader.catalogue.lookup(name);
  }

  allNames(): string[] {
    return this.reader.catalogue.allNames();
  }

  info(id: number): SeriesInfo | undefined {
    return this.reader.info(id);
  }

  newestTimes(id: number): number[] {
    return this.reader.newestTimes(id);
  }

  findTagged(expressions: TagExpression[]): SeriesRef[] {
    return this.reader.catalogue.findTagged(expressions);
  }

  tagNames(query: TagQuery): string[] {
    return this.reader.catalogue.tagNames(query);
  }

  tagValues(tag: string, query: TagQuery): TagValue[] {
    return this.reader.catalogue.tagValues(tag, query);
  }

  async tagSeries(name: string): Promise<boolean> {
    const canonical = canonicalName(name);
    const ended = await this.untagged.end([canonical]);
    if (this.reader.catalogue.get(canonical) >= 0) return ended > 0;
    return (await this.ask({ kind: 'register', job: 0, name: canonical })) as boolean;
  }

  async untag(names: string[], now: number): Promise<number> {
    return this.untagged.untag(names, now);
  }

  async delete(names: string[]): Promise<number> {
    const canonical = names.map(canonicalName);
    // At once, so that points that follow find the name unknown and make it anew.
    for (const name of canonical) this.reader.forget(name);
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

  /** As RetentionChanges.sweep; done by itself at the start and every minute while it works. */
  sweep(): Promise<void> {
    return this.changes.sweep();
  }

  async rename(pairs: { from: string; to: string }[]): Promise<number> {
    const canonical = pairs.map(({ from, to }) => {
      return { from: canonicalName(from), to: canonicalName(to) };
    });
    // At once, so that points that follow find the old name unknown and make it anew.
    for (const { from } of canonical) this.reader.forget(from);
    this.visibleWrites += 1;
    return (await this.ask({ kind: 'rename', job: 0, pairs: canonical })) as number;
  }

  /** A walk over all series by id, without sorting their names. */
  seriesFrom(id: number, count: number): { series: SeriesRef[]; next: number | undefined } {
    return this.reader.catalogue.seriesFrom(id, count);
  }

  lastSeen(id: number): number {
    return this.reader.lastSeen(id);
  }

  fetch(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(Fetched | undefined)[]> {
    return this.reader.fetch(ids, from, until, now);
  }

  findSketched(pattern: string, options?: FindOptions): SketchedRef[] {
    return this.reader.sketches.find(pattern, options);
  }

  findSketchedByTags(expressions: TagExpression[]): SketchedRef[] {
    return this.reader.sketches.findByTags(expressions);
  }

  fetchSketches(
    ids: readonly number[],
    from: number,
    until: number,
    now: number,
  ): Promise<(FetchedSketches | undefined)[]> {
    return this.reader.sketches.fetch(ids, from, until, now);
  }

  /** Rejects with `badRequest` for an empty key or one that is too long. */
  async putRecord(key: string, text: string | undefined): Promise<void> {
    const bytes = Buffer.byteLength(key);
    if (bytes === 0 || bytes > RECORD_KEY_BYTES_MAX) {
      throw new UserError(
        'badRequest',
        `record key of ${bytes} bytes, expected 1 to ${RECORD_KEY_BYTES_MAX}`,
      );
    }
    await this.ask({ kind: 'record', job: 0, key, text });
  }

  listRecords(prefix: string): { key: string; text: string }[] {
    const { records, root } = this.environment;
    root.resetReadTxn();
    const found: { key: string; text: string }[] = [];
    for (const { key, value } of records.getRange({ start: Buffer.from(prefix) })) {
      const name = Buffer.from(key).toString('utf8');
      if (!name.startsWith(prefix)) break;
      found.push({ key: name, text: Buffer.from(value).toString('utf8') });
    }
    root.resetReadTxn();
    return found;
  }

  /** Part of `verify` on a store that goes on; see StoreAdmin. */
  async verifyPart(after?: string): Promise<VerifiedPart> {
    return verifyPart(this.environment, after);
  }

  /** Throws `storeBusy` while another backup runs, else as backupEnvironment. */
  async backup(file: string): Promise<{ bytes: number }> {
    if (this.state === 'closed') throw new Error('the store is closed');
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

  revision(): number {
    return this.visibleWrites;
  }

  health(): StoreHealth {
    const { catalogue, corruptRecords, sketches } = this.reader;
    const { lowRoom, ...status } = this.status;
    const behind = this.state === 'ok' && this.pendingFlushes >= BEHIND_FLUSHES;
    const reason = behind
      ? `${this.pendingFlushes} flushes wait for the disk, the last commit took ` +
        `${Math.round(this.status.lastCommitMs)} ms`
      : this.reason || (lowRoom === undefined ? '' : `${lowRoom}: new series are refused`);
    return {
      ...status,
      state: behind ? 'behind' : this.state,
      ...(reason === '' ? {} : { reason }),
      seriesCount: catalogue.size,
      pendingFlushes: this.pendingFlushes,
      droppedFlushes: this.status.droppedFlushes + this.outbox.droppedFlushes + this.lostFlushes,
      fileBytes: fileBytesOf(this.options.dataDir),
      corruptRecords: this.status.corruptRecords + corruptRecords + sketches.corruptRecords,
    };
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    const closing = this.ask({ kind: 'close', job: 0 }).catch(() => undefined);
    this.state = 'closed';
    this.reason = 'the store is closed';
    await closing;
    await this.writer.ended;
    await this.backupRuns?.catch(() => {}); // whoever asked for it is told
    await this.environment.root.close();
    await this.lock.release();
  }

  private ask(request: Request): Promise<JobResult> {
    if (this.state === 'closed') return Promise.reject(new Error('the store is closed'));
    if (this.dead !== undefined) return Promise.reject(this.dead);
    const job = ++this.nextJob;
    const isFlush = request.kind === 'batch';
    if (isFlush) this.pendingFlushes += 1;
    return new Promise((resolve, reject) => {
      this.jobs.set(job, { isFlush, resolve, reject });
      this.outbox.push({ ...request, job });
    });
  }

  private take(reply: Reply): void {
    if (reply.kind === 'log') {
      this.options.onLog(reply.level, reply.message);
      return;
    }
    this.status = reply.status;
    if (reply.kind === 'failing') this.setFailing(reply.reason);
    else if (reply.kind === 'dropped') {
      this.giveUp(reply.job);
      this.outbox.answered(1);
    } else if (reply.kind === 'committed') {
      if (reply.changes !== undefined) this.reader.apply(reply.changes);
      this.reader.forgetRead();
      this.visibleWrites += 1;
      this.setWorking();
      for (const { job, result } of reply.jobs) this.settle(job)?.resolve(result);
      this.outbox.answered(reply.jobs.length);
    }
    if (reply.kind === 'committed' || reply.kind === 'ready') this.changes.sweepSoon();
  }

  private giveUp(job: number): void {
    this.settle(job)?.reject(
      new UserError('storeBusy', 'the store gave up on data: the disk has not taken it for long'),
    );
  }

  private settle(number: number): Job | undefined {
    const job = this.jobs.get(number);
    this.jobs.delete(number);
    if (job?.isFlush === true) this.pendingFlushes -= 1;
    return job;
  }

  private setFailing(reason: string): void {
    if (this.state !== 'ok') return;
    this.state = 'failing';
    this.reason = `${reason}, flushes wait in memory`;
    this.options.onLog('error', this.reason, { dataDir: this.options.dataDir });
  }

  private setWorking(): void {
    if (this.state !== 'failing') return;
    this.state = 'ok';
    this.reason = '';
    this.options.onLog('info', 'the disk takes writes again', { dataDir: this.options.dataDir });
  }

  /** The worker is gone: nothing more will be stored. */
  private fail(error: Error): void {
    this.dead ??= error;
    const jobs = [...this.jobs.values()];
    const lost = this.pendingFlushes;
    this.jobs.clear();
    this.pendingFlushes = 0;
    for (const { reject } of jobs) reject(error);
    if (this.state === 'closed') return;
    this.lostFlushes = lost;
    this.state = 'failing';
    this.reason =
      `the store worker failed, nothing is stored until a restart: ${error.message}` +
      (lost > 0 ? `; ${lost} flushes that were not acknowledged are lost` : '');
    this.options.onLog('error', this.reason, { dataDir: this.options.dataDir });
    this.options.onDead?.(this.reason);
  }
}
