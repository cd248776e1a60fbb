/**
 * `format=csv`: one line a datapoint, `name,2023-11-14 22:13:20,1.0`, the value empty for null.
 * Times are in the zone of the request. Quoted as Python's csv module does (RFC 4180), CRLF.
 */
import { offsetSeconds } from '../attime/zones.ts';
import type { Series } from '../series/series.ts';
import { type Format, type FormatOptions, numberText } from './format.ts';

/** Lines in a piece of a streamed answer, some 60 KB. */
const PIECE_LINES = 1024;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

export const csv: Format = {
  contentType: 'text/csv',
  write: (seriesList, options) => [...pieces(seriesList, options)].join(''),
  pieces,
};

function* pieces(
  seriesList: readonly Series[],
  { tz = 'UTC' }: FormatOptions,
): Generator<string, void, undefined> {
  const clock = new WallClock(tz);
  let text = '';
  let lines = 0;
  for (const series of seriesList) {
    const { values, start, step, integers } = series;
    const name = quoted(series.name);
    for (let i = 0; i < values.length; i++) {
      const value = numberText(values[i]!, integers, '', 'inf');
      text += `${name},${clock.at(start + i * step)},${value}\r\n`;
      lines += 1;
      if (lines % PIECE_LINES !== 0) continue;
      yield text;
      text = '';
    }
  }
  yield text;
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** `2023-11-14 22:13:20` for epoch seconds: the date and what the zone says change rarely. */
class WallClock {
  private readonly tz: string;
  /** The hour that `offset` is of; undefined where clocks change within it. */
  private hour: number | undefined;
  private offset = 0;
  private day = NaN;
  private date = '';

  constructor(tz: string) {
    this.tz = tz;
  }

  at(epoch: number): string {
    const seconds = Math.trunc(epoch + this.offsetAt(epoch));
    const day = Math.floor(seconds / DAY_SECONDS);
    if (day !== this.day) {
      this.day = day;
      this.date = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
    }
    const rest = seconds - day * DAY_SECONDS;
    const minutes = Math.floor(rest / 60);
    return `${this.date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(rest % 60)}`;
  }

  private offsetAt(epoch: number): number {
    const hour = Math.floor(epoch / HOUR_SECONDS);
    if (hour === this.hour) return this.offset;
    const first = offsetSeconds(hour * HOUR_SECONDS, this.tz);
    const last = offsetSeconds((hour + 1) * HOUR_SECONDS - 1, this.tz);
    this.hour = first === last ? hour : undefined;
    this.offset = first === last ? first : offsetSeconds(epoch, this.tz);
    return this.offset;
  }
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
