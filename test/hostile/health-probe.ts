/**
 * Asks `/health` again and again from a thread of its own, so that what its parent is busy with does
 * not count. Answers each message with the longest answer since the one before, in milliseconds.
 */
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { port } = workerData as { port: number };
const EVERY_MS = 3;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let longest = 0;
let since: number | undefined;

async function ask(): Promise<void> {
  since = performance.now();
  await new Promise<void>((resolve) => {
    http
      .get({ port, path: '/health', agent }, (answer) => {
        answer.resume().on('close', resolve);
      })
      .on('error', () => resolve());
  });
  longest = Math.max(longest, performance.now() - since);
  since = undefined;
}

parentPort!.on('message', () => {
  const open = since === undefined ? 0 : performance.now() - since;
  parentPort!.postMessage(Math.max(longest, open), []);
  longest = 0;
});
for (;;) {
  await ask();
  await delay(EVERY_MS);
}
