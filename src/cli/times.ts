/**
 * Times of the series verbs: read as Graphite reads them, printed as epoch seconds, as text, or in
 * a strftime format, in the zone of this process (TZ) as whisper's tools do.
 */
import { badUsage } from '../lib/errors.ts';
import { parseAtTime } from '../query/attime/attime.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** A parser for `--from` and `--until`: epoch seconds, `-1h`, `midnight`, … */
export function timeArgument(text: string): number {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return parseAtTime(text, Math.floor(Date.now() / 1000), zone);
}

export interface TimeFlags {
  pretty: boolean;
  timeFormat?: string;
}

/** How the flags want an epoch to be printed. */
export function timePrinter({ pretty, timeFormat }: TimeFlags): (seconds: number) => string {
  if (timeFormat !== undefined) return (seconds) => strftime(timeFormat, seconds);
  return pretty ? (seconds) => strftime('%a %b %e %H:%M:%S %Y', seconds) : String;
}

/** An epoch with its date, for people. */
export function timeText(seconds: number): string {
  return `${seconds} (${new Date(seconds * 1000).toISOString().slice(0, 19)}Z)`;
}

/**
 * The usual conversions of strftime in the C locale; throws `badUsage` for others. The package
 * `strftime` (0.10.3) differs: it prints %c and %X in a 12-hour clock with a zone, where whisper's
 * tools print what Python's does, and leaves a conversion that it does not know as it is.
 */
function strftime(format: string, seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const parts: Record<string, () => string> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    e: () => String(date.getDate()).padStart(2, ' '),
    j: () => String(dayOfYear(date)).padStart(3, '0'),
    H: () => two(date.getHours()),
    I: () => two(date.getHours() % 12 === 0 ? 12 : date.getHours() % 12),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    a: () => DAYS[date.getDay()]!.slice(0, 3), // 0 to 6
    A: () => DAYS[date.getDay()]!,
    b: () => MONTHS[date.getMonth()]!.slice(0, 3), // 0 to 11
    B: () => MONTHS[date.getMonth()]!,
    s: () => String(seconds),
    z: () => offsetText(-date.getTimezoneOffset()),
    F: () => strftime('%Y-%m-%d', seconds),
    T: () => strftime('%H:%M:%S', seconds),
    R: () => strftime('%H:%M', seconds),
    D: () => strftime('%m/%d/%y', seconds),
    c: () => strftime('%a %b %e %H:%M:%S %Y', seconds),
    x: () => strftime('%m/%d/%y', seconds),
    X: () => strftime('%H:%M:%S', seconds),
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
  };
  return format.replace(/%(.?)/gs, (all, letter: string) => {
    const part = parts[letter];
    if (part !== undefined) return part();
    throw badUsage(
      `--time-format: read "${all}", expected one of %${Object.keys(parts).join(' %')}`,
    );
  });
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 0);
  return (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - start) / 86_400_000;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const digits = Math.floor(size / 60) * 100 + (size % 60);
  return `${minutes < 0 ? '-' : '+'}${String(digits).padStart(4, '0')}`;
}
