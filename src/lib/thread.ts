/**
 * Starts worker threads the same way from TypeScript sources (under tsx) and from the compiled
 * package. The entry is named without its ending: `startThread(import.meta.url, './worker', data)`
 * starts `worker.ts` or `worker.js`, whichever the caller itself is. Inside, `threadData<T>()`.
 */
import { Worker, workerData } from 'node:worker_threads';

export function startThread(callerUrl: string, entry: string, data: unknown): Worker {
  const fromSource = callerUrl.endsWith('.ts');
  const url = new URL(entry + (fromSource ? '.ts' : '.js'), callerUrl);
  // Without the process's own `--import tsx`: it would load a second time in the thread, for nothing.
  const options = { workerData: { entry: url.href, data }, execArgv: [] };
  return fromSource
    ? new Worker(new URL('./thread.mjs', import.meta.url), options)
    : new Worker(url, options);
}

/** What the starter passed as `data`. */
export function threadData<T>(): T {
  return (workerData as { data: T }).data;
}
