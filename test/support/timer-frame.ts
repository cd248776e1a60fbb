/** Builds the flushes of timers for tests: base names to values, as an ingest worker sends them. */
import { encodeSketch } from '../../src/sketch/codec.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { isThresholdSent, statistic } from '../../src/sketch/statistics.ts';
import { packBytes, packTexts } from '../../src/wire/packed-strings.ts';
import { type FlushBatch, PRODUCER_STATSD } from '../../src/wire/sample-batch.ts';
import { MERGE_MAX, MERGE_MIN, MERGE_RATE, MERGE_SKETCH, MERGE_SUM } from '../../src/wire/merge.ts';
import {
  SKETCH_TIMER,
  STAT_COUNT,
  STAT_COUNT_P,
  STAT_COUNT_PS,
  STAT_EDGE_P,
  STAT_LOWER,
  STAT_MEAN,
  STAT_MEAN_P,
  STAT_MEDIAN,
  STAT_STD,
  STAT_SUM,
  STAT_UPPER,
} from '../../src/wire/statistics.ts';

/** A statistic's label, STAT_*, argument and MERGE_*. */
export const TIMER_STATISTICS = [
  ['count_90', STAT_COUNT_P, 90, MERGE_SKETCH],
  ['mean_90', STAT_MEAN_P, 90, MERGE_SKETCH],
  ['upper_90', STAT_EDGE_P, 90, MERGE_SKETCH],
  ['upper_99', STAT_EDGE_P, 99, MERGE_SKETCH],
  ['std', STAT_STD, 0, MERGE_SKETCH],
  ['upper', STAT_UPPER, 0, MERGE_MAX],
  ['lower', STAT_LOWER, 0, MERGE_MIN],
  ['count', STAT_COUNT, 0, MERGE_SUM],
  ['count_ps', STAT_COUNT_PS, 0, MERGE_RATE],
  ['sum', STAT_SUM, 0, MERGE_SUM],
  ['mean', STAT_MEAN, 0, MERGE_SKETCH],
  ['median', STAT_MEDIAN, 0, MERGE_SKETCH],
] as const;

/**
 * A flush with the statistics and sketch of each timer; those without values send `count` 0 alone.
 * Timer i has number `firstTimer + i` and always the same refs. Every name is declared.
 */
export function timerFrame(
  time: number,
  timers: Record<string, readonly number[]>,
  options: { firstTimer?: number; intervalMs?: number; sketches?: boolean } = {},
): FlushBatch {
  const { firstTimer = 0, intervalMs = 10_000, sketches = true } = options;
  const rows: { id: number; name: string; value: number; at: number; timer: number }[] = [];
  const encoded: Uint8Array[] = [];
  const numbers: number[] = [];
  Object.entries(timers).forEach(([base, values], i) => {
    const timer = firstTimer + i;
    const sketch = new Sketch();
    for (const value of values) sketch.add(value);
    TIMER_STATISTICS.forEach(([label, stat, argument], at) => {
      const isCount = stat === STAT_COUNT || stat === STAT_COUNT_PS;
      if (values.length === 0 && !isCount) return;
      if (argument !== 0 && !isThresholdSent(values.length, stat, argument)) return;
      const value = statistic(sketch, stat, argument, intervalMs / 1000);
      const id = timer * TIMER_STATISTICS.length + at;
      rows.push({ id, name: seriesName(base, label), value, at, timer });
    });
    if (values.length === 0) return;
    encoded.push(encodeSketch(sketch));
    numbers.push(timer);
  });
  const names = Object.keys(timers);
  const sketched = sketches ? names : [];
  const sketchRefs = Uint32Array.from(sketched, (_, i) => firstTimer + i);
  return {
    producer: PRODUCER_STATSD,
    sequence: 1,
    times: time,
    intervalMs,
    how: 'merge',
    refs: Uint32Array.from(rows, ({ id }) => id),
    values: Float64Array.from(rows, ({ value }) => value),
    series: {
      isReset: false,
      refs: Uint32Array.from(rows, ({ id }) => id),
      names: packTexts(rows.map(({ name }) => name)),
      merges: Uint8Array.from(rows, ({ at }) => TIMER_STATISTICS[at]![3]),
      stats: Uint8Array.from(rows, ({ at }) => TIMER_STATISTICS[at]![1]),
      arguments: Float64Array.from(rows, ({ at }) => TIMER_STATISTICS[at]![2]),
      timers: Uint32Array.from(rows, ({ timer }) => timer),
      retired: new Uint32Array(0),
      sketches: {
        refs: sketchRefs,
        kinds: new Uint8Array(sketched.length).fill(SKETCH_TIMER),
        names: packTexts(sketched),
      },
    },
    sketches: {
      refs: Uint32Array.from(sketches ? numbers : []),
      bytes: packBytes(sketches ? encoded : []),
    },
    flush: { metricCount: names.length, processingMs: 0 },
  };
}

/** The name of a timer's series: the statistic stands before the tags. */
export function seriesName(base: string, label: string): string {
  const tags = base.indexOf(';');
  return tags < 0 ? `${base}.${label}` : `${base.slice(0, tags)}.${label}${base.slice(tags)}`;
}
