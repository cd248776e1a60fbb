/**
 * Lengths of time as Graphite writes them: `5min`, `-1d12h`, `1mon`. Follows graphite-web's
 * render/attime.py: a unit counts by its first letters, a month is 30 days, a year 365.
 */
import { badTarget, UserError } from '../../lib/errors.ts';

const UNITS: readonly (readonly [prefix: string, seconds: number])[] = [
  ['s', 1],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
  ['mon', 2_592_000],
  ['y', 31_536_000],
];

/** Seconds of `1h`, `-1d12h`, `90s`; negative with a leading minus. Throws `badTarget`. */
export function intervalSeconds(interval: string | number): number {
  const text = String(interval).trim();
  const signed = text.startsWith('-') || text.startsWith('+');
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = signed ? text.slice(1) : text;
  let seconds = 0;
  while (rest !== '') {
    const match = /^(\d+)([a-zA-Z]+)/.exec(rest);
    if (match === null) throw badInterval(text, 'a number and a unit, such as 5min');
    seconds += Number(match[1]) * unitSeconds(match[2]!, text);
    rest = rest.slice(match[0].length);
  }
  return sign * seconds;
}

/** Seconds of one unit by any of its spellings: s, sec, min, minutes, h, d, w, mon, y. */
export function unitSeconds(unit: string, whole: string = unit): number {
  for (const [prefix, seconds] of UNITS) if (unit.startsWith(prefix)) return seconds;
  throw badInterval(whole, 'a unit out of s min h d w mon y');
}

function badInterval(text: string, expected: string): UserError {
  return badTarget(`interval "${text}" read, expected ${expected}`);
}
