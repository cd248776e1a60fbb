/** A series as other Graphite servers read it, in `pickle` and `msgpack`: the keys in this order. */
import type { Series } from '../series/series.ts';

export interface SeriesRecord {
  name: string;
  start: number;
  end: number;
  step: number;
  values: Float64Array;
  pathExpression: string;
  valuesPerPoint: number;
  consolidationFunc: string;
  xFilesFactor: number;
}

export function seriesRecord(series: Series): SeriesRecord {
  return {
    name: series.name,
    start: Math.trunc(series.start),
    end: Math.trunc(series.end),
    step: Math.trunc(series.step),
    values: series.values,
    pathExpression: series.pathExpression,
    valuesPerPoint: series.valuesPerPoint ?? 1,
    consolidationFunc: series.consolidateBy,
    xFilesFactor: series.xFilesFactor,
  };
}
