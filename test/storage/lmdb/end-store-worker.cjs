/** Loaded before a server (`--require`): SIGUSR2 ends its store worker, as a crash of it would. */
const threads = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');

let storeWorker;

threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, options);
    if (/lmdb\/worker\.[jt]s$/.test(options?.workerData?.entry ?? '')) storeWorker = this;
  }
};
syncBuiltinESMExports();
if (threads.isMainThread) process.on('SIGUSR2', () => void storeWorker?.terminate());
