/** Datapoints as text: a plot with axes in braille, a cell two dots wide and four high; sparklines. */
import { utcText } from '../lib/last-second.ts';
import { scaleToUnits } from '../query/series/units.ts';
import type { GraphiteSeries } from './graphite-server.ts';

/** Bits of a cell's dots, by column and row from the top (Unicode, U+2800). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BARS = '▁▂▃▄▅▆▇█';

/** Lines of a plot so many cells wide and high, values at its left and the first and last time below. */
export function plotOf(series: readonly GraphiteSeries[], width: number, height: number): string[] {
  const points = series.flatMap(({ datapoints }) => datapoints);
  const known = points.flatMap(([value]) => (value === null ? [] : [value]));
  if (known.length === 0) return ['no data'];
  const [low, high] = [least(known), -least(known.map((value) => -value))];
  const [from, until] = [least(points.map(([, t]) => t)), -least(points.map(([, t]) => -t))];
  const labels = Array.from({ length: height }, (_, row) =>
    row % 4 === 0 || row === height - 1
      ? shortNumber(high - ((high - low) * row) / Math.max(1, height - 1))
      : '',
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const columns = Math.max(8, width - margin - 2);
  const cells = new Uint8Array(columns * height);
  for (const { datapoints } of series) {
    for (const [value, time] of datapoints) {
      if (value === null) continue;
      const x = scaled(time - from, until - from, columns * 2 - 1);
      const y = scaled(high - value, high - low, height * 4 - 1);
      cells[(y >> 2) * columns + (x >> 1)]! |= DOTS[x & 1]![y & 3]!; // both below their lengths
    }
  }
  const rows = labels.map((label, row) => {
    const dots = cells.subarray(row * columns, (row + 1) * columns);
    return `${label.padStart(margin)} ┤${String.fromCodePoint(...[...dots].map((bits) => 0x2800 + bits))}`;
  });
  const [first, last] = [minuteText(from), minuteText(until)];
  const axis = `${' '.repeat(margin + 1)}└${'─'.repeat(columns)}`;
  const times = `${first} ${last.padStart(columns - first.length - 1)}`;
  return [...rows, axis, `${' '.repeat(margin + 2)}${times}`];
}

/** A bar a cell, of the averages of so many equal parts; a blank where there is no value. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const count = Math.min(width, values.length);
  const parts = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const until = Math.floor(((i + 1) * values.length) / count);
    const known = values.slice(from, until).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  const known = parts.filter((value) => value !== null);
  const [low, high] = [least(known), -least(known.map((value) => -value))];
  return parts
    .map((value) => (value === null ? ' ' : BARS[scaled(value - low, high - low, BARS.length - 1)]))
    .join('');
}

/** Four digits and a letter for thousands: `12.5k`. */
export function shortNumber(value: number): string {
  const { value: size, suffix } = scaleToUnits(value, 'si');
  return `${Number(size.toPrecision(4))}${suffix}`;
}

function scaled(part: number, whole: number, most: number): number {
  return whole === 0 ? most >> 1 : Math.round((part / whole) * most);
}

function least(values: readonly number[]): number {
  return values.reduce((min, value) => Math.min(min, value), Infinity);
}

/** `2026-11-30 12:00`, UTC. */
function minuteText(seconds: number): string {
  return utcText(seconds).slice(0, 'YYYY-MM-DD HH:MM'.length);
}
