/**
 * What `GET /health` shows: one JSON object for people and probes. `daemon.ts` fills it; dropped
 * datagrams and bad lines only degrade the word, a failing store fails the probe.
 */
import type { Settings } from '../intake/settings.ts';
import type { Rejection } from '../rejections/rejections.ts';
import type { StoreHealth } from '../storage/roles.ts';
import type { Reason } from './reasons.ts';

export interface HealthReport {
  status: 'ok' | 'degraded' | 'failing';
  /** One sentence when not ok: all reasons. */
  reason?: string;
  /** Everything that is wrong, the gravest first, each with what to do. */
  reasons?: Reason[];
  version: string;
  uptimeSeconds: number;
  /** Epoch seconds of the last flush, 0 before the first. */
  lastFlush: number;
  receive: {
    datagrams: number;
    metrics: number;
    badLines: number;
    badLinesByReason: Record<string, number>;
    /** The last few bad lines, escaped. */
    lastBadLines: string[];
    /** Dropped by the kernel before we read them; null where the system does not tell. */
    kernelDrops: number | null;
    /** The senders that made most of the live metrics, as far as they are known. */
    sources?: { sender: string; metrics: number }[];
  };
  /**
   * What was rejected, by what it was and why, the newest first: how often, the last example
   * (escaped) with its time and sender, and what could be done.
   */
  refusals?: Rejection[];
  store: StoreHealth;
  /** Series deleted because no value came for as long as expireIdleSeries says. */
  expiredSeries?: number;
  /** Series whose retention is not that of the rules; absent until they were counted. */
  differingSeries?: number;
  /** Where the configuration and each kind of rules were read. */
  sources: Settings['sources'];
  /** What could be done, where nothing is wrong. */
  hint?: string;
  /** `packets`: datagrams, or reads of streams with a whole line; `series` is their history. */
  listeners: {
    name: string;
    address: string;
    packets: number;
    /** Datagrams: how they are received, and why not in a quicker way. */
    receiver?: string;
    series?: string;
  }[];
}

/** Whether a probe should send traffic elsewhere. */
export function isFailing({ status, store }: HealthReport): boolean {
  return status === 'failing' || store.state === 'failing' || store.state === 'closed';
}
