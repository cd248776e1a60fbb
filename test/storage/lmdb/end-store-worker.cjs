/**
 * Loaded before a server (`--require`), in all of its threads: SIGUSR2 makes the store worker fail on
 * an error that nobody caught. Between two turns: a thread that is ended from outside in the middle
 * of a transaction waits for LMDB's lock, its own, and would never end.
 */
const threads = require('node:worker_threads');

const NAME = 'end-store-worker';

if (threads.isMainThread) {
  const channel = new threads.BroadcastChannel(NAME);
  channel.unref();
  process.on('SIGUSR2', () => channel.postMessage('end', []));
} else if (/lmdb\/write\/worker\.[jt]s$/.test(threads.workerData?.entry ?? '')) {
  const channel = new threads.BroadcastChannel(NAME);
  channel.unref();
  channel.addEventListener('message', () => {
    setImmediate(() => {
      throw new Error('ended by a test');
    });
  });
}
