/**
 * Which statistics a timer has, in StatsD's order, and which of them are sent: thresholds from
 * `percentThreshold`, the fixed nine, then the bins of the first histogram entry that matches.
 *
 *     count_90 mean_90 upper_90 sum_90 sum_squares_90 | std upper lower count … median | bin_5 bin_inf
 */
import type { AggregationConfig } from '../../config/config.ts';
import {
  MERGE_MAX,
  MERGE_MIN,
  MERGE_RATE,
  MERGE_SKETCH,
  MERGE_SUM,
  type MergeCode,
} from '../../wire/merge.ts';
import {
  STAT_BIN,
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
  STAT_SUM_P,
  STAT_SUM_SQUARES,
  STAT_SUM_SQUARES_P,
  STAT_UPPER,
} from '../../wire/statistics.ts';

export interface TimerStatistic {
  stat: number;
  /** Threshold in percent, or index of the bin. */
  argument: number;
  merge: MergeCode;
  /** What follows the name: `upper_90`, `histogram.bin_inf`. */
  label: string;
  sent: boolean;
}

interface Histogram {
  metric: Uint8Array;
  bounds: number[];
  statistics: TimerStatistic[];
}

export interface TimerPlan {
  /** Thresholds first; `fixedFrom` is where the fixed nine start. */
  statistics: TimerStatistic[];
  fixedFrom: number;
  histograms: Histogram[];
}

const FIXED: [string, number, MergeCode][] = [
  ['std', STAT_STD, MERGE_SKETCH],
  ['upper', STAT_UPPER, MERGE_MAX],
  ['lower', STAT_LOWER, MERGE_MIN],
  ['count', STAT_COUNT, MERGE_SUM],
  ['count_ps', STAT_COUNT_PS, MERGE_RATE],
  ['sum', STAT_SUM, MERGE_SUM],
  ['sum_squares', STAT_SUM_SQUARES, MERGE_SUM],
  ['mean', STAT_MEAN, MERGE_SKETCH],
  ['median', STAT_MEDIAN, MERGE_SKETCH],
];

export function planTimers(config: AggregationConfig): TimerPlan {
  const wanted = config.calculatedTimerMetrics;
  const isSent = (label: string): boolean => isWanted(label, wanted);
  const statistics: TimerStatistic[] = [];
  const add = (label: string, stat: number, argument: number, merge: MergeCode): void => {
    statistics.push({ label, stat, argument, merge, sent: isSent(label) });
  };
  for (const { percent, label } of config.percentThresholds) {
    add(`count_${label}`, STAT_COUNT_P, percent, MERGE_SKETCH);
    add(`mean_${label}`, STAT_MEAN_P, percent, MERGE_SKETCH);
    add(`${percent > 0 ? 'upper' : 'lower'}_${label}`, STAT_EDGE_P, percent, MERGE_SKETCH);
    add(`sum_${label}`, STAT_SUM_P, percent, MERGE_SKETCH);
    add(`sum_squares_${label}`, STAT_SUM_SQUARES_P, percent, MERGE_SKETCH);
  }
  const fixedFrom = statistics.length;
  for (const [label, stat, merge] of FIXED) add(label, stat, 0, merge);
  const sent = isSent('histogram');
  const encoder = new TextEncoder();
  const histograms = config.histograms.map((histogram) => ({
    metric: encoder.encode(histogram.metric),
    bounds: histogram.bins,
    statistics: histogram.labels.map((label, argument) => ({
      label: `histogram.${binName(label)}`,
      stat: STAT_BIN,
      argument,
      merge: MERGE_SUM as MergeCode,
      sent,
    })),
  }));
  return { statistics, fixedFrom, histograms };
}

/** StatsD changes the first dot only: `bin_0_01`. */
function binName(label: string): string {
  return `bin_${label}`.replace('.', '_');
}

/**
 * StatsD compares after replacing a trailing `_90` or `_top10` by `_percent`; so `upper_99_9`
 * becomes `upper_99_percent`, which nobody lists, and is lost (test/conformance/statsd/FACTS.md §2.1).
 */
function isWanted(label: string, wanted: string[] | undefined): boolean {
  if (wanted === undefined || wanted.length === 0) return true;
  return wanted.includes(label.replace(/_(top)?\d+$/, '_percent'));
}

/** Index of the first histogram whose metric is part of the key bytes[from, to), or -1. */
export function matchHistogram(
  plan: TimerPlan,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  return plan.histograms.findIndex(({ metric }) => holdsBytes(bytes, from, to, metric));
}

/** Whether bytes[from, to) hold those of a part. */
export function holdsBytes(bytes: Uint8Array, from: number, to: number, part: Uint8Array): boolean {
  for (let at = from; at + part.length <= to; at++) {
    let i = 0;
    while (i < part.length && bytes[at + i] === part[i]) i += 1;
    if (i === part.length) return true;
  }
  return false;
}
