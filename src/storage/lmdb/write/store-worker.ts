/** The store's way to its writer: a worker thread, or a port on the same thread. */
import { MessageChannel } from 'node:worker_threads';
import { startThread } from '../../../lib/thread.ts';
import type { Environment } from '../db/environment.ts';
import type { Reply, Request, WorkerOptions } from './messages.ts';
import { serveWrites } from './serve-writes.ts';

export interface StoreWorker {
  post(request: Request): void;
  onReply(listener: (reply: Reply) => void): void;
  /** Resolves when the writer has ended: to the error when it was not told to. */
  ended: Promise<Error | undefined>;
}

/** A thread of its own: commits never hold up the caller. */
export function startWriterThread(options: WorkerOptions): StoreWorker {
  const worker = startThread(import.meta.url, './worker', options);
  return {
    post: (request) => worker.postMessage(request, []),
    onReply: (listener) => void worker.on('message', listener),
    ended: new Promise((resolve) => {
      worker.once('error', resolve);
      worker.once('exit', (code) => {
        resolve(code === 0 ? undefined : new Error(`the store worker ended with code ${code}`));
      });
    }),
  };
}

/** The caller's thread, which every commit holds up. */
export function startWriterHere(environment: Environment, options: WorkerOptions): StoreWorker {
  const { port1: here, port2: there } = new MessageChannel();
  const link: StoreWorker = {
    post: (request) => here.postMessage(request, []),
    onReply: (listener) => void here.on('message', listener),
    ended: new Promise((resolve) => here.once('close', () => resolve(undefined))),
  };
  serveWrites(there, environment, options, () => there.close());
  return link;
}
