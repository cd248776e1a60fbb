/**
 * Statistics of timers over longer buckets: what `summarize`, `smartSummarize` and maxDataPoints
 * make of `….upper_99`. An average of percentiles is no percentile, so where sketches cover a whole
 * bucket its value is read from the merged sketches; other buckets keep the aggregate of the
 * numbers.
 */
import { STAT_EDGE_P, STAT_LOWER, STAT_MEAN, STAT_MEAN_P } from '../../wire/statistics.ts';
import { STAT_MEDIAN, STAT_STD, STAT_UPPER } from '../../wire/statistics.ts';
import { type Grid, readOnto } from './distribution.ts';
import type { Series } from './series.ts';

/** Statistics that neither sum nor average of shorter ones give. */
const NOT_ADDITIVE: ReadonlySet<number> = new Set([
  STAT_LOWER,
  STAT_UPPER,
  STAT_MEAN,
  STAT_MEDIAN,
  STAT_STD,
  STAT_MEAN_P,
  STAT_EDGE_P,
]);

/** Whether a statistic of a timer is read from merged sketches instead. */
export function isMergeable(stat: number): boolean {
  return NOT_ADDITIVE.has(stat);
}

/** Aggregates that mean "the same for a longer time" to who asks for them; sum is the default. */
const PLAIN: ReadonlySet<string> = new Set(['average', 'avg', 'sum', 'total']);

export function isPlain(func: string): boolean {
  return PLAIN.has(func);
}

/**
 * Replaces `values`, one a bucket of `grid`, where the sketches of `sketched` cover all that the
 * series has of a bucket.
 */
export async function readMerged(
  values: Float64Array,
  grid: Grid,
  series: Series,
  sketched: Series,
  pause: () => Promise<void>,
): Promise<void> {
  const { distribution } = sketched;
  if (distribution?.kind !== 'timer') return;
  const merged = await readOnto(grid, [sketched], distribution, pause);
  for (let i = 0; i < values.length; i++) {
    const value = merged[i]!;
    const from = Math.max(grid.start + i * grid.step, series.start);
    const to = Math.min(grid.start + (i + 1) * grid.step, series.end);
    if (Number.isNaN(values[i]!) || Number.isNaN(value)) continue;
    if (covers(sketched, from, to) && isCounted(series, sketched, from, to)) values[i] = value;
  }
}

/** Whether there is a sketch wherever there is a datapoint: timers may be older than sketches. */
function isCounted(series: Series, sketched: Series, from: number, to: number): boolean {
  const { starts, ends } = sketched.distribution!.sketches!; // those of one timer
  const last = Math.min(Math.ceil((to - series.start) / series.step), series.values.length);
  for (let i = Math.ceil((from - series.start) / series.step); i < last; i++) {
    if (Number.isNaN(series.values[i]!)) continue;
    const slot = Math.floor((series.start + i * series.step - sketched.start) / sketched.step);
    if (starts[slot] === ends[slot]) return false;
  }
  return true;
}

/** Whether a time is made of whole slots of a series. */
function covers({ start, end, step }: Series, from: number, to: number): boolean {
  return from >= start && to <= end && (from - start) % step === 0 && (to - start) % step === 0;
}
