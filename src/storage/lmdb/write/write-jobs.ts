/**
 * Requests to the store worker that are not answered yet. Each is a job: a promise that resolves
 * when the effects are durable, and rejects when the data was given up or the worker is gone.
 */
import { UserError } from '../../../lib/errors.ts';
import { isFlush } from '../../../wire/sample-batch.ts';
import type { JobResult, Reply, Request } from './messages.ts';
import type { StoreWorker } from './store-worker.ts';
import { WriteQueue } from './write-queue.ts';

interface Job {
  isFlush: boolean;
  /** The stop itself, which changes nothing. */
  isClose: boolean;
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

interface WriteEvents {
  /** Called before the jobs that a reply answers are resolved; they and later replies wait for it. */
  onReply(reply: Reply): Promise<void> | undefined;
  /** The worker is gone for a reason of its own: nothing more will be stored. */
  onDead(error: Error, lostFlushes: number): void;
}

export class WriteJobs {
  /** Resolves when the worker has read what it needs. */
  readonly ready: Promise<void>;
  /** Flushes not yet durable. */
  pendingFlushes = 0;
  private readonly worker: StoreWorker;
  private readonly queue: WriteQueue;
  private readonly events: WriteEvents;
  private readonly jobs = new Map<number, Job>();
  /** A reply that takes long, and those behind it. */
  private taking: Promise<void> | undefined;
  private nextJob = 0;
  private isClosed = false;
  /** Given up since the close. */
  private readonly unwritten = { flushes: 0, others: 0 };
  /** Why the worker is gone. */
  private dead: Error | undefined;
  /** Unacknowledged when the worker went. */
  private lostFlushes = 0;

  constructor(worker: StoreWorker, maxPendingFlushes: number, events: WriteEvents) {
    this.worker = worker;
    this.events = events;
    this.queue = new WriteQueue({
      maxPendingFlushes,
      post: (request) => worker.post(request),
      onDropped: ({ job }) => this.giveUp(job),
    });
    this.ready = new Promise((resolve, reject) => {
      worker.onReply((reply) => {
        resolve();
        this.inOrder(() => this.take(reply));
      });
      void worker.ended.then((error) => {
        const ended = error ?? new Error('the store worker has ended');
        reject(ended);
        this.inOrder(() => this.fail(ended));
      });
    });
  }

  /** Flushes given up on this side of the worker. */
  get droppedFlushes(): number {
    return this.queue.droppedFlushes + this.lostFlushes;
  }

  ask(request: Request): Promise<JobResult> {
    if (this.isClosed) return Promise.reject(new Error('the store is closed'));
    if (this.dead !== undefined) return Promise.reject(this.dead);
    const job = ++this.nextJob;
    const ofFlush = request.kind === 'batch' && isFlush(request.batch);
    if (ofFlush) this.pendingFlushes += 1;
    return new Promise((resolve, reject) => {
      const isClose = request.kind === 'close';
      this.jobs.set(job, { isFlush: ofFlush, isClose, resolve, reject });
      this.queue.push({ ...request, job });
    });
  }

  /**
   * Resolves when all that was asked is answered and the worker has ended: to what was given up
   * because the disk did not take it.
   */
  async close(): Promise<{ flushes: number; others: number }> {
    const closing = this.ask({ kind: 'close', job: 0 }).catch(() => undefined);
    this.isClosed = true;
    await closing;
    await this.worker.ended;
    return this.unwritten;
  }

  private inOrder(step: () => Promise<void> | undefined): void {
    const done = this.taking === undefined ? step() : this.taking.then(step);
    if (done === undefined) return;
    this.taking = done;
    void done.then(() => {
      if (this.taking === done) this.taking = undefined;
    });
  }

  private take(reply: Reply): Promise<void> | undefined {
    const taken = this.events.onReply(reply);
    if (taken !== undefined) return taken.then(() => this.answer(reply));
    this.answer(reply);
    return undefined;
  }

  private answer(reply: Reply): void {
    if (reply.kind === 'dropped') {
      this.giveUp(reply.job);
      this.queue.answered(1);
    } else if (reply.kind === 'committed') {
      for (const { job, result } of reply.jobs) this.end(job)?.resolve(result);
      this.queue.answered(reply.jobs.length);
    }
  }

  private giveUp(number: number): void {
    const job = this.end(number);
    if (job === undefined) return;
    if (this.isClosed && !job.isClose) this.unwritten[job.isFlush ? 'flushes' : 'others'] += 1;
    job.reject(
      new UserError('storeBusy', 'the store gave up on data: the disk has not taken it for long'),
    );
  }

  private end(number: number): Job | undefined {
    const job = this.jobs.get(number);
    this.jobs.delete(number);
    if (job?.isFlush === true) this.pendingFlushes -= 1;
    return job;
  }

  private fail(error: Error): undefined {
    this.dead ??= error;
    const jobs = [...this.jobs.values()];
    const lost = this.pendingFlushes;
    this.jobs.clear();
    this.pendingFlushes = 0;
    for (const { reject } of jobs) reject(error);
    if (this.isClosed) return;
    this.lostFlushes = lost;
    this.events.onDead(error, lost);
  }
}
