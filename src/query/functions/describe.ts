/**
 * Functions as `/functions` describes them, in graphite-web's shape: Grafana's editor and its list
 * of functions are made from it.
 */
import { FUNCTIONS } from './registry.ts';
import { pythonFloat, pythonInteger } from '../series/python-format.ts';
import type { FunctionOrigin, FunctionSpec, Param } from './spec.ts';

type Listed = string | number | boolean | null;

interface ParamDescription {
  name: string;
  type: string;
  required?: true;
  multiple?: true;
  default?: Listed;
  options?: Listed[];
  suggestions?: Listed[];
}

export interface FunctionDescription {
  name: string;
  /** The signature as Python would have it: `scale(seriesList, factor)`. */
  function: string;
  description: string;
  module: string;
  group: string;
  params: ParamDescription[];
}

/**
 * The functions of these origins, one origin after the other, sorted by name. An infinite default
 * is the number Infinity.
 */
export function describeFunctions(...origins: FunctionOrigin[]): FunctionDescription[] {
  const all = [...FUNCTIONS.values()];
  return origins.flatMap((origin) => all.filter((spec) => spec.origin === origin).map(described));
}

/** The function of this name, whatever its origin. */
export function describeFunction(name: string): FunctionDescription | undefined {
  const spec = FUNCTIONS.get(name);
  return spec === undefined ? undefined : described(spec);
}

function described(spec: FunctionSpec): FunctionDescription {
  return {
    name: spec.name,
    function: signature(spec),
    description: spec.description,
    module: 'tallyd.functions',
    group: spec.group,
    params: spec.params.map(describeParam),
  };
}

function describeParam(param: Param): ParamDescription {
  const { options } = param;
  return {
    name: param.name,
    // To an editor they are series: they come first, and functions nest in them.
    type: param.type === 'timers' ? 'seriesList' : param.type,
    ...(param.required === true ? { required: true } : {}),
    ...(param.multiple === true ? { multiple: true } : {}),
    ...(param.default === undefined ? {} : { default: param.default }),
    ...(options === undefined ? {} : { options: [...options] }),
    ...(param.suggestions === undefined ? {} : { suggestions: [...param.suggestions] }),
  };
}

function signature(spec: FunctionSpec): string {
  const params = spec.params.map((param) => {
    const name = param.signatureName ?? param.name;
    if (param.multiple === true) return `*${name}`;
    const isOptional = param.required !== true || param.signatureDefault !== undefined;
    return isOptional ? `${name}=${param.signatureDefault ?? pythonValue(param.default)}` : name;
  });
  return `${spec.name}(${params.join(', ')})`;
}

function pythonValue(value: Param['default']): string {
  if (value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  return Number.isInteger(value) ? pythonInteger(value) : pythonFloat(value);
}
