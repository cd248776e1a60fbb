/**
 * Metrictank's `meta=true` answer, by which Grafana says "data is rolled up": each series with the
 * archive that was read and how its datapoints were folded, and some timings for the inspector.
 *
 *     {"series": [{"target": …, "datapoints": …, "meta": [{"archive-read": 1, …}]}, …],
 *      "meta": {"stats": {"executeplan.run.ms": 3}}}
 */
import type { FormatOptions } from '../query/formats/format.ts';
import { jsonBytes, thinned } from '../query/formats/json.ts';
import type { Series } from '../query/series/series.ts';
import type { SeriesInfo, SeriesReader } from '../storage/roles.ts';

const CONSOLIDATORS: Record<string, string> = {
  average: 'AverageConsolidator',
  avg: 'AverageConsolidator',
  sum: 'SumConsolidator',
  max: 'MaximumConsolidator',
  min: 'MinimumConsolidator',
  last: 'LastConsolidator',
};

/** The answer as JSON, a piece a series; `tookMs` is what reading and computing took. */
export function* rollupPieces(
  store: SeriesReader,
  series: readonly Series[],
  options: FormatOptions,
  tookMs: number,
): Generator<string, void, undefined> {
  let separator = '{"series": [';
  for (const one of thinned(series, options.maxDataPoints)) {
    const chunk = jsonBytes([one], {}).toString('utf8');
    const meta = JSON.stringify([metaOf(store, one)]);
    // `[{…}]` without its brackets and the closing brace, which comes after `meta`.
    yield `${separator}${chunk.slice(1, chunk.lastIndexOf('}'))}, "meta": ${meta}}`;
    separator = ', ';
  }
  const stats = {
    'executeplan.run.ms': Math.round(tookMs),
    'executeplan.series.count': series.length,
  };
  yield `${separator === ', ' ? '' : separator}], "meta": ${JSON.stringify({ stats })}}`;
}

function metaOf(store: SeriesReader, one: Series): Record<string, string | number> {
  const info = infoOf(store, one);
  const archiveIndex = one.archiveIndex ?? 0;
  const folded = one.valuesPerPoint ?? 1;
  return {
    'schema-name': info?.name ?? one.pathExpression,
    'schema-retentions': (info?.archives ?? [])
      .map(({ step, points }) => `${duration(step)}:${duration(step * points)}:1:1:true`)
      .join(','),
    'archive-read': archiveIndex,
    'archive-interval': info?.archives[archiveIndex]?.step ?? one.step,
    'aggnum-norm': 1,
    'consolidator-normfetch': consolidator(info?.aggregationMethod ?? 'average'),
    'aggnum-rc': folded > 1 ? folded : 0,
    'consolidator-rc': folded > 1 ? consolidator(one.consolidateBy) : 'None',
    count: 1,
    ...(one.notice === undefined ? {} : { notice: one.notice }),
  };
}

/** What governs the series that a column came from; its tags keep the name that it was read by. */
function infoOf(store: SeriesReader, one: Series): SeriesInfo | undefined {
  const found = store.lookup(String(one.tags['name'])) ?? store.lookup(one.name);
  return found === undefined ? undefined : store.info(found.id);
}

function consolidator(method: string): string {
  return CONSOLIDATORS[method] ?? `${method}Consolidator`;
}

/** Seconds in Metrictank's units, which Grafana shows as they are. */
function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}min` : `${seconds}s`;
}
