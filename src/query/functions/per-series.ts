/**
 * Functions that answer each series by itself, declared by what becomes of one series (`perSeries`)
 * or of one datapoint (`perPoint`, `perPointBy`).
 */
import { pythonFloat } from '../series/python-format.ts';
import { derive, type Series } from '../series/series.ts';
import { float, type FunctionSpec, type Param, seriesList } from './spec.ts';

interface PerSeriesSpec extends Omit<FunctionSpec, 'call' | 'isPerSeries' | 'params'> {
  /** Those after the list of series. */
  params?: readonly Param[];
  /** `args` as `params` say. */
  each(series: Series, ...args: never[]): Series;
}

export function perSeries({ params = [], each, ...spec }: PerSeriesSpec): FunctionSpec {
  return {
    ...spec,
    isPerSeries: true,
    params: [seriesList(), ...params],
    call: (_context, seriesList: Series[], ...args: never[]) =>
      seriesList.map((series) => each(series, ...args)),
  };
}

/** A function of a datapoint; `trace` is its tag in the answer. */
export function perPoint(
  name: string,
  trace: string,
  description: string,
  each: (value: number) => number,
): FunctionSpec {
  return perSeries({
    name,
    origin: 'graphite',
    group: 'Transform',
    description,
    each: (series) => mapped(series, `${name}(${series.name})`, { [name]: trace }, each),
  });
}

/** A function of a datapoint and a constant, which the new name shows as `spell` has it. */
export function perPointBy(
  name: string,
  param: string,
  spell: (constant: number) => string,
  description: string,
  eachBy: (constant: number, series: Series) => (value: number) => number,
): FunctionSpec {
  return perSeries({
    name,
    origin: 'graphite',
    group: 'Transform',
    description,
    params: [float(param, { required: true })],
    each(series, constant: number) {
      const newName = `${name}(${series.name},${spell(constant)})`;
      return mapped(series, newName, { [name]: pythonFloat(constant) }, eachBy(constant, series));
    },
  });
}

/** A series with every datapoint replaced. NaN, a null, must give NaN; arithmetic does so by itself. */
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
