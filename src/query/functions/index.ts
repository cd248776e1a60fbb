/**
 * Every render function, listed by hand and sorted by file. `functionNamed` finds one by name or
 * alias; `FUNCTIONS` holds all of them by name, aliases too.
 */
import { alias, aliasQuery, aliasSub, lower, upper } from './alias.ts';
import { aliasByMetric, aliasByNode, aliasByTags, substr } from './alias-by-node.ts';
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
import { consolidateBy, setXFilesFactor } from './context-settings.ts';
import { derivative, integral, nonNegativeDerivative, perSecond } from './derivative.ts';
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
import {
  changed,
  compressPeriodicGaps,
  isNonNull,
  keepLastValue,
  removeAboveValue,
  removeBelowValue,
  transformNull,
} from './gaps.ts';
import { alpha, color, dashed, drawAsInfinite, lineWidth, secondYAxis } from './graph-options.ts';
import { groupByNode, groupByNodes, groupByTags } from './group-by.ts';
import { cactiStyle, legendValue } from './legend.ts';
import {
  averageOutsidePercentile,
  nPercentile,
  percentileOfSeries,
  removeAbovePercentile,
  removeBelowPercentile,
  removeBetweenPercentile,
} from './percentiles.ts';
import { exp, log, logit, pow, sigmoid, squareRoot } from './powers.ts';
import { sortBy, sortByMaxima, sortByMinima, sortByName, sortByTotal } from './sort.ts';
import { stacked } from './stacked.ts';
import { stdev } from './stdev.ts';
import { weightedAverage } from './weighted-average.ts';
import type { FunctionSpec } from './spec.ts';

const SPECS: readonly FunctionSpec[] = [
  absolute,
  add,
  aggregate,
  aggregateSeriesLists,
  aggregateWithWildcards,
  alias,
  aliasByMetric,
  aliasByNode,
  aliasByTags,
  aliasQuery,
  aliasSub,
  alpha,
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
  currentAbove,
  currentBelow,
  dashed,
  derivative,
  diffSeries,
  diffSeriesLists,
  divideSeries,
  divideSeriesLists,
  drawAsInfinite,
  exclude,
  exp,
  filterSeries,
  grep,
  groupByNode,
  groupByNodes,
  groupByTags,
  highest,
  highestAverage,
  highestCurrent,
  highestMax,
  integral,
  invert,
  isNonNull,
  keepLastValue,
  legendValue,
  limit,
  lineWidth,
  log,
  logit,
  lower,
  lowest,
  lowestAverage,
  lowestCurrent,
  maximumAbove,
  maximumBelow,
  maxSeries,
  minimumAbove,
  minimumBelow,
  minMax,
  minSeries,
  mostDeviant,
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
  rangeOfSeries,
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
  setXFilesFactor,
  sigmoid,
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
  sumSeries,
  sumSeriesLists,
  sumSeriesWithWildcards,
  threshold,
  transformNull,
  unique,
  upper,
  weightedAverage,
];

/** All functions by name; an alias has an entry of its own, with its own `name`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map(
  SPECS.flatMap((spec) => [spec.name, ...(spec.aliases ?? [])].map((name) => ({ ...spec, name })))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((spec) => [spec.name, spec]),
);

export function functionNamed(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name);
}
