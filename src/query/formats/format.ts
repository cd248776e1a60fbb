/**
 * What every answer of /render has in common: options, and the spelling of numbers. Spelled as
 * Python does it (`1.0`, `1e+16`), because graphite-web's answers are compared as text by people
 * and scripts; whole numbers only where a series holds counts.
 */
import { pythonFloat } from '../series/python-format.ts';
import type { Series } from '../series/series.ts';

export interface FormatOptions {
  /** Most datapoints of a series; only json honours it, as in Graphite. */
  maxDataPoints?: number;
  /** Datapoints before the first whole bucket make one of their own, instead of none. */
  partialFirstBucket?: boolean;
  /** Leaves null datapoints out, and series that hold nothing else (json). */
  noNullPoints?: boolean;
  /** IANA zone of the times in csv; UTC when absent. */
  tz?: string;
  /** Indented json. */
  pretty?: boolean;
}

export interface Format {
  contentType: string;
  write(seriesList: readonly Series[], options: FormatOptions): string | Uint8Array;
  /** The same in pieces, for streaming, where that is worth it. */
  pieces?(seriesList: readonly Series[], options: FormatOptions): Iterable<string | Uint8Array>;
}

/** A finite number as Python's repr has it. */
export function finiteText(value: number, integers: boolean | undefined): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) {
    if (value === 0 && Object.is(value, -0)) return integers === true ? '0' : '-0.0';
    return integers === true ? String(value) : `${value}.0`;
  }
  const size = Math.abs(value);
  // Between these JavaScript and Python spell alike.
  return size >= 1e-4 && size < 1e16 ? String(value) : pythonFloat(value);
}

/** A datapoint in JSON: null for NaN, 1e9999 for what reads back as infinity. */
export function jsonNumber(value: number, integers?: boolean): string {
  return numberText(value, integers, 'null', '1e9999');
}

/** A datapoint, with the format's own words for null and infinity. */
export function numberText(
  value: number,
  integers: boolean | undefined,
  none: string,
  infinity: string,
): string {
  if (Number.isFinite(value)) return finiteText(value, integers);
  return Number.isNaN(value) ? none : value > 0 ? infinity : `-${infinity}`;
}
