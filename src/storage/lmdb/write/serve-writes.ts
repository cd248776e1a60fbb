/**
 * Answers a store's requests (messages.ts) over a port, on the thread that is to write: the store
 * worker, or the caller's own where a thread is not worth its start.
 */
import { randomInt } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { RetentionRules } from '../../retention/rules.ts';
import type { Environment } from '../db/environment.ts';
import type { Reply, Request, WorkerOptions } from './messages.ts';
import { Fence } from './fence.ts';
import { Headroom } from './headroom.ts';
import { RETRY_MS, CommitLoop } from './commit-loop.ts';
import { Writer } from './writer.ts';

/** `onClosed` is called once, after the last answer. */
export function serveWrites(
  port: MessagePort,
  environment: Environment,
  options: WorkerOptions,
  onClosed: () => void,
): void {
  const post = (reply: Reply): void => port.postMessage(reply);
  const rules = RetentionRules.fromData(options.rules);
  const headroom = new Headroom(environment, options);
  const { maxSeries, prefixes } = options;
  const secret = randomInt(2 ** 31);
  const limits = {
    maxSeries,
    futureToleranceMs: options.futureToleranceMs,
    prefixes: prefixes === undefined ? prefixes : { ...prefixes, secret },
  };
  const guarded = headroom.guarded();
  const fence = new Fence(guarded, options.token);
  const writer = new Writer(guarded, rules, limits, options.sketches, fence);
  writer.limit.isLow = () => headroom.low !== undefined;
  const loop = new CommitLoop(writer, {
    lowRoom: () => headroom.low,
    post,
    retryLater: () => delay(RETRY_MS),
    nextTurn: () => turn(),
    onBug: (error) => {
      // Out of the promise, so that it ends the thread instead of going unhandled.
      setImmediate(() => {
        throw error;
      });
    },
    onClosed,
  });
  port.on('message', (request: Request) => loop.push(request));
  post({ kind: 'ready', status: loop.status });
}
