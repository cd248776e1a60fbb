/** Deletes events past their time, and the first ones of too many. */
import type { EventLog } from '../intake/event-log.ts';
import type { Job } from './job-runner.ts';

const EVERY_MS = 600_000;

export function agedEvents(log: EventLog): Job {
  return {
    name: 'aged events',
    everyMs: EVERY_MS,
    firstMs: EVERY_MS,
    failure: 'idle series and old events not deleted',
    run: (now) => log.prune(now),
  };
}
