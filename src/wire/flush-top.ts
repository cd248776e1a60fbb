/** What was busiest in one flush, as it crosses from the ingest worker to main when that asks. */
import type { MetricKind } from './ingest-messages.ts';

interface BusyName {
  /** As sent, with its tags. */
  name: string;
  kind: MetricKind;
  /** What a counter counted, samples of a timer, members of a set, 1 for a gauge. */
  count: number;
}

export interface BusyPrefix {
  prefix: string;
  count: number;
  /** Names that are counted below it. */
  names: number;
}

export interface FlushTop {
  /** When the flush ended, epoch seconds; 0 before the first. */
  time: number;
  /** For how long it counted. */
  seconds: number;
  /** The busiest first. */
  names: BusyName[];
  prefixes: BusyPrefix[];
}
