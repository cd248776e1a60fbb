/**
 * Arguments as evaluated, matched to a function's parameters: positions, keywords, defaults and
 * types, once for all functions. As in Graphite a number may be given as text. What does not fit is
 * one sentence with the function, the parameter, what was read, what was expected and the column.
 */
import { badTarget, overLimit, UserError } from '../../lib/errors.ts';
import { pythonInteger } from '../series/python-format.ts';
import type { Series } from '../series/series.ts';
import type { FunctionSpec, Param, Value } from './spec.ts';

/** Nodes, tags and the like that one call may be given: each is looked at for each series. */
const VALUES_MAX = 1000;

/** An argument and where it stands in the target; `at` is absent for one made by a function. */
export interface Argument {
  value: Value;
  at?: number | undefined;
}

interface NamedArgument extends Argument {
  name: string;
}

/** Arguments of `spec.call` after the context. Throws `badTarget`. */
export function bindArguments(
  spec: FunctionSpec,
  positional: readonly Argument[],
  named: readonly NamedArgument[] = [],
): Value[] {
  const { params } = spec;
  const rest = params.at(-1)?.multiple === true ? params.length - 1 : params.length;
  if (positional.length > params.length && rest === params.length) {
    const extra = positional[params.length]!; // positional is longer
    throw wrong(spec, extra, `${describe(extra.value)} read, expected at most ${params.length}`);
  }
  const boundArguments: (Argument | undefined)[] = positional.slice(0, rest);
  for (const argument of named) {
    const index = params.findIndex((param) => answersTo(param, argument.name));
    if (index === -1 || index >= rest) {
      const names = params.map((param) => param.name).join(', ');
      throw wrong(spec, argument, `keyword ${argument.name} read, expected one of ${names}`);
    }
    if (boundArguments[index] !== undefined) {
      throw wrong(spec, argument, `${argument.name} is given twice`);
    }
    boundArguments[index] = argument;
  }
  const values = params
    .slice(0, rest)
    .map((param, i) => coerceOrDefault(spec, param, boundArguments[i]));
  if (rest === params.length) return values;
  const last = params[rest]!; // rest < length
  // Python's None is an argument that was not given, in a list of them too.
  const spread = positional.slice(rest).filter(({ value }) => value !== undefined);
  if (last.type !== 'seriesList' && spread.length > VALUES_MAX) {
    throw overLimit(`${spec.name}: ${spread.length} of ${last.name} read, at most ${VALUES_MAX}`);
  }
  if (spread.length === 0 && last.required === true && last.type !== 'seriesList') {
    throw badTarget(`${spec.name}: ${last.name} is missing`);
  }
  return [...values, ...spread.map((argument) => coerce(spec, last, argument))];
}

/** The parameter that an argument will be bound to. */
export function paramOf(spec: FunctionSpec, which: number | string): Param | undefined {
  if (typeof which === 'string') return spec.params.find((param) => answersTo(param, which));
  const last = spec.params.at(-1);
  return spec.params[which] ?? (last?.multiple === true ? last : undefined);
}

function answersTo(param: Param, name: string): boolean {
  return param.name === name || param.signatureName === name;
}

function coerceOrDefault(spec: FunctionSpec, param: Param, argument: Argument | undefined): Value {
  if (argument !== undefined && argument.value !== undefined) {
    return coerce(spec, param, argument);
  }
  if (param.defaultInBody === true) return undefined;
  if (param.default !== undefined || param.required !== true) return param.default;
  throw badTarget(`${spec.name}: ${param.name} is missing`);
}

function coerce(spec: FunctionSpec, param: Param, argument: Argument): Value {
  const coercion = COERCIONS[param.fractions === true ? 'float' : param.type];
  if (isOption(param, argument.value)) return argument.value;
  const value = coercion.read(argument.value);
  if (value !== undefined) return value;
  throw wrong(
    spec,
    argument,
    `${describe(argument.value)} read for ${param.name}, expected ${coercion.expected}`,
  );
}

/** One of the listed values is right whatever its type (smartSummarize's alignTo: true). */
function isOption({ options }: Param, value: Value): boolean {
  return !Array.isArray(value) && options?.some((option) => option === value) === true;
}

interface Coercion {
  expected: string;
  /** undefined when the value does not fit. */
  read(value: Value): Value;
}

const text: Coercion['read'] = (value) =>
  typeof value === 'number' ? pythonInteger(value) : typeof value === 'string' ? value : undefined;
const whole: Coercion['read'] = (value) => {
  const number = numberOf(value);
  return Number.isInteger(number) ? number : undefined;
};

const COERCIONS: Record<Param['type'], Coercion> = {
  seriesList: { expected: 'series', read: seriesOf },
  seriesLists: { expected: 'lists of series, as mapSeries makes them', read: listsOf },
  timers: { expected: 'timers by their base names', read: seriesOf },
  string: { expected: 'a string', read: text },
  tag: { expected: 'the name of a tag', read: text },
  aggFunc: { expected: 'the name of an aggregation', read: onlyString },
  aggOrSeriesFunc: { expected: 'the name of an aggregation or function', read: onlyString },
  integer: { expected: 'a whole number', read: whole },
  node: { expected: 'the number of a node', read: whole },
  float: { expected: 'a number', read: numberOf },
  boolean: { expected: 'true or false', read: truthOf },
  nodeOrTag: { expected: 'the number of a node or the name of a tag', read: numberOrString },
  interval: { expected: 'an interval such as "5min"', read: onlyString },
  intOrInterval: { expected: 'a whole number or an interval such as "5min"', read: windowOf },
  intOrInf: {
    expected: 'a whole number or inf',
    read: (value) => (numberOf(value) === Infinity ? Infinity : whole(value)),
  },
  date: { expected: 'a time such as "-1h" or 1700000000', read: numberOrString },
  any: { expected: 'a value', read: (value) => value },
};

function seriesOf(value: Value): Series[] | undefined {
  if (!Array.isArray(value) || value.some((item) => Array.isArray(item))) return undefined;
  return value as Series[];
}

function listsOf(value: Value): Series[][] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: (Series | Series[])[] = value;
  return items.every((item) => Array.isArray(item)) ? items : undefined;
}

function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  if (/^[-+]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

function truthOf(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function onlyString(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOrString(value: Value): number | string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}

function windowOf(value: Value): number | string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return onlyString(value);
}

function describe(value: Value): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'a path without series' : 'series';
  return String(value);
}

function wrong(spec: FunctionSpec, argument: Argument, what: string): UserError {
  const place = argument.at === undefined ? '' : ` at column ${argument.at + 1}`;
  return badTarget(`${spec.name}: ${what}${place}`);
}
