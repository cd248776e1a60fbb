/**
 * Metrictank's `meta=true` answer, by which Grafana says "data is rolled up": each series with the
 * archive that was read and how its datapoints were folded, and some timings for the inspector.
 *
 *     {"series": [{"target": …, "datapoints": …, "meta": [{"archive-read": 1, …}]}, …],
 *      "meta": {"stats": {"executeplan.run.ms": 3}}}
 */
import type { FormatOptions } from '../query/formats/format.ts';
import { seriesBytes, shownSeries } from '../query/formats/json.ts';
import { type Series, tagOf } from '../query/series/series.ts';
import type { SeriesInfo, SeriesReader } from '../storage/roles.ts';

const CONSOLIDATORS = new Map([
  ['average', 'AverageConsolidator'],
  ['avg', 'AverageConsolidator'],
  ['sum', 'SumConsolidator'],
  ['max', 'MaximumConsolidator'],
  ['min', 'MinimumConsolidator'],
  ['last', 'LastConsolidator'],
]);

/** The answer as JSON, a piece a series; `tookMs` is what reading and computing took. */
export function* rollupPieces(
  store: SeriesReader,
  seriesList: readonly Series[],
  options: FormatOptions,
  tookMs: number,
): Generator<string, void, undefined> {
  let separator = '{"series": [';
  for (const series of shownSeries(seriesList, options)) {
    const object = seriesBytes(series, options).toString('utf8');
    const meta = JSON.stringify([metaOf(store, series)]);
    yield `${separator}${object.slice(0, -1)}, "meta": ${meta}}`;
    separator = ', ';
  }
  const stats = {
    'executeplan.run.ms': Math.round(tookMs),
    'executeplan.series.count': seriesList.length,
  };
  yield `${separator === ', ' ? '' : separator}], "meta": ${JSON.stringify({ stats })}}`;
}

function metaOf(store: SeriesReader, series: Series): Record<string, string | number> {
  const info = infoOf(store, series);
  const archiveIndex = series.archiveIndex ?? 0;
  const folded = series.valuesPerPoint ?? 1;
  return {
    'schema-name': info?.name ?? series.pathExpression,
    'schema-retentions': (info?.archives ?? [])
      .map(({ step, points }) => `${duration(step)}:${duration(step * points)}:1:1:true`)
      .join(','),
    'archive-read': archiveIndex,
    'archive-interval': info?.archives[archiveIndex]?.step ?? series.step,
    'aggnum-norm': 1,
    'consolidator-normfetch': consolidator(info?.aggregationMethod ?? 'average'),
    'aggnum-rc': folded > 1 ? folded : 0,
    'consolidator-rc': folded > 1 ? consolidator(series.consolidateBy) : 'None',
    count: 1,
    ...(series.notice === undefined ? {} : { notice: series.notice }),
  };
}

/** What governs the series that a column came from; its tags keep the name that it was read by. */
function infoOf(store: SeriesReader, series: Series): SeriesInfo | undefined {
  const found = store.lookup(String(tagOf(series, 'name'))) ?? store.lookup(series.name);
  return found === undefined ? undefined : store.info(found.id);
}

function consolidator(method: string): string {
  return CONSOLIDATORS.get(method) ?? `${method}Consolidator`;
}

/** Seconds in Metrictank's units, which Grafana shows as they are. */
function duration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}min` : `${seconds}s`;
}
