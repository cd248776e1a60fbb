/**
 * One datapoint in, one datapoint out, through powers, roots and logarithms. What lies outside a
 * function's domain, or over the largest number, becomes null, as in graphite-web's
 * functions/safe.py.
 */
import { badTarget } from '../../lib/errors.ts';
import { formatG, pythonInteger } from '../series/python-format.ts';
import type { Series } from '../series/series.ts';
import { mapped, perPoint, perPointBy } from './per-series.ts';
import { type FunctionOrigin, type FunctionSpec, integer, seriesList } from './spec.ts';

export const exp = perPoint(
  'exp',
  'e',
  'Replaces every datapoint x by e to the power of x.',
  (value) => finite(Math.exp(value), value),
);

export const log = logarithmCalled('log', 'graphite', (name, base) => `log(${name}, ${base})`);

/** carbonapi's own name for it. */
export const logarithm = logarithmCalled('logarithm', 'carbonapi', (name, base) =>
  base === '10' ? `logarithm(${name})` : `logarithm(${name},${base})`,
);

function logarithmCalled(
  name: string,
  origin: FunctionOrigin,
  named: (name: string, base: string) => string,
): FunctionSpec {
  return {
    name,
    origin,
    group: 'Transform',
    isPerSeries: true,
    description: 'Replaces every datapoint by its logarithm to a base; zero and below become null.',
    params: [seriesList(), integer('base', { default: 10, fractions: true })],
    call: (_context, seriesList: Series[], base: number) => {
      if (!(base > 0) || base === 1) {
        throw badTarget(`log: base ${base} read, expected above 0 and not 1`);
      }
      const divisor = Math.log(base);
      const text = pythonInteger(base);
      return seriesList.map((series) =>
        mapped(series, named(series.name, text), { log: text }, (value) =>
          value > 0 ? Math.log(value) / divisor : NaN,
        ),
      );
    },
  };
}

export const logit = perPoint(
  'logit',
  'logit',
  'Replaces every datapoint x by log(x / (1 - x)); what is not between 0 and 1 becomes null.',
  (value) => {
    const odds = value / (1 - value);
    return value !== 1 && odds > 0 ? Math.log(odds) : NaN;
  },
);

export const pow = perPointBy(
  'pow',
  'factor',
  formatG,
  'Raises every datapoint to a constant power.',
  (factor) => (value) => power(value, factor),
);

export const sigmoid = perPoint(
  'sigmoid',
  'sigmoid',
  'Replaces every datapoint x by 1 / (1 + exp(-x)).',
  (value) => 1 / (1 + Math.exp(-value)),
);

export const squareRoot = perPoint(
  'squareRoot',
  '1',
  'Replaces every datapoint by its square root; negative ones become null.',
  Math.sqrt,
);

/** C's pow, with NaN where it has no real or no finite answer; NaN in gives NaN out. */
export function power(base: number, exponent: number): number {
  if (Number.isNaN(base) || Number.isNaN(exponent)) return NaN;
  // Math.pow has no answer for 1 and -1 to an infinite power, C says 1.
  if (Math.abs(base) === 1 && !Number.isFinite(exponent)) return 1;
  const result = base ** exponent;
  return Number.isFinite(base) && Number.isFinite(exponent) && !Number.isFinite(result)
    ? NaN
    : result;
}

function finite(result: number, argument: number): number {
  return result === Infinity && argument !== Infinity ? NaN : result;
}
