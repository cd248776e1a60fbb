/**
 * `format=json`, what Grafana reads:
 *
 *     [{"target": "a.b", "tags": {"name": "a.b"}, "datapoints": [[1.0, 1700000000], …]}, …]
 *
 * With `maxDataPoints` series that are longer are consolidated. The start is moved on so that
 * buckets start at multiples of their length: a graph that is refreshed does not jitter. As in
 * graphite-web one point less is dropped than that. With `partialFirstBucket` none is: they make a
 * bucket of their own.
 */
import { consolidate } from '../series/consolidate.ts';
import type { Series } from '../series/series.ts';
import { type Format, type FormatOptions, jsonNumber } from './format.ts';
import { indentJson } from './indent-json.ts';
import { NUMBER_BYTES_MAX, writeFinite } from './number-bytes.ts';
import { TextWriter } from './text-writer.ts';
import { TAIL_BYTES, TAIL_REST_BYTES, TimeTails } from './time-tails.ts';

/** A streamed answer goes out in pieces of so many bytes, or of one series that takes more. */
const PIECE_BYTES = 64 * 1024;
/** Room is made for so many datapoints, some 74 KB. */
const POINTS_AT_ONCE = 1024;
/** A value, a time and what is around them. */
const POINT_BYTES_MAX = 2 * NUMBER_BYTES_MAX + 8;

export const json: Format = {
  contentType: 'application/json',
  write(seriesList, options) {
    const text = jsonBytes(seriesList, options).toString('utf8');
    return options.pretty === true ? indentJson(text) : text;
  },
};

/** Answers are written one at a time, each in one go. */
const writer = new TextWriter();

/** The whole answer; `pretty` is not looked at. */
export function jsonBytes(seriesList: readonly Series[], options: FormatOptions): Buffer {
  writer.length = 0;
  const written = writeAnswer(writer, seriesList, options);
  while (written.next().done !== true);
  return writer.take();
}

/** The answer in pieces, for streaming; `pretty` is not looked at. */
export function* jsonPieces(
  seriesList: readonly Series[],
  options: FormatOptions,
): Generator<Buffer, void, undefined> {
  const out = new TextWriter();
  const written = writeAnswer(out, seriesList, options);
  while (written.next().done !== true) if (out.length >= PIECE_BYTES) yield out.take();
  yield out.take();
}

/** Stops after each series, and within long ones. */
function* writeAnswer(
  out: TextWriter,
  seriesList: readonly Series[],
  options: FormatOptions,
): Generator<void, void, undefined> {
  out.ascii('[');
  let isFirst = true;
  for (const series of shownSeries(seriesList, options)) {
    if (!isFirst) out.ascii(', ');
    isFirst = false;
    yield* writeSeries(out, series, options);
    yield;
  }
  out.ascii(']');
}

/** What an answer shows of its series. */
export function* shownSeries(
  seriesList: readonly Series[],
  options: FormatOptions,
): Generator<Series, void, undefined> {
  // Series without a single slot are shown beside others, but not alone, as in graphite-web.
  if (!seriesList.some(({ values }) => values.length > 0)) return;
  for (const series of thinned(seriesList, options)) {
    if (options.noNullPoints !== true || !series.values.every(Number.isNaN)) yield series;
  }
}

/** `{"target": …, "tags": …, "datapoints": […]}` of a series as it is. */
export function seriesBytes(series: Series, options: FormatOptions): Buffer {
  writer.length = 0;
  const written = writeSeries(writer, series, options);
  while (written.next().done !== true);
  return writer.take();
}

/** Stops within a long series. */
function* writeSeries(
  out: TextWriter,
  series: Series,
  { noNullPoints }: FormatOptions,
): Generator<void, void, undefined> {
  out.ascii('{"target": ');
  out.jsonString(series.name);
  out.ascii(', "tags": {');
  writeTags(out, series.tags);
  out.ascii('}, "datapoints": [');
  yield* writePoints(out, series, noNullPoints === true);
  out.ascii(']}');
}

function writeTags(out: TextWriter, tags: Series['tags']): void {
  let isFirst = true;
  for (const tag in tags) {
    if (!isFirst) out.ascii(', ');
    isFirst = false;
    out.jsonString(tag);
    out.ascii(': ');
    const value = tags[tag]!; // it has it
    if (typeof value === 'string') out.jsonString(value);
    else out.ascii(JSON.stringify(value));
  }
}

/** `callback(…)` around an answer in JSON, sent as text/javascript. */
export function jsonp(callback: string, body: string): string {
  return `${callback}(${body})`;
}

/** Series with at most `maxDataPoints` datapoints each. */
function* thinned(
  seriesList: readonly Series[],
  { maxDataPoints, partialFirstBucket }: FormatOptions,
): Generator<Series, void, undefined> {
  if (maxDataPoints === undefined || maxDataPoints < 1) return yield* seriesList;
  let start = Infinity;
  let end = -Infinity;
  for (const series of seriesList) {
    start = Math.min(start, series.start);
    end = Math.max(end, series.end);
  }
  for (const series of seriesList) {
    if (maxDataPoints === 1) yield folded(series);
    else if (partialFirstBucket === true) yield thinWhole(series, maxDataPoints, end - start);
    else yield thin(series, maxDataPoints, end - start);
  }
}

/** All datapoints as one, at the time of the first. */
function folded(series: Series): Series {
  return { ...consolidate(series, series.values.length), end: series.start };
}

function thin(series: Series, maxDataPoints: number, range: number): Series {
  const count = range / series.step;
  if (!(maxDataPoints < count) || !Number.isFinite(count)) return series;
  const valuesPerPoint = Math.ceil(count / maxDataPoints);
  const { nudge, dropped } = alignment(series, valuesPerPoint);
  return consolidate(
    { ...series, start: series.start + nudge, values: series.values.subarray(dropped) },
    valuesPerPoint,
  );
}

/** The same buckets, and one before them of the values that they lack. */
function thinWhole(series: Series, maxDataPoints: number, range: number): Series {
  const { start, step, values } = series;
  const count = range / step;
  if (!(maxDataPoints < count) || !Number.isFinite(count)) return series;
  for (let valuesPerPoint = Math.ceil(count / maxDataPoints); ; valuesPerPoint++) {
    const { nudge, dropped } = alignment(series, valuesPerPoint);
    const missing = dropped === 0 ? 0 : valuesPerPoint - dropped;
    // The bucket more may be one too many.
    if (Math.ceil((missing + count) / valuesPerPoint) > maxDataPoints) continue;
    const padded = new Float64Array(missing + values.length).fill(NaN);
    padded.set(values, missing);
    const first = start + nudge - (dropped === 0 ? 0 : valuesPerPoint * step);
    return consolidate({ ...series, start: first, values: padded }, valuesPerPoint);
  }
}

/** How far the start of a series is moved on, and how many values that drops. */
function alignment({ start, step }: Series, valuesPerPoint: number) {
  const seconds = valuesPerPoint * step;
  const nudge = seconds + (start % step) - (start % seconds);
  return { nudge, dropped: Math.max(Math.trunc(nudge / step) - 1, 0) };
}

/** `[1.0, 1700000000], [null, 1700000060]`; stops within a series that writes its times itself. */
function* writePoints(
  out: TextWriter,
  series: Series,
  skipNulls: boolean,
): Generator<void, void, undefined> {
  const { values, start, step, end } = series;
  // A series may say that it ends before its last value.
  const most = step > 0 ? Math.floor((end - start) / step) + 1 : values.length;
  const count = skipNulls ? values.length : Math.max(Math.min(values.length, most), 0);
  if (count === 0) return;
  const hasTails = tails.hold(start, step, count);
  let isFirst = true;
  for (let from = 0; from < count; from += POINTS_AT_ONCE) {
    const to = Math.min(from + POINTS_AT_ONCE, count);
    if (from > 0 && !hasTails) yield;
    const before = out.length;
    out.ascii(isFirst ? '[' : ', [');
    const began = out.length;
    out.reserve((to - from) * POINT_BYTES_MAX);
    out.length = hasTails
      ? writeTailed(out, series, from, to, skipNulls)
      : writeTimed(out, series, from, to, skipNulls);
    const isEmpty = out.length === began;
    out.length = isEmpty ? before : out.length - TAIL_REST_BYTES;
    if (!isEmpty) isFirst = false;
  }
}

const tails = new TimeTails();

/** Datapoints `from` up to `to`, and `, [` after each; the position after. */
function writeTailed(
  { bytes, view, length }: TextWriter,
  { values, integers }: Series,
  from: number,
  to: number,
  skipNulls: boolean,
): number {
  const whole = integers === true;
  let at = length;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (skipNulls && value !== value) continue;
    at = writeValue(bytes, at, value, whole);
    tails.write(view, at, i);
    at += TAIL_BYTES;
  }
  return at;
}

/** Writes datapoints with times of any kind; see writeTailed. */
function writeTimed(
  { bytes, length }: TextWriter,
  { values, integers, start, step }: Series,
  from: number,
  to: number,
  skipNulls: boolean,
): number {
  let at = length;
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i < to
    if (skipNulls && value !== value) continue;
    at = writeValue(bytes, at, value, integers === true);
    at = writeAscii(bytes, at, `, ${Math.trunc(start + i * step)}], [`);
  }
  return at;
}

function writeValue(bytes: Uint8Array, at: number, value: number, integers: boolean): number {
  if (value - value === 0) return writeFinite(bytes, at, value, integers);
  return writeAscii(bytes, at, jsonNumber(value));
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
