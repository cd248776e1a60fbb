/** Offsets of time zones, from the zone data of the JavaScript engine (Intl). */
const DAY_SECONDS = 86_400;
/** Days from a moment to others, within half a year. */
const MONTHS = [-180, -150, -120, -90, -60, -30, 30, 60, 90, 120, 150, 180];
/** The last moment that a Date can hold. */
const DATE_SECONDS_MAX = 8_640_000_000_000;
/** The zones are some 600; each may be spelled in upper and lower case. */
const CLOCKS_MAX = 1000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The zone when it is one that is known, otherwise `own`: Graphite ignores unknown ones too. */
export function knownZone(name: string | undefined, own = 'UTC'): string {
  if (name === undefined || name === '') return own;
  try {
    clockOf(name);
    return name;
  } catch {
    return own;
  }
}

/** Seconds that the zone's clocks are ahead of UTC at a moment. */
export function offsetSeconds(epoch: number, tz: string): number {
  if (tz === 'UTC' || !(Math.abs(epoch) <= DATE_SECONDS_MAX)) return 0;
  const text = clockOf(tz).format(epoch * 1000);
  // "11/14/2023, GMT+05:30", "GMT" alone for none, "GMT-00:44:30" before there were time zones.
  const [, sign, hours, minutes, seconds = '0'] =
    /GMT([-+])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const ahead = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds);
  return sign === '-' ? -ahead : ahead;
}

/**
 * Whether clocks are ahead of what they show in winter. Half a year on either side is looked at,
 * month by month: half a year before and after October is summer as well.
 */
export function isSummerTime(epoch: number, tz: string): boolean {
  const offset = offsetSeconds(epoch, tz);
  return MONTHS.some((days) => offsetSeconds(epoch + days * DAY_SECONDS, tz) < offset);
}

/** Throws a RangeError for a zone that does not exist. */
function clockOf(tz: string): Intl.DateTimeFormat {
  let clock = clocks.get(tz);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: 'longOffset' });
    if (clocks.size >= CLOCKS_MAX) clocks.clear();
    clocks.set(tz, clock);
  }
  return clock;
}
