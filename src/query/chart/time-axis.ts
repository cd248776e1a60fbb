/**
 * The axis of time: as many round moments of the zone's clocks as there is space for their labels,
 * which never overlap, and finer lines between them.
 */
import { scaleUtc } from 'd3-scale';
import { fromWallClock } from '../attime/attime.ts';
import { offsetSeconds } from '../attime/zones.ts';
import { timeFormat } from './time-format.ts';

interface TimeTick {
  /** Epoch seconds. */
  time: number;
  /** Pixels; the label's middle, which at an edge is not that of its line. */
  x: number;
  labelX: number;
  label: string;
}

export interface TimeAxis {
  x(time: number): number;
  ticks: TimeTick[];
  /** Pixels of the lines between them. */
  minor: number[];
}

export interface TimeSpan {
  /** Epoch seconds, start < end. */
  start: number;
  end: number;
  tz: string;
  /** strftime's; absent: what suits the distance of the labels. */
  format: string | undefined;
}

interface Space {
  /** Pixels of the plot. */
  left: number;
  right: number;
  /** Pixels of the sheet, which labels do not leave. */
  width: number;
  /** Pixels of a label, and between two of them. */
  measure(label: string): number;
  gap: number;
}

const DAY = 86_400;
/** Pixels of a label at least, and between minor lines. */
const LABEL_MIN = 18;
const MINOR_MIN = 7;
const LABELS_MAX = 100;
/** From one round distance to the next it is twice as far at least: fewer labels before give the same. */
const NEXT = 1.4;

export function timeAxis(span: TimeSpan, space: Space): TimeAxis {
  const { start, end } = span;
  const { left, right } = space;
  const x = (time: number): number => left + ((time - start) / (end - start)) * (right - left);
  const wanted = Math.min(LABELS_MAX, Math.floor((right - left) / (LABEL_MIN + space.gap)));
  let tried = Infinity;
  for (let count = wanted; count >= 1; count = Math.min(count - 1, Math.ceil(tried / NEXT))) {
    const readings = roundReadings(span, count);
    if (readings.length >= tried) continue;
    tried = readings.length;
    const ticks = placed(moments(readings, span), span, x, space);
    if (ticks === undefined) continue;
    const major = new Set(ticks.map(({ time }) => time));
    return { x, ticks, minor: minorLines(span, major, x, right - left) };
  }
  return { x, ticks: [], minor: [] };
}

/** Round readings of the zone's clocks, about `count`, in seconds: d3's choice of hours, days, …. */
function roundReadings({ start, end, tz }: TimeSpan, count: number): number[] {
  const reading = (time: number): number => (time + offsetSeconds(time, tz)) * 1000;
  const ticks = scaleUtc([reading(start), reading(end)], [0, 1]).ticks(count);
  return ticks.map((date) => date.getTime() / 1000);
}

function moments(readings: readonly number[], { start, end, tz }: TimeSpan): number[] {
  const times = readings.map((reading) => Math.round(fromWallClock(reading, tz)));
  return [...new Set(times)].filter((time) => time >= start && time <= end);
}

/** The moments with their labels; undefined when two labels would touch. */
function placed(
  times: readonly number[],
  span: TimeSpan,
  x: (time: number) => number,
  { width, measure, gap }: Space,
): TimeTick[] | undefined {
  const label = labeller(times, span);
  const ticks: TimeTick[] = [];
  let free = -Infinity;
  for (const time of times) {
    const text = label(time);
    const half = measure(text) / 2;
    if (half * 2 > width) return undefined;
    const labelX = Math.min(Math.max(x(time), half), width - half);
    if (labelX - half < free) return undefined;
    free = labelX + half + gap;
    ticks.push({ time, x: x(time), labelX, label: text });
  }
  return ticks;
}

function labeller(times: readonly number[], span: TimeSpan): (time: number) => string {
  const { start, end, tz, format } = span;
  if (format !== undefined) return timeFormat(format, tz);
  const step = times.length > 1 ? (times.at(-1)! - times[0]!) / (times.length - 1) : end - start;
  if (step > 300 * DAY) return timeFormat('%Y', tz);
  if (step > 27 * DAY) return timeFormat(end - start > 300 * DAY ? '%b %Y' : '%b', tz);
  const day = timeFormat(end - start > 400 * DAY ? '%b %-d, %Y' : '%b %-d', tz);
  if (step > 0.9 * DAY) return day;
  const clock = timeFormat(step < 60 ? '%H:%M:%S' : '%H:%M', tz);
  // Midnight is where another day begins: its date says more than 00:00.
  const isMidnight = (time: number): boolean => (time + offsetSeconds(time, tz)) % DAY === 0;
  return (time) => (isMidnight(time) ? day(time) : clock(time));
}

function minorLines(
  span: TimeSpan,
  major: ReadonlySet<number>,
  x: (time: number) => number,
  width: number,
): number[] {
  if (major.size === 0) return [];
  const most = Math.min(width / MINOR_MIN, 400);
  for (const times of [6, 5, 4, 3, 2]) {
    if (major.size * times > most) continue;
    const readings = roundReadings(span, major.size * times);
    if (readings.length > most) continue;
    const found = moments(readings, span);
    return found.filter((time) => !major.has(time)).map(x);
  }
  return [];
}
