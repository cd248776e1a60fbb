/** Stores what carbon's aggregation rules gathered, once an interval is over. */
import type { ReadyPoints } from '../intake/ready-points.ts';
import type { Job } from './job-runner.ts';

/** Aggregation rules count in whole seconds. */
const EVERY_MS = 1000;

export function dueAggregates(points: ReadyPoints): Job {
  return {
    name: 'due aggregates',
    everyMs: EVERY_MS,
    firstMs: EVERY_MS,
    failure: 'points not stored',
    run: (now) => points.storeDue(now),
  };
}
