/**
 * The dialects of StatsD's line as small numbers, so that the hot path compares integers. The
 * dialect belongs to a listener: one grammar cannot serve all (test/conformance/statsd/DIALECTS.md).
 */
import type { Dialect } from '../../../config/dialects.ts';

/** StatsD bit for bit. */
export const DIALECT_STATSD = 0;
/** The same for every line that StatsD reads well, plus DogStatsD's fields and the tag styles. */
export const DIALECT_EXTENDED = 1;
/** As the Datadog agent reads it: no gauge deltas, no sanitising, unknown types refused. */
export const DIALECT_DOGSTATSD = 2;

const CODES: Record<Dialect, number> = {
  statsd: DIALECT_STATSD,
  extended: DIALECT_EXTENDED,
  dogstatsd: DIALECT_DOGSTATSD,
};

export function dialectCode(name: Dialect): number {
  return CODES[name];
}
