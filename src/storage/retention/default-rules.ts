/**
 * The rules in force when no storage files are given; config/storage-schemas.conf and
 * config/storage-aggregation.conf explain them and parse to exactly these (test). Methods and
 * factors are those that StatsD's docs/graphite.md recommends, so that a counter is still the right
 * number after a rollup; a timer's thresholds (`upper_90`, `upper_99_9`, `lower_top10`) follow the
 * statistic they belong to, and tagged names (`….upper;host=a`) count as well.
 */
import type { AggregationMethod } from './archives.ts';
import { parseRetentions } from './retentions.ts';
import { type AggregationRule, RetentionRules, type RuleSource, type SchemaRule } from './rules.ts';

export const DEFAULT_SCHEMAS: readonly SchemaRule[] = [
  { source: builtIn('default', '.*'), archives: parseRetentions('10s:6h,1m:7d,10m:5y') },
];

export const DEFAULT_AGGREGATIONS: readonly AggregationRule[] = [
  aggregation('gauges', String.raw`(^|\.)gauges\.`, 'last', 0),
  aggregation('min', String.raw`\.lower(_(top)?[0-9]+(_[0-9]+)?)?(;|$)`, 'min', 0.1),
  aggregation('max', String.raw`\.upper(_(top)?[0-9]+(_[0-9]+)?)?(;|$)`, 'max', 0.1),
  aggregation('sum', String.raw`\.sum(_squares)?(_(top)?[0-9]+(_[0-9]+)?)?(;|$)`, 'sum', 0),
  aggregation('count', String.raw`\.count(_(top)?[0-9]+(_[0-9]+)?)?(;|$)`, 'sum', 0),
  aggregation('count_legacy', String.raw`^stats_counts\.`, 'sum', 0),
  aggregation('default_average', '.*', 'average', 0.3),
];

export const DEFAULT_RULES = new RetentionRules(DEFAULT_SCHEMAS, DEFAULT_AGGREGATIONS);

function builtIn(section: string, pattern: string): RuleSource {
  return { file: undefined, line: 0, section, pattern };
}

function aggregation(
  section: string,
  pattern: string,
  aggregationMethod: AggregationMethod,
  xFilesFactor: number,
): AggregationRule {
  return { source: builtIn(section, pattern), aggregationMethod, xFilesFactor };
}
