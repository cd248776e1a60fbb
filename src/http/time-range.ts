/**
 * `now`, `tz`, `from` and `until` of a request. The literal `undefined`, which Grafana's backend
 * sends when it has no range, counts as not given.
 */
import { badRequest } from '../lib/errors.ts';
import { parseAtTime } from '../query/attime/attime.ts';
import { knownZone } from '../query/attime/zones.ts';
import type { Params } from './params.ts';

const DAY_SECONDS = 86_400;

interface TimeRange {
  /** Epoch seconds. */
  now: number;
  /** IANA zone of words such as `yesterday`. */
  tz: string;
  from: number | undefined;
  until: number | undefined;
}

/** Reads the range of a request; throws a `badRequest` sentence for a time that cannot be read. */
export function readRange(params: Params, serverNow: number): TimeRange {
  const tz = knownZone(params.last('tz'));
  const read = (name: string, now: number): number | undefined => {
    const text = params.last(name);
    if (text === undefined || text === 'undefined') return undefined;
    return parseAtTime(text, now, tz);
  };
  const now = read('now', serverNow) ?? serverNow;
  return { now, tz, from: read('from', now), until: read('until', now) };
}

/** A window to render: the last day by default; ends in the wrong order are swapped. */
export function renderRange(
  params: Params,
  serverNow: number,
): { now: number; tz: string; from: number; until: number } {
  const { now, tz, from = now - DAY_SECONDS, until = now } = readRange(params, serverNow);
  if (from === until) throw badRequest('from and until: the same time read, expected a range');
  return { now, tz, from: Math.min(from, until), until: Math.max(from, until) };
}
