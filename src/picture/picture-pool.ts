/**
 * A few threads that draw, so that whoever answers requests goes on. Threads start when there is
 * something to draw. Pictures wait in their order, bounded in number and bytes: who comes when the
 * queue is full waits at its door, holding what it has computed, and one that nobody wants any more
 * is not drawn. A picture that takes too long ends with its thread.
 */
import type { Worker } from 'node:worker_threads';
import { UserError } from '../lib/errors.ts';
import { startThread } from '../lib/thread.ts';
import type { PictureRequest } from './draw-picture.ts';
import type { DrawnMessage } from './messages.ts';

interface PoolLimits {
  threads: number;
  /** Pictures that wait, and bytes of their datapoints. */
  waiting: number;
  waitingBytes: number;
  /** Time for drawing one, milliseconds. */
  drawMs: number;
}

interface Job {
  request: PictureRequest;
  bytes: number;
  isWanted(): boolean;
  resolve(picture: Uint8Array): void;
  reject(error: Error): void;
}

export class PicturePool {
  /** Pictures drawn, and those that nobody waited for any more. */
  drawn = 0;
  abandoned = 0;
  private readonly limits: PoolLimits;
  private readonly queue: Job[] = [];
  private queuedBytes = 0;
  private readonly idle: Worker[] = [];
  /** By thread, what ends the picture that it draws. */
  private readonly threads = new Map<Worker, (result: Error) => void>();
  private readonly atDoor: (() => void)[] = [];
  private isClosed = false;

  constructor(limits: PoolLimits) {
    this.limits = limits;
  }

  /**
   * Resolves when the picture has a place in the queue; `picture` then resolves to its bytes, or
   * rejects with a `UserError`.
   */
  async enter(
    request: PictureRequest,
    isWanted: () => boolean,
  ): Promise<{ picture: Promise<Uint8Array> }> {
    const bytes = request.series.reduce((sum, { values }) => sum + values.byteLength, 0);
    while (!this.hasPlace(bytes)) await new Promise<void>((resolve) => this.atDoor.push(resolve));
    const picture = new Promise<Uint8Array>((resolve, reject) => {
      this.queue.push({ request, bytes, isWanted, resolve, reject });
    });
    // Whoever entered may not listen yet.
    picture.catch(() => {});
    this.queuedBytes += bytes;
    this.next();
    return { picture };
  }

  /** Ends all threads; pictures under way are not finished. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const job of this.queue.splice(0)) job.reject(closing());
    for (const knock of this.atDoor.splice(0)) knock();
    await Promise.all([...this.threads.keys()].map((thread) => thread.terminate()));
  }

  private hasPlace(bytes: number): boolean {
    const { waiting, waitingBytes } = this.limits;
    if (this.isClosed) throw closing();
    if (this.queue.length === 0) return true;
    return this.queue.length < waiting && this.queuedBytes + bytes <= waitingBytes;
  }

  private next(): void {
    while (this.queue.length > 0) {
      const thread = this.idle.pop() ?? this.newThread();
      if (thread === undefined) return;
      const job = this.queue.shift()!; // length > 0
      this.queuedBytes -= job.bytes;
      this.atDoor.shift()?.();
      if (job.isWanted()) {
        this.draw(thread, job);
        continue;
      }
      this.abandoned += 1;
      job.reject(new UserError('abandoned', 'the picture was given up by its sender'));
      this.idle.push(thread);
    }
  }

  private newThread(): Worker | undefined {
    if (this.threads.size >= this.limits.threads || this.isClosed) return undefined;
    const thread = startThread(import.meta.url, './worker', undefined);
    this.threads.set(thread, () => {});
    thread.unref();
    thread.on('error', (error) => this.threads.get(thread)?.(error));
    thread.once('exit', () => {
      this.threads.get(thread)?.(
        this.isClosed ? closing() : new Error('a thread of pictures ended'),
      );
      this.threads.delete(thread);
      if (this.idle.includes(thread)) this.idle.splice(this.idle.indexOf(thread), 1);
      this.next();
    });
    return thread;
  }

  private draw(thread: Worker, job: Job): void {
    const { drawMs } = this.limits;
    const timer = setTimeout(() => {
      const sentence = `the picture took over ${drawMs} ms to draw: ask for a smaller one`;
      end(new UserError('overLimit', sentence));
      void thread.terminate();
    }, drawMs);
    const end = (result: Uint8Array | Error): void => {
      clearTimeout(timer);
      thread.off('message', onMessage);
      this.threads.set(thread, () => {});
      if (result instanceof Error) job.reject(result);
      else job.resolve(result);
    };
    const onMessage = (message: DrawnMessage): void => {
      this.drawn += 1;
      end(resultOf(message));
      this.idle.push(thread);
      this.next();
    };
    this.threads.set(thread, end);
    thread.once('message', onMessage);
    thread.postMessage(job.request, []);
  }
}

function resultOf(message: DrawnMessage): Uint8Array | Error {
  if (message.kind === 'drawn') return message.bytes;
  if (message.kind === 'rejected') return new UserError(message.code, message.sentence);
  return Object.assign(new Error('a picture could not be drawn'), { stack: message.stack });
}

function closing(): UserError {
  return new UserError('busy', 'the server stops: no more pictures are drawn');
}
