/**
 * Moments as Graphite writes them, in the spirit of at(1): `now-1h`, `midnight yesterday`,
 * `04:00_20231114`, `6pm_11/13/2023`, `noon nov 1`, `monday-2h`, epoch seconds. Follows
 * graphite-web's render/attime.py, oddities included: 12am is noon, a weekday is the last such day
 * (today counts), a month is 30 days, blanks, `_` and `,` do not count. Words for days are read in
 * a zone; the answer is always epoch seconds.
 */
import { badRequest, UserError } from '../../lib/errors.ts';
import { intervalSeconds, unitSeconds } from '../series/interval.ts';
import { offsetSeconds } from './zones.ts';

const DAY_SECONDS = 86_400;
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');
/** Python's datetime knows the years 1 to 9999. */
const EARLIEST = -62_135_596_800;
const LATEST = 253_402_300_799;

/** Epoch seconds of a moment; throws `badRequest` when the text is none. */
export function parseAtTime(text: string, now: number, tz: string): number {
  const compact = text.trim().toLowerCase().replace(/[_, ]/g, '');
  if (/^\d+$/.test(compact) && !isCompactDate(compact)) return epochOf(Number(compact), text);
  const plus = compact.indexOf('+');
  const sign = plus === -1 ? compact.indexOf('-') : plus;
  const reference = sign === -1 ? compact : compact.slice(0, sign);
  const offset = sign === -1 ? 0 : intervalSeconds(compact.slice(sign));
  return inRange(referenceTime(reference, now, tz, text) + offset, text);
}

function epochOf(epoch: number, text: string): number {
  if (epoch <= LATEST || epoch > LATEST * 1000) return inRange(epoch, text);
  throw badTime(text, 'epoch seconds: from milliseconds, leave out the last three digits');
}

/** 20231114, but not 12345678: that is an epoch. */
function isCompactDate(digits: string): boolean {
  return (
    digits.length === 8 &&
    Number(digits.slice(0, 4)) > 1900 &&
    Number(digits.slice(4, 6)) < 13 &&
    Number(digits.slice(6)) < 32
  );
}

function referenceTime(reference: string, now: number, tz: string, text: string): number {
  if (reference === '' || reference === 'now') return now;
  const { hour, minute, rest } = timeOfDay(reference);
  if (hour > 23 || minute > 59) throw badTime(text, 'an hour of 0 to 23 and a minute of 0 to 59');
  const today = Math.floor((now + offsetSeconds(now, tz)) / DAY_SECONDS);
  const day = dayOf(rest, today, text);
  return fromWallClock(day * DAY_SECONDS + hour * 3600 + minute * 60, tz);
}

/** Takes `8:50pm`, `6am`, `noon` … off the front. */
function timeOfDay(reference: string): { hour: number; minute: number; rest: string } {
  let [hour, minute] = [0, 0];
  let rest = reference;
  const clock = /^(\d{1,2}):(\d{2}|\d$)(am|pm)?/.exec(rest);
  if (clock !== null) {
    hour = Number(clock[1]);
    minute = Number(clock[2]);
    if (clock[3] === 'pm') hour = (hour + 12) % 24;
    rest = rest.slice(clock[0].length);
  }
  const half = /^(\d{1,2})(am|pm)/.exec(rest);
  if (half !== null) {
    hour = half[2] === 'pm' ? (Number(half[1]) + 12) % 24 : Number(half[1]);
    rest = rest.slice(half[0].length);
  }
  const word = /^(?:noon|midnight|teatime)/.exec(rest)?.[0];
  if (word !== undefined) {
    hour = word === 'noon' ? 12 : word === 'teatime' ? 16 : 0;
    minute = 0;
    rest = rest.slice(word.length);
  }
  return { hour, minute, rest };
}

/** Days since the epoch of a day word or date; `today` likewise. */
function dayOf(rest: string, today: number, text: string): number {
  if (rest === '' || rest === 'today') return today;
  if (rest === 'yesterday') return today - 1;
  if (rest === 'tomorrow') return today + 1;
  const slashed = /^(\d+)\/(\d+)\/(\d+)$/.exec(rest);
  if (slashed !== null) {
    let year = Number(slashed[3]);
    if (year < 1900) year += 1900;
    if (year < 1970) year += 100;
    return dateDay(year, Number(slashed[1]), Number(slashed[2]), text);
  }
  if (/^\d{8}$/.test(rest)) {
    const [year, month] = [Number(rest.slice(0, 4)), Number(rest.slice(4, 6))];
    return dateDay(year, month, Number(rest.slice(6)), text);
  }
  const month = MONTHS.indexOf(rest.slice(0, 3));
  if (month !== -1) {
    const digits = /\d{1,2}$/.exec(rest)?.[0];
    if (digits === undefined) throw badTime(text, 'a day of the month after the month');
    const year = new Date(today * DAY_SECONDS * 1000).getUTCFullYear();
    return dateDay(year, month + 1, Number(digits), text);
  }
  const weekday = WEEKDAYS.indexOf(rest.slice(0, 3));
  if (weekday === -1) throw badTime(text, 'a time such as -1h, now, noon yesterday or 20231114');
  const todayWeekday = (((today + 4) % 7) + 7) % 7; // the epoch was a Thursday
  return today - ((todayWeekday - weekday + 7) % 7);
}

function dateDay(year: number, month: number, day: number, text: string): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || year < 1 || year > 9999) throw badTime(text, 'a day that the calendar has');
  return date.getTime() / 1000 / DAY_SECONDS;
}

/**
 * A wall clock's reading (seconds as if it were UTC) as epoch seconds. Where clocks are changed, a
 * reading that comes twice or never is taken in winter time.
 */
export function fromWallClock(wall: number, tz: string): number {
  const before = offsetSeconds(wall - DAY_SECONDS, tz);
  const after = offsetSeconds(wall + DAY_SECONDS, tz);
  const fits = (offset: number): boolean => offsetSeconds(wall - offset, tz) === offset;
  const [low, high] = [Math.min(before, after), Math.max(before, after)];
  return wall - (fits(high) && !fits(low) ? high : low);
}

/**
 * The start of the year, month, week, day … that a moment lies in, by the zone's clocks. Units may
 * be cut short (`h`); `weeks3` starts weeks on Wednesday. Throws `badTarget` for another word.
 */
export function startOfUnit(epoch: number, unit: string, tz: string): number {
  const wall = epoch + offsetSeconds(epoch, tz);
  const day = Math.floor(wall / DAY_SECONDS);
  const date = new Date(day * DAY_SECONDS * 1000);
  const seconds = unitSeconds(unit);
  if (seconds < DAY_SECONDS) return fromWallClock(wall - (wall % seconds), tz);
  let back = 0;
  if (unit.startsWith('w')) {
    const weekday = (((day + 3) % 7) + 7) % 7; // Monday is 0
    const digit = /\d$/.exec(unit)?.[0];
    back = (weekday - (digit === undefined ? 0 : Number(digit) - 1) + 14) % 7;
  } else if (unit.startsWith('mon')) back = date.getUTCDate() - 1;
  else if (unit.startsWith('y')) {
    back = day - Date.UTC(date.getUTCFullYear(), 0, 1) / 1000 / DAY_SECONDS;
  }
  return fromWallClock((day - back) * DAY_SECONDS, tz);
}

/** Throws `badRequest` for a moment outside the years that Graphite knows. */
export function checkTime(epoch: number, text = String(epoch)): void {
  if (!(epoch >= EARLIEST && epoch <= LATEST)) throw badTime(text, 'a year of 1 to 9999');
}

function inRange(epoch: number, text: string): number {
  checkTime(epoch, text);
  return epoch;
}

function badTime(text: string, expected: string): UserError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return badRequest(`time "${shown}" read, expected ${expected}`);
}
