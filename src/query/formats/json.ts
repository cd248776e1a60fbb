/**
 * `format=json`, what Grafana reads:
 *
 *     [{"target": "a.b", "tags": {"name": "a.b"}, "datapoints": [[1.0, 1700000000], …]}, …]
 *
 * With `maxDataPoints` series that are longer are consolidated. The start is moved on so that buckets
 * start at multiples of their length: a graph that is refreshed does not jitter. As in graphite-web
 * one point less is dropped than that.
 */
import { consolidate } from '../series/consolidate.ts';
import type { Series } from '../series/series.ts';
import { type Format, type FormatOptions, jsonNumber } from './format.ts';
import { indentJson } from './indent-json.ts';

export const json: Format = {
  contentType: 'application/json',
  write(series, options) {
    let text = '';
    for (const chunk of jsonChunks(series, options)) text += chunk;
    return options.pretty === true ? indentJson(text) : text;
  },
};

/** The answer in pieces, one a series, for streaming; `pretty` is not looked at. */
export function* jsonChunks(
  series: readonly Series[],
  options: FormatOptions,
): Generator<string, void, undefined> {
  const skipNulls = options.noNullPoints === true;
  const times: Times = { start: NaN, step: NaN, ends: [] };
  let separator = '[';
  for (const one of thinned(series, options.maxDataPoints)) {
    const points = pointsText(one, skipNulls, times);
    if (skipNulls && points === '') continue;
    const target = JSON.stringify(one.name);
    const tags = tagsText(one.tags);
    yield `${separator}{"target": ${target}, "tags": ${tags}, "datapoints": [${points}]}`;
    separator = ', ';
  }
  yield separator === '[' ? '[]' : ']';
}

function tagsText(tags: Series['tags']): string {
  const pairs = Object.entries(tags).map(([tag, value]) => {
    return `${JSON.stringify(tag)}: ${JSON.stringify(value)}`;
  });
  return `{${pairs.join(', ')}}`;
}

/** `callback(…)` around an answer in JSON, sent as text/javascript. */
export function jsonp(callback: string, body: string): string {
  return `${callback}(${body})`;
}

/** Series with at most `maxDataPoints` datapoints each. */
export function* thinned(
  series: readonly Series[],
  maxDataPoints: number | undefined,
): Generator<Series, void, undefined> {
  if (maxDataPoints === undefined || maxDataPoints < 1) return yield* series;
  let start = Infinity;
  let end = -Infinity;
  for (const one of series) {
    start = Math.min(start, one.start);
    end = Math.max(end, one.end);
  }
  for (const one of series) {
    if (maxDataPoints === 1) yield folded(one);
    else yield thin(one, maxDataPoints, end - start);
  }
}

/** All datapoints as one, at the time of the first. */
function folded(one: Series): Series {
  return { ...consolidate(one, one.values.length), end: one.start };
}

function thin(one: Series, maxDataPoints: number, range: number): Series {
  const count = range / one.step;
  if (!(maxDataPoints < count) || !Number.isFinite(count)) return one;
  const valuesPerPoint = Math.ceil(count / maxDataPoints);
  const seconds = valuesPerPoint * one.step;
  const nudge = seconds + (one.start % one.step) - (one.start % seconds);
  const dropped = Math.max(Math.trunc(nudge / one.step) - 1, 0);
  return consolidate(
    { ...one, start: one.start + nudge, values: one.values.subarray(dropped) },
    valuesPerPoint,
  );
}

/** Times as they end a datapoint, `, 1700000000]`; the series of an answer mostly share them. */
interface Times {
  start: number;
  step: number;
  ends: string[];
}

function pointsText(one: Series, skipNulls: boolean, times: Times): string {
  const { values, start, step, end, integers } = one;
  if (times.start !== start || times.step !== step) {
    times.start = start;
    times.step = step;
    times.ends = [];
  }
  // A series may say that it ends before its last value.
  const most = step > 0 ? Math.floor((end - start) / step) + 1 : values.length;
  const count = skipNulls ? values.length : Math.max(Math.min(values.length, most), 0);
  const { ends } = times;
  for (let i = ends.length; i < count; i++) ends.push(`, ${Math.trunc(start + i * step)}]`);
  let text = '';
  for (let i = 0; i < count; i++) {
    const value = values[i]!; // i < count
    if (skipNulls && Number.isNaN(value)) continue;
    text += (text === '' ? '[' : ', [') + jsonNumber(value, integers) + ends[i]!;
  }
  return text;
}
