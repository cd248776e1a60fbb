/**
 * Moments as text, by the format of C's strftime that `xFormat` is written in. What d3 has no sign
 * for, or would say of UTC instead of the zone, is filled in first.
 */
import { utcFormat } from 'd3-time-format';
import { offsetSeconds } from '../attime/zones.ts';

/** Signs of strftime that stand for others. */
const SAME: Record<string, string> = {
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  T: '%H:%M:%S',
  h: '%b',
  k: '%_H',
  l: '%_I',
  n: ' ',
  r: '%I:%M:%S %p',
  t: ' ',
};

/** A format for moments in epoch seconds, in a zone. */
export function timeFormat(format: string, tz: string): (epoch: number) => string {
  const plain = format.replace(/%(.)/gs, (sign, letter: string) => SAME[letter] ?? sign);
  if (!/%[PZsz]/.test(plain)) {
    const write = utcFormat(plain);
    return (epoch) => write(wallClock(epoch, tz));
  }
  return (epoch) => {
    const filled = plain.replace(/%(.)/gs, (sign, letter: string) => {
      if (letter === 's') return String(epoch);
      if (letter === 'z') return offsetText(offsetSeconds(epoch, tz));
      if (letter === 'Z') return zoneName(epoch, tz).replaceAll('%', '%%');
      if (letter === 'P') return utcFormat('%p')(wallClock(epoch, tz)).toLowerCase();
      return sign;
    });
    return utcFormat(filled)(wallClock(epoch, tz));
  };
}

/** A date whose UTC is what clocks in the zone show. */
function wallClock(epoch: number, tz: string): Date {
  return new Date((epoch + offsetSeconds(epoch, tz)) * 1000);
}

function offsetText(seconds: number): string {
  const minutes = Math.abs(Math.trunc(seconds / 60));
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

function zoneName(epoch: number, tz: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: 'short' });
  const name = parts.formatToParts(epoch * 1000).find(({ type }) => type === 'timeZoneName');
  return name?.value ?? tz;
}
