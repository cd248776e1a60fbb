/** Entry of the store worker: the thread that owns LMDB's one writer. Started by store-worker.ts. */
import { parentPort } from 'node:worker_threads';
import { threadData } from '../../../lib/thread.ts';
import { openEnvironment } from '../db/environment.ts';
import type { Reply, WorkerOptions } from './messages.ts';
import { serveWrites } from './serve-writes.ts';

const port = parentPort!; // this file only runs in a worker
const options = threadData<WorkerOptions>();

// The library lets rejections of its own go unhandled beside the error of a failed commit.
process.on('unhandledRejection', (reason) => {
  const message = `store worker: ${String(reason)}`;
  port.postMessage({ kind: 'log', level: 'warn', message } satisfies Reply);
});

const environment = openEnvironment(options.dataDir, options.mapSizeBytes);
serveWrites(port, environment, options, () => {
  void environment.root.close().finally(() => port.close());
});
