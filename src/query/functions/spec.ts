/**
 * What a render function is: name, group, parameters and prose as data, and a body over series. The
 * declaration drives the coercion of arguments (coerce.ts), the sentences of errors and
 * `/functions` (describe.ts); a body never checks types.
 *
 * How to write one:
 *
 *     import { formatG, pythonFloat } from '../series/python-format.ts';
 *     import { derive, type Series } from '../series/series.ts';
 *     import { float, type FunctionSpec, seriesList } from './spec.ts';
 *
 *     export const scale: FunctionSpec = {
 *       name: 'scale',
 *       origin: 'graphite',
 *       group: 'Transform',
 *       description: 'Multiplies every datapoint by a constant.',
 *       params: [seriesList(), float('factor', { required: true })],
 *       call: (_context, seriesList: Series[], factor: number) =>
 *         seriesList.map((series) =>
 *           derive(series, {
 *             name: `scale(${series.name},${formatG(factor)})`,
 *             tags: { scale: pythonFloat(factor) },
 *             values: series.values.map((value) => value * factor),
 *           }),
 *         ),
 *     };
 *
 * - Arguments arrive in the order of `params`, coerced. An argument that was not given (or is
 *   `None`) is the parameter's `default`, else `undefined`. A `multiple` parameter comes last and
 *   arrives spread: `call: (context, ...lists: Series[][])` for `seriesList('seriesLists',
 *   { multiple: true })`, `(context, seriesList, ...nodes: (number | string)[])` for nodes.
 * - What each builder hands over: seriesList `Series[]`; seriesLists `Series[][]` (mapSeries'
 *   result); timers `Series[]` with a `distribution`, in whose expression paths name timers and sets
 *   by their base names; integer, float, node `number`; intOrInf `number` (Infinity); string, tag, aggFunc,
 *   aggOrSeriesFunc `string`; boolean `boolean`; nodeOrTag `number | string`; interval `string`,
 *   never parsed: names show it (`intervalSeconds` of series/interval.ts reads it);
 *   intOrInterval `number | string`; date `string | number` (context.parseTime reads it);
 *   any `Series[] | string | number | boolean | undefined`.
 * - NaN is null. Do not change a series or its values: `derive` (new name and path), `rename` (new
 *   name only) and `makeSeries` of series/series.ts. `normalize` of series/consolidate.ts before
 *   combining row by row. `tags` records the traces that graphite-web leaves.
 * - xFilesFactor: `series.xFilesFactor` is the request's for what was fetched; a function with a
 *   parameter of that name uses `xFilesFactor ?? context.xFilesFactor`.
 * - A wrong value that its type does not rule out: `throw badTarget(sentence)`; the
 *   caller adds function and column.
 * - A function that answers each series by itself is `perSeries`, one that replaces each datapoint
 *   `perPoint` or `perPointBy` (per-series.ts); `call` above would be one line of `scale` there.
 * - `isPerSeries: true` where each series is answered by itself: long lists are then given in parts.
 *   per-series.ts writes the frame of such functions.
 * - Then add the file's line to index.ts. A second name of the same body goes into `aliases`.
 */
import type { Series } from '../series/series.ts';

/** A value while a target is evaluated. */
export type Value = Series[] | Series[][] | string | number | boolean | undefined;

export type ParamKind =
  | 'seriesList'
  | 'seriesLists'
  | 'timers'
  | 'string'
  | 'integer'
  | 'float'
  | 'boolean'
  | 'node'
  | 'nodeOrTag'
  | 'tag'
  | 'interval'
  | 'intOrInterval'
  | 'intOrInf'
  | 'aggFunc'
  | 'aggOrSeriesFunc'
  | 'date'
  | 'any';

type Plain = string | number | boolean | null;

interface ParamOptions {
  required?: boolean;
  default?: string | number | boolean;
  /** Takes all further arguments. */
  multiple?: boolean;
  /** Values that `/functions` lists; the body may take others. */
  options?: readonly Plain[];
  suggestions?: readonly (string | number)[];
  /** The name in the signature, where graphite-web's differs; accepted as a keyword as well. */
  signatureName?: string;
  /** The default as the signature prints it, where graphite-web's differs. */
  signatureDefault?: string;
  /**
   * The body fills in the default itself and gets undefined when nothing was given, although
   * `/functions` lists a default or says required (round, transformNull, highest).
   */
  defaultInBody?: boolean;
  /**
   * A plain path that is given by keyword alone reads as no series. graphite-web reads the paths of
   * positional arguments only, and a recorded answer says so of transformNull's referenceSeries;
   * patterns are read there too.
   */
  unreadByKeyword?: boolean;
  /** An integer to `/functions`, yet one that graphite-web takes with a fraction (dashed, log). */
  fractions?: boolean;
}

export interface Param extends ParamOptions {
  name: string;
  type: ParamKind;
}

export interface Event {
  /** Epoch seconds. */
  when: number;
}

/** The request as a function sees it. */
export interface CallContext {
  /** Epoch seconds: the window asked for, not aligned to any step. */
  readonly from: number;
  readonly until: number;
  readonly now: number;
  /** IANA zone of day words and DST. */
  readonly tz: string;
  readonly maxDataPoints: number | undefined;
  /** The request's, 0 by default. Setting it changes the rest of the request. */
  xFilesFactor: number;
  /** Evaluates an argument (counted from 0) again over another window. */
  refetch(argument: number, window: { from?: number; until?: number }): Promise<Series[]>;
  /** Evaluates a target made by the function: applyByNode's template, a callback's call. */
  evaluate(target: string): Promise<Series[]>;
  /** Calls another function by name on series at hand, such as groupByNode's callback. */
  apply(name: string, ...args: Value[]): Promise<Series[]>;
  /** Series of the store that match all tag expressions (`name=value`). */
  seriesByTag(expressions: string[]): Promise<Series[]>;
  /**
   * By series, the sketches of the timer that it is a statistic of (`….upper_99`), with a
   * `distribution` that reads that statistic; undefined where it is none, or was changed.
   */
  sketchesBehind(seriesList: readonly Series[]): Promise<(Series | undefined)[]>;
  /** A series of the store by its exact name, over the window. */
  seriesNamed(name: string): Promise<Series | undefined>;
  /** Events that carry all tags, by time; no tags or `*`: all. */
  events(tags: readonly string[]): Promise<Event[]>;
  /** Reads an at-time expression (`-1h`, `now`, `20231114`): epoch seconds. */
  parseTime(text: string | number): number;
  /** Sums of stacked() by stack name and row; one map for all targets of a request. */
  readonly stacks: Map<string, number[]>;
  /**
   * Lets other requests run, if it is time to; between series, where each takes long. Throws when
   * out of time.
   */
  readonly pause: () => Promise<void>;
  /** Before datapoints are made; throws when all of this call are more than a request may hold. */
  reserve(datapointCount: number): void;
  /**
   * Charges work that is more than going through the arguments once: a step is a datapoint or a
   * character looked at. Throws when the request has done too much, or is out of time.
   */
  spend(steps: number): void;
  /** Charges characters of names before they are made, where a call multiplies them. */
  admitNames(length: number): void;
}

type FunctionGroup =
  | 'Alias'
  | 'Calculate'
  | 'Combine'
  | 'Filter Data'
  | 'Filter Series'
  | 'Graph'
  | 'Sorting'
  | 'Special'
  | 'Timers'
  | 'Transform';

/**
 * Whose function it is, which decides where `/functions` lists it: graphite-web's always, tallyd's
 * once timers or sets are stored, carbonapi's with `all=1` only. So what tools compare with
 * graphite-web's list stays equal to it, whatever is added.
 */
export type FunctionOrigin = 'graphite' | 'tallyd' | 'carbonapi';

export interface FunctionSpec {
  name: string;
  /** Further names of the same function, listed in `/functions` on their own. */
  aliases?: readonly string[];
  origin: FunctionOrigin;
  group: FunctionGroup;
  description: string;
  /**
   * Answers each series by itself, with work for every datapoint, and asks the request for no other
   * series: the list may be given in parts, with other requests served in between (../evaluate/parts.ts).
   */
  isPerSeries?: true;
  params: readonly Param[];
  /** `args` as `params` say; `never` lets each body name the types it declared. */
  call(
    context: CallContext,
    ...args: never[]
  ): Series[] | Series[][] | Promise<Series[] | Series[][]>;
}

/** The aggregations by name, as `/functions` lists them. */
export const AGGREGATION_NAMES = [
  'average',
  'avg',
  'avg_zero',
  'count',
  'current',
  'diff',
  'last',
  'max',
  'median',
  'min',
  'multiply',
  'range',
  'rangeOf',
  'stddev',
  'sum',
  'total',
] as const;

/** Suggestions that several functions share. */
export const WINDOW_SUGGESTIONS = [5, 7, 10, '1min', '5min', '10min', '30min', '1hour'] as const;
export const SHIFT_SUGGESTIONS = ['1h', '6h', '12h', '1d', '2d', '7d', '14d', '30d'] as const;
export const INTERVAL_SUGGESTIONS = ['10min', '1h', '1d'] as const;

function builder(type: ParamKind): (name: string, options?: ParamOptions) => Param {
  return (name, options = {}) => ({ name, type, ...options });
}

/** The series that a function works on: required and called seriesList unless told otherwise. */
export function seriesList(name = 'seriesList', options: ParamOptions = { required: true }): Param {
  return { name, type: 'seriesList', ...options };
}

export function seriesLists(
  name = 'seriesLists',
  options: ParamOptions = { required: true },
): Param {
  return { name, type: 'seriesLists', ...options };
}

/** Timers or sets by base name (`stats.timers.*.latency`), or what other functions make of them. */
export function timers(name = 'seriesList'): Param {
  return { name, type: 'timers', required: true };
}

export const string = builder('string');
export const integer = builder('integer');
export const float = builder('float');
export const boolean = builder('boolean');
export const node = builder('node');
export const nodeOrTag = builder('nodeOrTag');
export const tag = builder('tag');
export const interval = builder('interval');
export const intOrInterval = builder('intOrInterval');
export const intOrInf = builder('intOrInf');
export const date = builder('date');
export const any = builder('any');

/** An aggregation or the name of a function. */
export const aggOrSeriesFunc = builder('aggOrSeriesFunc');

export function aggFunc(name: string, options: ParamOptions = {}): Param {
  return { name, type: 'aggFunc', options: AGGREGATION_NAMES, ...options };
}
