/**
 * Every render function, listed by hand and sorted by file. `functionNamed` finds one by name or
 * alias; `FUNCTIONS` holds Graphite's by name, aliases too, `TIMER_FUNCTIONS` those over sketches,
 * `CARBONAPI_FUNCTIONS` the other ones.
 */
import { aggregateLine } from './aggregate-line.ts';
import { alias, aliasQuery, aliasSub, lower, upper } from './alias.ts';
import { aliasByMetric, aliasByNode, aliasByTags, substr } from './alias-by-node.ts';
import { areaBetween } from './area-between.ts';
import {
  absolute,
  add,
  invert,
  minMax,
  offset,
  offsetToZero,
  round,
  scale,
  scaleToSeconds,
} from './arithmetic.ts';
import { asPercent } from './as-percent.ts';
import { baseline, baselineAberration } from './baseline.ts';
import {
  aliasByBase64,
  count,
  diff,
  exponentialWeightedMovingAverage,
  highestMin,
  integralWithReset,
  isNotNull,
  lowestMax,
  lowestMin,
  multiply,
  powSeriesLists,
  removeZeroSeries,
  stddev,
  toLowerCase,
  toUpperCase,
} from './carbonapi-names.ts';
import {
  aggregate,
  averageSeries,
  countSeries,
  diffSeries,
  maxSeries,
  minSeries,
  multiplySeries,
  powSeries,
  rangeOfSeries,
  stddevSeries,
  sumSeries,
} from './combine.ts';
import {
  aggregateSeriesLists,
  diffSeriesLists,
  divideSeries,
  divideSeriesLists,
  multiplySeriesLists,
  sumSeriesLists,
} from './combine-lists.ts';
import {
  aggregateWithWildcards,
  averageSeriesWithWildcards,
  multiplySeriesWithWildcards,
  sumSeriesWithWildcards,
} from './combine-wildcards.ts';
import { constantLine, threshold } from './constant-line.ts';
import { consolidateBy, cumulative, setXFilesFactor } from './context-settings.ts';
import { kolmogorovSmirnovTest2, pearson, pearsonClosest } from './correlation.ts';
import { derivative, integral, nonNegativeDerivative, perSecond } from './derivative.ts';
import { events, verticalLine } from './events.ts';
import { exclude, grep, removeEmptySeries, unique } from './filter-by-name.ts';
import {
  averageAbove,
  averageBelow,
  currentAbove,
  currentBelow,
  filterSeries,
  maximumAbove,
  maximumBelow,
  minimumAbove,
  minimumBelow,
} from './filter-by-value.ts';
import {
  highest,
  highestAverage,
  highestCurrent,
  highestMax,
  limit,
  lowest,
  lowestAverage,
  lowestCurrent,
  mostDeviant,
} from './filter-top.ts';
import { fft, ifft } from './fourier.ts';
import {
  changed,
  compressPeriodicGaps,
  isNonNull,
  keepLastValue,
  removeAboveValue,
  removeBelowValue,
  transformNull,
} from './gaps.ts';
import { identity, randomWalkFunction, sinFunction, timeFunction } from './generated.ts';
import { alpha, color, dashed, drawAsInfinite, lineWidth, secondYAxis } from './graph-options.ts';
import { groupByNode, groupByNodes, groupByTags } from './group-by.ts';
import {
  holtWintersAberration,
  holtWintersConfidenceArea,
  holtWintersConfidenceBands,
  holtWintersForecast,
} from './holt-winters.ts';
import { integralByInterval, interpolate } from './interpolate.ts';
import { cactiStyle, legendValue } from './legend.ts';
import { linearRegression } from './linear-regression.ts';
import { applyByNode, mapSeries, reduceSeries, useSeriesAbove } from './map-reduce.ts';
import {
  exponentialMovingAverage,
  movingAverage,
  movingMax,
  movingMedian,
  movingMin,
  movingSum,
  movingWindow,
} from './moving.ts';
import { heatMap, lowPass, tukeyAbove, tukeyBelow } from './outliers.ts';
import {
  averageOutsidePercentile,
  nPercentile,
  percentileOfSeries,
  removeAbovePercentile,
  removeBelowPercentile,
  removeBetweenPercentile,
} from './percentiles.ts';
import { fallbackSeries, group, seriesByTag } from './pick.ts';
import { polyfit } from './polyfit.ts';
import { exp, log, logit, pow, sigmoid, squareRoot } from './powers.ts';
import { setUnion } from './set-union.ts';
import { slo, sloErrorBudget } from './slo.ts';
import { sortBy, sortByMaxima, sortByMinima, sortByName, sortByTotal } from './sort.ts';
import { stacked } from './stacked.ts';
import { stdev } from './stdev.ts';
import { hitcount, smartSummarize, summarize } from './summarize.ts';
import { delay, timeShift, timeSlice, timeStack } from './time-shift.ts';
import { timeShiftByMetric } from './time-shift-by-metric.ts';
import { timerHistogram } from './timer-histogram.ts';
import { timerMerge, timerMergeByNode } from './timer-merge.ts';
import { timerPercentile, timerPercentiles } from './timer-percentile.ts';
import { timerApdex, timerCdf } from './timer-share.ts';
import { timerStat } from './timer-stat.ts';
import { weightedAverage } from './weighted-average.ts';
import type { FunctionSpec } from './spec.ts';

const SPECS: readonly FunctionSpec[] = [
  absolute,
  add,
  aggregate,
  aggregateLine,
  aggregateSeriesLists,
  aggregateWithWildcards,
  alias,
  aliasByMetric,
  aliasByNode,
  aliasByTags,
  aliasQuery,
  aliasSub,
  alpha,
  applyByNode,
  areaBetween,
  asPercent,
  averageAbove,
  averageBelow,
  averageOutsidePercentile,
  averageSeries,
  averageSeriesWithWildcards,
  cactiStyle,
  changed,
  color,
  compressPeriodicGaps,
  consolidateBy,
  constantLine,
  countSeries,
  cumulative,
  currentAbove,
  currentBelow,
  dashed,
  delay,
  derivative,
  diffSeries,
  diffSeriesLists,
  divideSeries,
  divideSeriesLists,
  drawAsInfinite,
  events,
  exclude,
  exp,
  exponentialMovingAverage,
  fallbackSeries,
  filterSeries,
  grep,
  group,
  groupByNode,
  groupByNodes,
  groupByTags,
  highest,
  highestAverage,
  highestCurrent,
  highestMax,
  hitcount,
  holtWintersAberration,
  holtWintersConfidenceArea,
  holtWintersConfidenceBands,
  holtWintersForecast,
  identity,
  integral,
  integralByInterval,
  interpolate,
  invert,
  isNonNull,
  keepLastValue,
  legendValue,
  limit,
  linearRegression,
  lineWidth,
  log,
  logit,
  lower,
  lowest,
  lowestAverage,
  lowestCurrent,
  mapSeries,
  maximumAbove,
  maximumBelow,
  maxSeries,
  minimumAbove,
  minimumBelow,
  minMax,
  minSeries,
  mostDeviant,
  movingAverage,
  movingMax,
  movingMedian,
  movingMin,
  movingSum,
  movingWindow,
  multiplySeries,
  multiplySeriesLists,
  multiplySeriesWithWildcards,
  nonNegativeDerivative,
  nPercentile,
  offset,
  offsetToZero,
  percentileOfSeries,
  perSecond,
  pow,
  powSeries,
  randomWalkFunction,
  rangeOfSeries,
  reduceSeries,
  removeAbovePercentile,
  removeAboveValue,
  removeBelowPercentile,
  removeBelowValue,
  removeBetweenPercentile,
  removeEmptySeries,
  round,
  scale,
  scaleToSeconds,
  secondYAxis,
  seriesByTag,
  setXFilesFactor,
  sigmoid,
  sinFunction,
  smartSummarize,
  sortBy,
  sortByMaxima,
  sortByMinima,
  sortByName,
  sortByTotal,
  squareRoot,
  stacked,
  stddevSeries,
  stdev,
  substr,
  summarize,
  sumSeries,
  sumSeriesLists,
  sumSeriesWithWildcards,
  threshold,
  timeFunction,
  timeShift,
  timeSlice,
  timeStack,
  transformNull,
  unique,
  upper,
  useSeriesAbove,
  verticalLine,
  weightedAverage,
];

/** carbonapi's: known by name, but not in `/functions`, which answers as graphite-web does. */
const CARBONAPI_SPECS: readonly FunctionSpec[] = [
  aliasByBase64,
  baseline,
  baselineAberration,
  count,
  diff,
  exponentialWeightedMovingAverage,
  fft,
  heatMap,
  highestMin,
  ifft,
  integralWithReset,
  isNotNull,
  kolmogorovSmirnovTest2,
  lowestMax,
  lowestMin,
  lowPass,
  multiply,
  pearson,
  pearsonClosest,
  polyfit,
  powSeriesLists,
  removeZeroSeries,
  slo,
  sloErrorBudget,
  stddev,
  timeShiftByMetric,
  toLowerCase,
  toUpperCase,
  tukeyAbove,
  tukeyBelow,
];

/** tallyd's own, over sketches of timers and sets. */
const TIMER_SPECS: readonly FunctionSpec[] = [
  setUnion,
  timerApdex,
  timerCdf,
  timerHistogram,
  timerMerge,
  timerMergeByNode,
  timerPercentile,
  timerPercentiles,
  timerStat,
];

/** Graphite's functions by name; an alias has an entry of its own, with its own `name`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = byName(SPECS);

export const CARBONAPI_FUNCTIONS: ReadonlyMap<string, FunctionSpec> = byName(CARBONAPI_SPECS);

export const TIMER_FUNCTIONS: ReadonlyMap<string, FunctionSpec> = byName(TIMER_SPECS);

export function functionNamed(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name) ?? TIMER_FUNCTIONS.get(name) ?? CARBONAPI_FUNCTIONS.get(name);
}

function byName(specs: readonly FunctionSpec[]): Map<string, FunctionSpec> {
  return new Map(
    specs
      .flatMap((spec) => [spec.name, ...(spec.aliases ?? [])].map((name) => ({ ...spec, name })))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((spec) => [spec.name, spec]),
  );
}
