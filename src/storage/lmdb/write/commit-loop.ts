/**
 * The worker's queue: applies what has arrived, commits it in one transaction, answers; again. When
 * a commit fails it says so once, keeps the changes and tries again until the disk takes them.
 * Meanwhile requests wait, no more of them than write-queue.ts hands over.
 */
import { AssertionError } from 'node:assert';
import { UserError } from '../../../lib/errors.ts';
import { RetentionRules } from '../../retention/rules.ts';
import { MapFullError } from './headroom.ts';
import type { JobResult, NameChanges, Reply, Request, WriterStatus } from './messages.ts';
import type { Writer } from './writer.ts';

/** Requests taken into one transaction at most, so that an answer does not wait for many. */
const BATCH = 128;
export const RETRY_MS = 500;

/** The part of Writer that the loop drives. */
export type LoopWriter = Pick<
  Writer,
  | 'rules'
  | 'sketches'
  | 'apply'
  | 'applyDictionary'
  | 'importSeries'
  | 'register'
  | 'remove'
  | 'retain'
  | 'rename'
  | 'copyPart'
  | 'sweep'
  | 'end'
  | 'putRecord'
  | 'commit'
  | 'warnings'
  | 'lastDurableFlush'
  | 'limit'
  | 'pointsStored'
  | 'lateMerged'
  | 'corruptRecords'
>;

interface CommitLoopOptions {
  post: (reply: Reply) => void;
  /** Resolves when it is time to try a failed commit again. */
  retryLater: () => Promise<void>;
  /** Why new series are refused, one sentence; undefined while there is room. */
  lowRoom?: () => string | undefined;
  /** An error that is no failed commit: the writer can go on no more. */
  onBug: (error: unknown) => void;
  /** Called once, when everything was written or given up. */
  onClosed: () => void;
  /** Resolves once requests that arrived meanwhile are in the queue. */
  nextTurn: () => Promise<void>;
}

export class CommitLoop {
  private readonly writer: LoopWriter;
  private readonly options: CommitLoopOptions;
  private queue: Request[] = [];
  private state: 'idle' | 'running' | 'closing' | 'closed' = 'idle';
  private lastCommitMs = 0;

  constructor(writer: LoopWriter, options: CommitLoopOptions) {
    this.writer = writer;
    this.options = options;
  }

  get status(): WriterStatus {
    const { lastDurableFlush, limit, pointsStored, lateMerged, corruptRecords } = this.writer;
    const lowRoom = this.options.lowRoom?.();
    return {
      ...(lowRoom === undefined ? {} : { lowSpace: lowRoom }),
      lastDurableFlush,
      lastCommitMs: this.lastCommitMs,
      refusedSeries: limit.rejectedCount + this.writer.sketches.rejected,
      rejections: [
        ...limit.rejections(),
        { what: 'store.refused', reason: 'sketches', count: this.writer.sketches.rejected },
      ],
      pointsStored,
      lateMerged,
      corruptRecords,
    };
  }

  push(request: Request): void {
    this.queue.push(request);
    if (request.kind === 'close' && this.state !== 'closed') this.close();
    if (this.state === 'idle') this.start();
  }

  private close(): void {
    const running = this.state === 'running';
    this.state = 'closing';
    if (!running) this.start();
  }

  private start(): void {
    this.run().catch(this.options.onBug);
  }

  private async run(): Promise<void> {
    if (this.state === 'idle') this.state = 'running';
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, BATCH);
      const jobs = batch.map((request) => {
        return { job: request.job, result: this.apply(request) };
      });
      for (const message of this.writer.warnings.splice(0)) {
        this.options.post({ kind: 'log', level: 'warn', message });
      }
      const committed = await this.commit();
      if (committed === undefined) {
        for (const { job } of jobs) this.drop(job);
        continue;
      }
      this.options.post({
        kind: 'committed',
        jobs,
        changes: committed.changes,
        status: this.status,
      });
      await this.options.nextTurn();
    }
    if (this.state !== 'closing') {
      this.state = 'idle';
      return;
    }
    this.state = 'closed';
    this.options.onClosed();
  }

  private apply(request: Request): JobResult {
    const { writer } = this;
    switch (request.kind) {
      case 'batch':
        return writer.apply(request.batch, request.now);
      case 'register':
        return writer.register(request.name);
      case 'delete':
        return writer.remove(request.names);
      case 'retain':
        return writer.retain(request.changes, request.clean);
      case 'copy':
        return writer.copyPart(request.names);
      case 'sweep':
        return writer.sweep(request.names);
      case 'rename':
        return writer.rename(request.pairs);
      case 'dictionary':
        writer.applyDictionary(request);
        break;
      case 'import':
        writer.importSeries(request.info, request.archives);
        break;
      case 'record':
        writer.putRecord(request.key, request.text);
        break;
      case 'claim':
        break;
      case 'close':
        writer.end();
        break;
      case 'rules':
        writer.rules = RetentionRules.fromData(request.rules);
        writer.sketches.setSettings(request.sketches);
    }
    return undefined;
  }

  /** Tries until the disk takes the changes; undefined when the store closes before it does. */
  private async commit(): Promise<{ changes: NameChanges | undefined } | undefined> {
    for (;;) {
      const started = performance.now();
      try {
        const changes = this.writer.commit();
        this.lastCommitMs = performance.now() - started;
        return { changes };
      } catch (error) {
        if (isBug(error) || isSuperseded(error)) throw error;
        const reason = writeFault(error);
        this.options.post({ kind: 'failing', reason, status: this.status });
        if (this.state === 'closing') return undefined;
        await this.options.retryLater();
      }
    }
  }

  private drop(job: number): void {
    this.options.post({ kind: 'dropped', job, status: this.status });
  }
}

/** What a disk never throws: trying again would go on for ever. */
function isBug(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof AssertionError
  );
}

/** Another owner has the folder (fence.ts). */
function isSuperseded(error: unknown): boolean {
  return error instanceof UserError && error.code === 'dataDirTaken';
}

/** The start of a sentence. */
function writeFault(error: unknown): string {
  if (error instanceof MapFullError) return error.message;
  return `the disk refuses writes (${error instanceof Error ? error.message : String(error)})`;
}
