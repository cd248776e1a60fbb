/**
 * What a render function receives and returns: one named column of datapoints. Functions never
 * change a series they were given (it may be shared with another branch of the target): they
 * derive a new one.
 */
export interface Series {
  name: string;
  /** What an aggregate is named after: the path as it stood in the target, or a derived name. */
  pathExpression: string;
  /** Epoch seconds of the first value. */
  start: number;
  /** Epoch seconds; start + values.length * step for what was fetched, otherwise may lie beyond. */
  end: number;
  step: number;
  /** Absent datapoints are NaN. */
  values: Float64Array;
  tags: Record<string, string | number>;
  /** Name of the function that folds points together: `average`, `sum`, `max` … */
  consolidateBy: string;
  /** Smallest share of known values that a fold needs, 0..1. */
  xFilesFactor: number;
  /** What Graph functions leave for the chart: color, lineWidth, alpha, dashed … */
  options: Record<string, unknown>;
  /** Values are whole by nature (counts): spelled `3`, not `3.0`, where Python's numbers show. */
  integers?: boolean;
  /** Archive that the datapoints came from, 0 = finest; absent for made-up series. */
  archiveIndex?: number;
  /** Points that `consolidate` folded into each value, 1 for raw ones. */
  valuesPerPoint?: number;
}

/**
 * A copy with changes; `tags` and `options` are added to those that are there. A new `name` becomes
 * the `pathExpression` too, unless that is given as well (see `rename`).
 */
export function derive(series: Series, changes: Partial<Series>): Series {
  const { name, tags, options } = changes;
  return {
    ...series,
    ...(name === undefined ? {} : { pathExpression: name }),
    ...changes,
    tags: tags === undefined ? series.tags : { ...series.tags, ...tags },
    options: options === undefined ? series.options : { ...series.options, ...options },
  };
}

/**
 * A new name (and tags to add) only: aggregates are still named after the old path, as with alias,
 * color and timeShift.
 */
export function rename(series: Series, name: string, tags?: Series['tags']): Series {
  return { ...series, name, tags: tags === undefined ? series.tags : { ...series.tags, ...tags } };
}

/** A series from nothing; `end` is computed when absent, `tags` is the name when absent. */
export function makeSeries(
  given: Pick<Series, 'name' | 'start' | 'step' | 'values'> & Partial<Series>,
): Series {
  return {
    pathExpression: given.name,
    end: given.start + given.values.length * given.step,
    tags: { name: given.name },
    consolidateBy: 'average',
    xFilesFactor: 0,
    options: {},
    ...given,
  };
}
