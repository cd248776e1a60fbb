/**
 * Entry of the store worker: the thread that owns LMDB's one writer. Started by lmdb-store.ts,
 * speaks messages.ts.
 */
import { parentPort } from 'node:worker_threads';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { threadData } from '../../lib/thread.ts';
import { RetentionRules } from '../retention/rules.ts';
import { openEnvironment } from './environment.ts';
import type { Reply, Request, WorkerOptions } from './messages.ts';
import { RETRY_MS, WriteLoop } from './write-loop.ts';
import { Writer } from './writer.ts';

const port = parentPort!; // this file only runs in a worker
const options = threadData<WorkerOptions>();
const post = (reply: Reply): void => port.postMessage(reply);

// The library lets rejections of its own go unhandled beside the error of a failed commit.
process.on('unhandledRejection', (reason) => {
  post({ kind: 'log', level: 'warn', message: `store worker: ${String(reason)}` });
});

const environment = openEnvironment(options.dataDir, options.mapSizeBytes);
const rules = RetentionRules.fromData(options.rules);
const writer = new Writer(environment, rules, options.maxSeries);
const loop = new WriteLoop(writer, {
  maxPendingFlushes: options.maxPendingFlushes,
  post,
  retryLater: () => delay(RETRY_MS),
  nextTurn: () => turn(),
  onClosed: () => void environment.root.close().finally(() => port.close()),
});
port.on('message', (request: Request) => loop.push(request));
post({ kind: 'ready', status: loop.status });
