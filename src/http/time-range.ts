/**
 * `now`, `tz`, `from` and `until` of a request. The literal `undefined`, which Grafana's backend
 * sends when it has no range, counts as not given.
 */
import { UserError } from '../lib/errors.ts';
import { parseAtTime } from '../query/attime/attime.ts';
import { knownZone } from '../query/attime/zones.ts';
import type { Params } from './params.ts';

const DAY_SECONDS = 86_400;

export interface GivenRange {
  /** Epoch seconds. */
  now: number;
  /** IANA zone of words such as `yesterday`. */
  tz: string;
  from: number | undefined;
  until: number | undefined;
}

/** What was given; throws a `badRequest` sentence when a time cannot be read. */
export function readRange(params: Params, serverNow: number): GivenRange {
  const tz = knownZone(params.last('tz'));
  const read = (name: string, now: number): number | undefined => {
    const text = params.last(name);
    if (text === undefined || text === 'undefined') return undefined;
    return parseAtTime(text, now, tz);
  };
  const now = read('now', serverNow) ?? serverNow;
  return { now, tz, from: read('from', now), until: read('until', now) };
}

/** A window to render: the last day unless told otherwise, turned round when it stands reversed. */
export function renderRange(
  params: Params,
  serverNow: number,
): { now: number; tz: string; from: number; until: number } {
  const { now, tz, from = now - DAY_SECONDS, until = now } = readRange(params, serverNow);
  if (from === until) {
    throw new UserError('badRequest', 'from and until: the same time read, expected a range');
  }
  return { now, tz, from: Math.min(from, until), until: Math.max(from, until) };
}
