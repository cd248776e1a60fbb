/**
 * The prefixes that StatsD's namespace puts in front of names, with their dots. The store removes
 * them before it counts by prefix, so that `app.checkout` is one prefix for all kinds of metrics.
 *
 *     stats.timers. | app.checkout.latency.upper_90
 */
import type { Config, NamespaceConfig } from './config.ts';

export function namespacePrefixes(namespace: NamespaceConfig): string[] {
  if (namespace.legacy !== false) {
    return ['stats.', 'stats_counts.', 'stats.timers.', 'stats.gauges.', 'stats.sets.'];
  }
  const { globalPrefix, prefixCounter, prefixTimer, prefixGauge, prefixSet } = namespace;
  return [prefixCounter, prefixTimer, prefixGauge, prefixSet]
    .map((part) => [globalPrefix, part].filter((text) => text !== '').join('.'))
    .filter((text) => text !== '')
    .map((text) => `${text}.`);
}

/** How many series a prefix may have in the store, and how many bytes their names. */
export function storedPrefixes({
  aggregation,
  maxStoredSeriesPerPrefix,
  maxStoredNameBytes,
}: Config): {
  nodes: number;
  limit: number;
  bytes: { prefix: number; all: number };
  skipped: string[];
} {
  return {
    nodes: aggregation.prefixNodes,
    limit: maxStoredSeriesPerPrefix,
    bytes: { prefix: maxStoredNameBytes / 2, all: maxStoredNameBytes },
    skipped: namespacePrefixes(aggregation.namespace),
  };
}
