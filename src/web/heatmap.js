/**
 * The distribution of timers over time: buckets from `timerHistogram`, drawn as a heatmap, with
 * percentiles of all their values as lines over it.
 */
import { ask } from './ask.js';
import { ZONE } from './series.js';

/** Percentiles that are drawn over a heatmap. */
const PERCENTILES = '50,90,99';
const BUCKETS = 40;
/** Cells are some pixels wide, so that one can be told from the next. */
const CELL_WIDTH = 6;

/** What ends the name of a timer's statistic in StatsD's names. */
const STATISTIC =
  /\.(?:(?:upper|lower|mean|sum|sum_squares|count|median|std|histogram)(?:_\d[\d_]*)?|count_ps)$/;

/**
 * The timers that a target reads, by their names without the statistic: for
 * `aliasByNode(stats.timers.*.latency.upper_90, 2)` it is `stats.timers.*.latency`.
 *
 * @param {string} target
 */
export function timerOf(target) {
  const path = /[^\s(),'"|]+\.[^\s(),'"|]+/.exec(target)?.[0] ?? target.trim();
  return path.replace(STATISTIC, '');
}

/**
 * The target whose lines are the percentiles.
 *
 * @param {string} timer
 */
export function percentilesOf(timer) {
  return `timerPercentiles(timerMerge(${timer}),${PERCENTILES})`;
}

/**
 * @param {string} timer
 * @param {{ from: string, until: string }} range
 * @param {number} width pixels
 * @param {AbortSignal} signal
 * @returns {Promise<import('./heat-colors.js').Heat | undefined>} undefined where there is no value
 */
export async function askHeat(timer, range, width, signal) {
  const asked = {
    target: `timerHistogram(${timer},${BUCKETS})`,
    ...range,
    maxDataPoints: Math.floor(width / CELL_WIDTH),
    tz: ZONE,
    format: 'json',
  };
  /** @type {import('./series.js').Raw[]} */
  const list = await ask('render', asked, signal);
  if (list.length === 0) return undefined;
  const times = (list[0]?.datapoints ?? []).map(([, time]) => time);
  const bounds = list.map(({ target }) => (target === '+Inf' ? Infinity : Number(target)));
  const buckets = list.map(({ datapoints }, i) => ({
    low: bounds[i - 1] ?? 0,
    high: bounds[i] ?? Infinity,
    counts: datapoints.map(([value]) => value),
  }));
  const most = Math.max(1, ...buckets.flatMap(({ counts }) => counts.map((count) => count ?? 0)));
  const positive = bounds.filter((bound) => bound > 0 && Number.isFinite(bound));
  const high = positive.at(-1) ?? 1;
  const low = (positive[0] ?? high / 2) / 1.2;
  return { times, step: (times[1] ?? 0) - (times[0] ?? 0) || 1, buckets, most, low, high };
}
