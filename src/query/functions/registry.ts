/** The render functions by name: what the files of index.ts declare. */
import assert from 'node:assert/strict';
import * as declared from './index.ts';
import type { FunctionSpec } from './spec.ts';

/** All functions, sorted by name; an alias has an entry of its own, with its own `name`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = byName(
  Object.values(declared).filter(isSpec),
);

export function functionNamed(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name);
}

/** The files export a few helpers beside their functions. */
function isSpec(value: unknown): value is FunctionSpec {
  return typeof value === 'object' && value !== null && 'origin' in value && 'call' in value;
}

function byName(specs: readonly FunctionSpec[]): Map<string, FunctionSpec> {
  const named = specs
    .flatMap((spec) => [spec.name, ...(spec.aliases ?? [])].map((name) => ({ ...spec, name })))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const functions = new Map(named.map((spec) => [spec.name, spec]));
  assert.equal(functions.size, named.length, 'two functions have one name');
  return functions;
}
