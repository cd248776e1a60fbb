/**
 * StatsD's statistics of a timer, off a sketch (test/conformance/statsd/FACTS.md §2.1; stats.js of StatsD,
 * lib/process_metrics). While the sketch holds raw values they are StatsD's to the last bit: sums
 * run over the ascending values, as there. Called at every flush and, on merged sketches, by the
 * storage wing for coarser archives.
 */
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
} from '../wire/statistics.ts';
import { binMiddle, type Bins } from './bins.ts';
import type { Sketch } from './log-linear.ts';

/**
 * One statistic over `seconds` of traffic. `argument` is the threshold in percent (negative: the
 * largest), or the upper bound of a bin, then the result is how many values lie below it. NaN where
 * StatsD says NaN and where it says nothing (`isThresholdSent` tells them apart).
 */
export function statistic(sketch: Sketch, stat: number, argument: number, seconds: number): number {
  if (stat === STAT_COUNT) return sketch.count;
  if (stat === STAT_COUNT_PS) return sketch.count / seconds;
  if (sketch.total === 0) return NaN;
  return sketch.isRaw
    ? rawStatistic(sketch.sortedRaw(), stat, argument)
    : binnedStatistic(sketch, stat, argument);
}

/**
 * How many of `total` values lie within a threshold; all of one value, whatever the threshold.
 * May exceed `total` (thresholds over 100 %).
 */
export function thresholdCount(total: number, percent: number): number {
  return total === 1 ? 1 : Math.round((Math.abs(percent) / 100) * total);
}

/** Whether StatsD sends this statistic of a threshold at all. */
export function isThresholdSent(total: number, stat: number, percent: number): boolean {
  const count = thresholdCount(total, percent);
  if (count === 0) return false;
  if (count <= total || stat === STAT_COUNT_P || stat === STAT_MEAN_P) return true;
  return percent <= 0 && stat !== STAT_EDGE_P;
}

function rawStatistic(values: Float64Array, stat: number, argument: number): number {
  const n = values.length;
  switch (stat) {
    case STAT_LOWER:
      return values[0]!;
    case STAT_UPPER:
      return values[n - 1]!;
    case STAT_SUM:
      return sumOf(values, n);
    case STAT_SUM_SQUARES:
      return sumOfSquares(values, n);
    case STAT_MEAN:
      return sumOf(values, n) / n;
    case STAT_MEDIAN: {
      const middle = n >> 1;
      return n % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
    }
    case STAT_STD: {
      const mean = sumOf(values, n) / n;
      let squares = 0;
      for (let i = 0; i < n; i++) squares += (values[i]! - mean) * (values[i]! - mean);
      return Math.sqrt(squares / n);
    }
    case STAT_BIN: {
      let below = 0;
      while (below < n && (argument === Infinity || values[below]! < argument)) below += 1;
      return below;
    }
    default:
      return rawThreshold(values, stat, argument);
  }
}

function rawThreshold(values: Float64Array, stat: number, percent: number): number {
  const n = values.length;
  const count = thresholdCount(n, percent);
  if (count === 0) return NaN;
  if (stat === STAT_COUNT_P) return count;
  const low = percent > 0 || n === 1;
  if (stat === STAT_EDGE_P) return values[low ? count - 1 : n - count] ?? NaN;
  const sums = stat === STAT_SUM_SQUARES_P ? sumOfSquares : sumOf;
  if (low && count > n) return NaN;
  // With a threshold of all values StatsD reads index -1 and says NaN.
  const sum = low
    ? sums(values, count)
    : n > count
      ? sums(values, n) - sums(values, n - count)
      : NaN;
  return stat === STAT_MEAN_P ? sum / count : sum;
}

function sumOf(values: Float64Array, count: number): number {
  let sum = values[0]!;
  for (let i = 1; i < count; i++) sum += values[i]!;
  return sum;
}

function sumOfSquares(values: Float64Array, count: number): number {
  let sum = values[0]! * values[0]!;
  for (let i = 1; i < count; i++) sum += values[i]! * values[i]!;
  return sum;
}

function binnedStatistic(sketch: Sketch, stat: number, argument: number): number {
  const { total, sum, sumSquares, min, max } = sketch;
  switch (stat) {
    case STAT_LOWER:
      return min;
    case STAT_UPPER:
      return max;
    case STAT_SUM:
      return sum;
    case STAT_SUM_SQUARES:
      return sumSquares;
    case STAT_MEAN:
      return sum / total;
    case STAT_MEDIAN: {
      // Between two values that lie apart, either alone is off by more than a bin.
      const middle = walk(sketch, Math.ceil(total / 2), STAT_EDGE_P);
      return total % 2 === 0 ? (middle + walk(sketch, total / 2 + 1, STAT_EDGE_P)) / 2 : middle;
    }
    case STAT_STD: {
      const mean = sum / total;
      return Math.sqrt(Math.max(0, sumSquares / total - mean * mean));
    }
    case STAT_BIN:
      return argument === Infinity ? total : weightBelow(sketch, argument);
    default:
      return binnedThreshold(sketch, stat, argument);
  }
}

function binnedThreshold(sketch: Sketch, stat: number, percent: number): number {
  const { total } = sketch;
  const count = thresholdCount(total, percent);
  if (count === 0) return NaN;
  if (stat === STAT_COUNT_P) return count;
  if (count > total) return NaN;
  if (stat === STAT_EDGE_P) {
    return walk(sketch, percent > 0 ? count : total - count + 1, STAT_EDGE_P);
  }
  const squares = stat === STAT_SUM_SQUARES_P;
  const whole = squares ? sketch.sumSquares : sketch.sum;
  let part: number;
  if (percent > 0)
    part = count === total ? whole : walk(sketch, count, squares ? stat : STAT_SUM_P);
  else if (count === total) part = NaN;
  else part = whole - walk(sketch, total - count, squares ? stat : STAT_SUM_P);
  return stat === STAT_MEAN_P ? part / count : part;
}

/** State of a walk over the bins in ascending order of value. */
let left = 0;
let reached = 0;
let gathered = 0;

/** The value at a rank (STAT_EDGE_P), or the sum of values or squares up to it. */
function walk(sketch: Sketch, rank: number, stat: number): number {
  left = rank;
  reached = sketch.min;
  gathered = 0;
  const { negative, positive, zeros, min, max } = sketch;
  for (let i = negative.weights.length - 1; i >= 0 && left > 0; i--) {
    const weight = negative.weights[i]!;
    if (weight === 0) continue;
    take(weight, -binMiddle(negative.low + i, negative.bits), stat, min, max);
  }
  take(zeros, 0, stat, min, max);
  walkUp(positive, stat, min, max);
  return stat === STAT_EDGE_P ? reached : gathered;
}

function walkUp(bins: Bins, stat: number, min: number, max: number): void {
  const { weights, low, bits } = bins;
  for (let i = 0; i < weights.length && left > 0; i++) {
    const weight = weights[i]!;
    // Most bins are empty, and a bin's middle costs more than looking.
    if (weight !== 0) take(weight, binMiddle(low + i, bits), stat, min, max);
  }
}

function take(weight: number, middle: number, stat: number, min: number, max: number): void {
  if (weight === 0 || left <= 0) return;
  const value = Math.min(Math.max(middle, min), max);
  const taken = Math.min(weight, left);
  left -= taken;
  reached = value;
  gathered += taken * (stat === STAT_SUM_SQUARES_P ? value * value : value);
}

function weightBelow(sketch: Sketch, bound: number): number {
  const { negative, positive, zeros } = sketch;
  let below = 0;
  for (let i = 0; i < negative.weights.length; i++) {
    if (-binMiddle(negative.low + i, negative.bits) < bound) below += negative.weights[i]!;
  }
  if (bound > 0) below += zeros;
  for (let i = 0; i < positive.weights.length; i++) {
    if (binMiddle(positive.low + i, positive.bits) < bound) below += positive.weights[i]!;
  }
  return below;
}
