/**
 * A series with every datapoint replaced, the form of most Transform functions. NaN, a null, must
 * give NaN; arithmetic does so by itself.
 */
import { derive, type Series } from '../series/series.ts';

export function mapped(
  series: Series,
  name: string,
  tags: Record<string, string>,
  each: (value: number) => number,
): Series {
  const source = series.values;
  const values = new Float64Array(source.length);
  for (let i = 0; i < source.length; i++) values[i] = each(source[i]!);
  return derive(series, { name, tags, values, integers: false });
}
