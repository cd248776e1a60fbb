// Starts a worker thread from TypeScript sources: on Node 20 a Worker does not inherit tsx's loader,
// so this file registers it and then loads the real entry. The compiled package never loads this.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.entry);
