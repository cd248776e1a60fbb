/** A series as charts take it: what of `Series` can be drawn, and crosses to the thread that does. */
import { badTarget } from '../../lib/errors.ts';
import type { Series } from '../series/series.ts';
import { type Color, COLOR_EXPECTED, parseColor } from './color.ts';

export type ChartSeries = Pick<
  Series,
  'name' | 'start' | 'step' | 'values' | 'options' | 'consolidateBy' | 'xFilesFactor'
>;

export function chartSeries(series: Series): ChartSeries {
  const { name, start, step, values, options, consolidateBy, xFilesFactor } = series;
  return { name, start, step, values, options, consolidateBy, xFilesFactor };
}

/** What the drawing functions said of a series. */
export interface SeriesStyle {
  color: Color | undefined;
  alpha: number | undefined;
  lineWidth: number | undefined;
  /** Pixels of a dash; 0 for none. */
  dash: number;
  isArea: boolean;
  /** The lower edge of an area between two series. */
  isInvisible: boolean;
  isInfinite: boolean;
  onRight: boolean;
}

export function styleOf({ name, options }: ChartSeries): SeriesStyle {
  const { color, alpha, lineWidth, dashed, stacked, invisible, drawAsInfinite } = options;
  return {
    color: color === undefined ? undefined : seriesColor(name, color),
    alpha: finite(alpha),
    lineWidth: finite(lineWidth),
    dash: Math.max(0, finite(dashed) ?? 0),
    isArea: stacked === true,
    isInvisible: invisible === true,
    isInfinite: drawAsInfinite === true,
    onRight: options['secondYAxis'] === true,
  };
}

function seriesColor(name: string, given: unknown): Color {
  const text = String(given);
  const color = parseColor(text);
  if (color !== undefined) return color;
  throw badTarget(
    `color "${text.slice(0, 80)}" of ${name.slice(0, 80)} read, expected ${COLOR_EXPECTED}`,
  );
}

function finite(value: unknown): number | undefined {
  const number = Number(value ?? NaN);
  return Number.isFinite(number) ? Math.min(Math.max(number, 0), 10_000) : undefined;
}
