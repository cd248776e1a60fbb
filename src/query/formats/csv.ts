/**
 * `format=csv`: one line a datapoint, `name,2023-11-14 22:13:20,1.0`, the value empty for null.
 * Times are in the zone of the request. Quoted as Python's csv module does (RFC 4180), CRLF.
 */
import { offsetSeconds } from '../attime.ts';
import { finiteText, type Format } from './format.ts';

export const csv: Format = {
  contentType: 'text/csv',
  write(series, { tz = 'UTC' }) {
    let text = '';
    for (const one of series) {
      const name = quoted(one.name);
      for (const [i, value] of one.values.entries()) {
        const time = wallClock(one.start + i * one.step, tz);
        text += `${name},${time},${cell(value, one.integers)}\r\n`;
      }
    }
    return text;
  },
};

function cell(value: number, integers: boolean | undefined): string {
  if (Number.isFinite(value)) return finiteText(value, integers);
  return Number.isNaN(value) ? '' : value > 0 ? 'inf' : '-inf';
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function wallClock(epoch: number, tz: string): string {
  const shown = new Date((epoch + offsetSeconds(epoch, tz)) * 1000).toISOString();
  return `${shown.slice(0, 10)} ${shown.slice(11, 19)}`;
}
