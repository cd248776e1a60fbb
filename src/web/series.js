/**
 * Series as they are asked of `/render`: one request a target, so that each target has its own error
 * and its own series, and a wrong one leaves the others as they are.
 */
import { ask } from './ask.js';
import { expandReferences } from './grammar.js';

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {number} target its index
 * @property {number[]} times epoch seconds
 * @property {(number | null)[]} values
 * @property {number} step seconds between points as they came
 * @property {Rollup | undefined} rollup
 *
 * @typedef {object} Rollup what was read
 * @property {number} stored seconds between the stored points that were read
 * @property {number} folded how many of them make a point that is shown; 1 where none were joined
 * @property {string} how they were joined
 * @property {string} retentions of the series
 * @property {string | undefined} notice
 *
 * @typedef {object} Answer of one target
 * @property {Series[]} series
 * @property {number} total of them; more than are in `series` where not all can be drawn
 * @property {string} error one sentence, '' where there is none
 * @property {number} tookMs
 */

/** Series of one target that are looked at; the rest is said to be there. */
const SERIES_MAX = 200;

/** The zone that the axis is in, for `midnight` and the like. */
export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * @typedef {object} Range
 * @property {string} from
 * @property {string} until
 * @property {string | number} maxDataPoints
 */

/**
 * @param {readonly string[]} targets all of them, as others may be named by letter
 * @param {number} index which is asked
 * @param {Range} range
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function askTarget(targets, index, range, signal) {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const target = expandReferences(targets, index);
    const asked = { target, ...range, tz: ZONE, format: 'json', meta: 1 };
    const { series } = await ask('render', asked, signal);
    const shown = series.slice(0, SERIES_MAX).map((/** @type {Raw} */ raw) => read(raw, index));
    return { series: shown, total: series.length, error: '', tookMs: took() };
  } catch (error) {
    if (signal?.aborted) throw error;
    const { message } = /** @type {Error} */ (error);
    return { series: [], total: 0, error: message, tookMs: took() };
  }
}

/**
 * A series as `/render` answers it.
 *
 * @typedef {object} Raw
 * @property {string} target
 * @property {[number | null, number][]} datapoints
 * @property {Record<string, string | number>[]} [meta]
 */

/**
 * @param {Raw} raw
 * @param {number} target
 * @returns {Series}
 */
function read({ target: name, datapoints, meta }, target) {
  const count = datapoints.length;
  const times = Array.from({ length: count }, () => 0);
  /** @type {(number | null)[]} */
  const values = Array.from({ length: count }, () => null);
  datapoints.forEach(([value, time], i) => {
    times[i] = time;
    // Infinity has no place on an axis.
    values[i] = value !== null && Number.isFinite(value) ? value : null;
  });
  const step = count > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : 0;
  return { name, target, times, values, step, rollup: readRollup(meta?.[0]) };
}

/**
 * @param {Record<string, string | number> | undefined} meta
 * @returns {Rollup | undefined}
 */
function readRollup(meta) {
  if (meta === undefined) return undefined;
  const folded = Number(meta['aggnum-rc']) || 1;
  const method = folded > 1 ? meta['consolidator-rc'] : meta['consolidator-normfetch'];
  return {
    stored: Number(meta['archive-interval']),
    folded,
    how: String(method ?? '')
      .replace(/Consolidator$/, '')
      .toLowerCase(),
    retentions: String(meta['schema-retentions'] ?? '').replace(/:1:1:true/g, ''),
    notice: meta['notice'] === undefined ? undefined : String(meta['notice']),
  };
}

/**
 * Columns on one row of times; undefined where a series has no point at a time, null where the point
 * has no value.
 *
 * @param {readonly Series[]} list
 * @returns {{ times: number[], columns: (number | null | undefined)[][] }}
 */
export function aligned(list) {
  const [first] = list;
  if (first === undefined) return { times: [], columns: [] };
  const isCommon = list.every(
    ({ times }) =>
      times.length === first.times.length &&
      times[0] === first.times[0] &&
      times.at(-1) === first.times.at(-1),
  );
  if (isCommon) return { times: first.times, columns: list.map(({ values }) => values) };
  const times = [...new Set(list.flatMap((series) => series.times))].sort((a, b) => a - b);
  const places = new Map(times.map((time, i) => [time, i]));
  const columns = list.map((series) => {
    /** @type {(number | null | undefined)[]} */
    const column = Array.from({ length: times.length });
    series.times.forEach((time, i) => {
      column[places.get(time) ?? 0] = series.values[i];
    });
    return column;
  });
  return { times, columns };
}

/**
 * What the legend says of a series.
 *
 * @param {readonly (number | null)[]} values
 */
export function summary(values) {
  let [min, max, sum, count] = [Infinity, -Infinity, 0, 0];
  /** @type {number | null} */
  let last = null;
  for (const value of values) {
    if (value === null) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
    last = value;
  }
  if (count === 0) return { min: null, max: null, avg: null, last: null };
  return { min, max, avg: sum / count, last };
}
