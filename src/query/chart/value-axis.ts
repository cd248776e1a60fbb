/**
 * The axis of values: where it begins and ends, its steps and their labels. Limits and steps are
 * chosen as graphite-web's render/glyph.py chooses them (for its facts): a number of steps out of
 * `yDivisors` whose round size leaves the least of the plot empty.
 */
import { scaleLog } from 'd3-scale';
import { badRequest } from '../../lib/errors.ts';
import { isUnitSystem, scaleToUnits, type UnitSystem } from '../series/units.ts';

export interface AxisLimits {
  min?: number | undefined;
  /** `max`: the largest value itself, not rounded up. */
  max?: number | 'max' | undefined;
  /** The axis ends no higher. */
  limit?: number | undefined;
  step?: number | undefined;
}

interface AxisStyle {
  unitSystem: string | undefined;
  divisors: readonly number[];
  logBase: number | undefined;
}

interface Tick {
  value: number;
  label: string;
}

export interface ValueAxis {
  bottom: number;
  top: number;
  ticks: Tick[];
  /** Share of the axis below a value, 0 at the bottom and 1 at the top; NaN where it has no place. */
  share(value: number): number;
}

/** Values that differ by less than this part of a step are the same. */
const EPSILON = 1e-4;
const TICKS_MAX = 200;

/** `data`: smallest and largest value to show. */
export function valueAxis(
  data: { min: number; max: number },
  limits: AxisLimits,
  style: AxisStyle,
): ValueAxis {
  const unitSystem = unitSystemOf(style.unitSystem);
  const range = rangeOf(data, limits);
  return style.logBase === undefined
    ? linearAxis(range, limits, unitSystem, style.divisors)
    : logAxis(range, style.logBase, unitSystem);
}

interface Range {
  min: number;
  max: number;
  minIsFixed: boolean;
  maxIsFixed: boolean;
}

function rangeOf(data: { min: number; max: number }, limits: AxisLimits): Range {
  let { min, max } = data;
  const minIsFixed = limits.min !== undefined;
  let maxIsFixed = limits.max !== undefined;
  if (limits.min !== undefined) min = limits.min;
  if (typeof limits.max === 'number') max = limits.max;
  if (limits.limit !== undefined && limits.limit < max) {
    max = limits.limit;
    maxIsFixed = true;
  }
  if (min < max) return { min, max, minIsFixed, maxIsFixed };
  if (minIsFixed && maxIsFixed && limits.max !== 'max') {
    throw badRequest(`yMin=${min}, yMax=${max}: expected the lower one first`);
  }
  const spread = (value: number): number => (Math.abs(value) < 1e-9 ? 1 : 0.1 * Math.abs(value));
  if (minIsFixed) return { min, max: min + spread(min), minIsFixed, maxIsFixed };
  if (maxIsFixed && limits.max !== 'max') {
    return { min: max - spread(max), max, minIsFixed, maxIsFixed };
  }
  const around = spread(Math.max(Math.abs(min), Math.abs(max)));
  return { min: min - around, max: max + around, minIsFixed, maxIsFixed };
}

function linearAxis(
  { min, max, minIsFixed, maxIsFixed }: Range,
  limits: AxisLimits,
  unitSystem: UnitSystem,
  divisors: readonly number[],
): ValueAxis {
  const step = limits.step ?? chooseStep(min, max, divisors, unitSystem === 'binary');
  const bottom = minIsFixed ? min : step * Math.floor(min / step + EPSILON);
  let top = maxIsFixed ? max : step * Math.ceil(max / step - EPSILON);
  if (limits.limit !== undefined && top > limits.limit) top = limits.limit;
  if (!(top > bottom)) top = bottom + 1;
  const span = top - bottom;
  const shown = span > TICKS_MAX * step ? chooseStep(bottom, top, [4, 5, 6], false) : step;
  const values: number[] = [];
  const first = Math.ceil(bottom / shown - EPSILON);
  for (let i = 0; i <= TICKS_MAX; i++) {
    const value = (first + i) * shown;
    if (value > top + EPSILON * shown) break;
    values.push(value);
  }
  const ticks = labelled(values, shown, unitSystem);
  return { bottom, top, ticks, share: (value) => (span > 0 ? (value - bottom) / span : 0.5) };
}

/** The round step, 1, 2 or 5 times a power of ten (a power of two), that wastes least. */
function chooseStep(
  min: number,
  max: number,
  divisors: readonly number[],
  binary: boolean,
): number {
  const most = Math.max(...divisors);
  const least = Math.min(...divisors);
  const smallest = Math.max((max - min) / most, Number.MIN_VALUE * 1e10);
  const base = binary ? 2 : 10;
  const mantissas = binary ? [1] : [1, 2, 5];
  const exponent = Math.floor(Math.log(smallest) / Math.log(base) - EPSILON);
  let best = { step: smallest, slop: Infinity };
  for (let i = 0; i < 3 * mantissas.length + 60; i++) {
    const mantissa = mantissas[i % mantissas.length]!; // there are some
    const step = mantissa * base ** (exponent + Math.floor(i / mantissas.length));
    if (step < smallest * (1 - EPSILON)) continue;
    if (step * least >= 2 * best.slop + (max - min)) break;
    for (const divisor of divisors) {
      const bottom = step * Math.floor(min / step + EPSILON);
      const top = bottom + step * divisor;
      if (top < max - EPSILON * step) continue;
      const slop = Math.max(top - max, min - bottom);
      if (slop < best.slop) best = { step, slop };
    }
  }
  return best.step;
}

function logAxis({ min, max }: Range, base: number, unitSystem: UnitSystem): ValueAxis {
  if (!(min > 0)) {
    throw badRequest(`logBase=${base}: a scale from ${min} read, expected one from above 0`);
  }
  const power = (value: number): number => Math.log(value) / Math.log(base);
  const low = Math.floor(power(min) + EPSILON);
  const high = Math.max(Math.ceil(power(max) - EPSILON), low + 1);
  const [bottom, top] = [base ** low, base ** high];
  const every = Math.ceil((high - low) / TICKS_MAX);
  const ticks: Tick[] = [];
  for (let exponent = low; exponent <= high; exponent += every) {
    const value = base ** exponent;
    ticks.push(...labelled([value], value, unitSystem));
  }
  const scale = scaleLog([bottom, top], [0, 1]).base(base);
  return { bottom, top, ticks, share: (value) => (value > 0 ? scale(value) : NaN) };
}

/** More decimals than these are worth a smaller prefix. */
const DECIMALS_MAX = 3;

/** Ticks `step` apart, each with its prefix and as many decimals as tell them apart. */
function labelled(values: readonly number[], step: number, unitSystem: UnitSystem): Tick[] {
  return values.map((value) => ({ value, label: labelOf(value, step, unitSystem) }));
}

function labelOf(value: number, step: number, unitSystem: UnitSystem): string {
  if (Math.abs(value) < step * EPSILON) return '0';
  let { value: scaled, suffix } = scaleToUnits(value, unitSystem);
  let decimals = decimalsOf(Math.abs((step * scaled) / value));
  if (decimals > DECIMALS_MAX) {
    ({ value: scaled, suffix } = scaleToUnits(value, unitSystem, '', step));
    decimals = decimalsOf(Math.abs((step * scaled) / value));
  }
  const size = Math.abs(scaled);
  if (decimals > 6 || size >= 1e15) return `${Number(scaled.toPrecision(digitsOf(size, step)))}`;
  return scaled.toFixed(decimals) + suffix;
}

/** Decimals of a number that is a multiple of `step`: of 0.25 two, of 0.5 one. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < EPSILON * scaled) return decimals;
    // A step that is not round, as somebody may ask for.
    if (scaled >= 100) return decimals;
  }
  return 12;
}

/** Digits that tell two numbers apart that differ by `step`. */
function digitsOf(size: number, step: number): number {
  return Math.min(15, Math.max(2, Math.ceil(Math.log10(size / step)) + 2));
}

function unitSystemOf(name: string | undefined): UnitSystem {
  const lower = name?.toLowerCase() ?? 'si';
  // Unknown systems are si, as in Graphite.
  return isUnitSystem(lower) ? lower : 'si';
}
