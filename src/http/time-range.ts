/**
 * `now`, `tz`, `from` and `until` of a request. The literal `undefined`, which Grafana's backend
 * sends when it has no range, counts as not given.
 */
import { badRequest } from '../lib/errors.ts';
import { LAST_SECOND, utcText } from '../lib/last-second.ts';
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

/** What a request's times are read by. */
export interface Clock {
  /** The server's, epoch seconds. */
  now: number;
  /** The zone of a request that names none. */
  timeZone: string;
}

/**
 * Reads the range of a request; throws a `badRequest` sentence for a time that cannot be read.
 * `none` are the texts that stand for no time.
 */
export function readRange(
  params: Params,
  { now: serverNow, timeZone }: Clock,
  none = ['undefined'],
): TimeRange {
  const tz = knownZone(params.last('tz'), timeZone);
  const read = (name: string, now: number): number | undefined => {
    const text = params.last(name);
    if (text === undefined || none.includes(text)) return undefined;
    return parseAtTime(text, now, tz);
  };
  const now = read('now', serverNow) ?? serverNow;
  return { now, tz, from: read('from', now), until: read('until', now) };
}

/** The range of a search for names, where -1 is no time, and ends in the wrong order are an error. */
export function findRange(params: Params, clock: Clock): TimeRange {
  const range = readRange(params, clock, ['undefined', '-1']);
  const { from, until } = range;
  if (from !== undefined && until !== undefined && from > until) {
    throw badRequest(`from ${from} and until ${until}: expected from to be the earlier one`);
  }
  return range;
}

/**
 * A window to render: the last day by default; ends in the wrong order are swapped. Where the clock
 * is past what can be stored, a window ends with what can, and one behind that is an error: there is
 * nothing, though there should be.
 */
export function renderRange(
  params: Params,
  clock: Clock,
): { now: number; tz: string; from: number; until: number } {
  const { now, tz, from = now - DAY_SECONDS, until = now } = readRange(params, clock);
  if (from === until) throw badRequest('from and until: the same time read, expected a range');
  const first = Math.min(from, until);
  const last = Math.max(from, until);
  if (now <= LAST_SECOND) return { now, tz, from: first, until: last };
  if (first < LAST_SECOND) return { now, tz, from: first, until: Math.min(last, LAST_SECOND) };
  throw badRequest(
    `from and until: ${utcText(first)} to ${utcText(last)} read, expected times before ` +
      `${utcText(LAST_SECOND)}: later ones are not stored`,
  );
}
