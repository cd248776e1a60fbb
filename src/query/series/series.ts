/**
 * What a render function receives and returns: one named column of datapoints. Functions never
 * change a series they were given (it may be shared with another branch of the target): they
 * derive a new one.
 */
import type { Sketch } from '../../sketch/log-linear.ts';
import type { SketchColumn } from './sketch-column.ts';

/** Sketches of what was counted in each slot of a series, and how values are read from them. */
export interface Distribution {
  kind: 'timer' | 'set';
  /** Reads a timer's value for `seconds` of traffic from a merged sketch, which is reused after. */
  read?: (sketch: Sketch, seconds: number) => number;
  /** Absent until merged sketches are asked for a second time. */
  sketches?: SketchColumn;
  /** The series that this one merges. */
  sources?: readonly Series[];
  /**
   * Set when the window begins before the first stored sketch of a timer that is read by its base
   * name: older numbers are in its statistics (`….upper_99`).
   */
  isClipped?: boolean;
}

/** Origin of datapoints: a series of the store, over a window. */
export interface Origin {
  id: number;
  /** Epoch seconds: the window that was asked for. */
  from: number;
  until: number;
  /** The first datapoint's time as it was read. */
  start: number;
}

export interface Series {
  name: string;
  /** Name that an aggregate is called by: the path as written in the target, or a derived name. */
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
  /** Options that Graph functions set for the chart: color, lineWidth, alpha, dashed … */
  options: Record<string, unknown>;
  /** Values are whole by nature (counts): spelled `3`, not `3.0`, where Python's numbers show. */
  integers?: boolean;
  /** Archive that the datapoints came from, 0 = finest; absent for made-up series. */
  archiveIndex?: number;
  /** Points that `consolidate` folded into each value, 1 for raw ones. */
  valuesPerPoint?: number;
  /** A sentence about how the values came about, for `meta=true`. */
  notice?: string;
  /** Present while the values are those of timers or sets themselves; slot by slot. */
  distribution?: Distribution;
  /** Present while the values are what was read, at whatever times they are shown. */
  origin?: Origin;
}

/**
 * A copy with changes. New values have no origin, and no distribution unless the changes name one.
 * `tags` and `options` are added to the existing ones. A new `name` becomes the `pathExpression`
 * too, unless the changes name that as well (see `rename`).
 */
export function derive(series: Series, changes: Partial<Series>): Series {
  const { name, tags, options } = changes;
  return {
    ...(changes.values === undefined ? series : withoutSource(series)),
    ...(name === undefined ? {} : { pathExpression: name }),
    ...changes,
    tags: tags === undefined ? series.tags : { ...series.tags, ...tags },
    options: options === undefined ? series.options : { ...series.options, ...options },
  };
}

/** For values that are new: not read from the store, nor off sketches. */
export function withoutSource(series: Series): Series {
  const { distribution: _distribution, origin: _origin, ...rest } = series;
  return rest;
}

/**
 * A new name (and tags to add) only: aggregates are still named after the old path, as with alias,
 * color and timeShift.
 */
export function rename(series: Series, name: string, tags?: Series['tags']): Series {
  return { ...series, name, tags: tags === undefined ? series.tags : { ...series.tags, ...tags } };
}

/** The value of a tag whose name came from outside; undefined where the series has none. */
export function tagOf({ tags }: Pick<Series, 'tags'>, tag: string): string | number | undefined {
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined;
}

/** A series from nothing; `end` is computed when absent, `tags` is the name when absent. */
export function makeSeries(
  fields: Pick<Series, 'name' | 'start' | 'step' | 'values'> & Partial<Series>,
): Series {
  return {
    pathExpression: fields.name,
    end: fields.start + fields.values.length * fields.step,
    tags: { name: fields.name },
    consolidateBy: 'average',
    xFilesFactor: 0,
    options: {},
    ...fields,
  };
}
