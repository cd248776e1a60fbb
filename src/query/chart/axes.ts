/**
 * The plot's axes, labels and grid. The space that labels take is found with the labels
 * themselves: what is left of the sheet is the plot.
 */
import type { Sheet } from './sheet.ts';
import type { Color } from './color.ts';
import {
  ascent,
  type Box,
  crisp,
  type Layer,
  lineHeight,
  type Mark,
  middleToBaseline,
  px,
} from './drawing.ts';
import type { Line } from './lines.ts';
import { type TimeAxis, timeAxis, type TimeSpan } from './time-axis.ts';
import { type AxisLimits, type ValueAxis, valueAxis } from './value-axis.ts';

export interface PlotAxes {
  /** The plot itself, pixels. */
  box: Box;
  isBare: boolean;
  x(time: number): number;
  y: Record<'left' | 'right', (value: number) => number>;
  /** Values at the lower ends. */
  bottoms: Record<'left' | 'right', number>;
  /** Grid and labels; none of a bare picture. */
  layers: Layer[];
}

interface Plot {
  lines: readonly Line[];
  span: Pick<TimeSpan, 'start' | 'end' | 'tz'>;
  /** Only the lines are drawn. */
  isBare: boolean;
}

/** Pixels between a label and the plot. */
const GAP = 4;
/** A plot that is smaller, in pixels, has no labels beside it. */
const SMALLEST = 24;
const DIVISORS = [4, 5, 6];
/** Pixels: grid lines are lighter than what they carry. */
const MAJOR_WIDTH = 0.45;
const MINOR_WIDTH = 0.28;

export function axes(sheet: Sheet, box: Box, plot: Plot): PlotAxes {
  const { parameters, font, measure } = sheet;
  const right = plot.lines.filter(({ style }) => style.onRight);
  const left = plot.lines.filter(({ style }) => !style.onRight);
  const hasTwo = right.length > 0;
  const scales = {
    left: scaleOf(sheet, left, hasTwo ? 'Left' : ''),
    right: hasTwo ? scaleOf(sheet, right, 'Right') : undefined,
  };
  const hasLabels = !plot.isBare && parameters.hideAxes !== true;
  const hasX = hasLabels && parameters.hideXAxis !== true && box.bottom - box.top > SMALLEST;
  const hasY = hasLabels && parameters.hideYAxis !== true;
  const inner = { ...box };
  const half = hasY ? Math.ceil(middleToBaseline(font)) : 0;
  inner.top += Math.max(0, half - sheet.margin);
  if (hasX) inner.bottom -= lineHeight(font) + GAP - Math.min(sheet.margin, GAP);
  const side = !hasTwo && parameters.yAxisSide === 'right' ? 'right' : 'left';
  const fits = (axis: ValueAxis): ValueAxis =>
    thinned(axis, inner.bottom - inner.top, lineHeight(font));
  const labelled: { axis: ValueAxis; side: 'left' | 'right' }[] = [];
  if (hasY) labelled.push({ axis: fits(scales.left), side });
  if (hasY && scales.right !== undefined)
    labelled.push({ axis: fits(scales.right), side: 'right' });
  for (const one of labelled) {
    const width =
      Math.ceil(Math.max(0, ...one.axis.ticks.map(({ label }) => measure(label, font)))) + GAP;
    if (inner.right - inner.left - width < SMALLEST) one.axis = { ...one.axis, ticks: [] };
    else if (one.side === 'left') inner.left += width;
    else inner.right -= width;
  }
  inner.left = Math.round(inner.left);
  inner.right = Math.max(inner.left + 1, Math.round(inner.right));
  const time = timeAxis(
    { ...plot.span, format: parameters.xFormat },
    {
      left: inner.left,
      right: inner.right,
      width: sheet.width,
      measure: (text) => measure(text, font),
      gap: font.size * 0.9,
    },
  );
  const place = (axis: ValueAxis) => (value: number) => placed(axis, value, inner);
  const y = { left: place(scales.left), right: place(scales.right ?? scales.left) };
  const gridAxis = hasLabels ? fits(scales.left) : undefined;
  const layers: Layer[] = [];
  if (gridAxis !== undefined && parameters.hideGrid !== true) {
    layers.push({ name: 'grid', marks: grid(sheet, inner, gridAxis, time, y.left) });
  }
  if (hasLabels) {
    const marks: Mark[] = labelled.flatMap((one) =>
      valueLabels(sheet, inner, one, place(one.axis)),
    );
    if (hasX) marks.push(...timeLabels(sheet, inner, time));
    layers.push({ name: 'axes', marks });
  }
  const bottoms = { left: scales.left.bottom, right: (scales.right ?? scales.left).bottom };
  return { box: inner, isBare: plot.isBare, x: time.x, y, bottoms, layers };
}

function scaleOf(
  { parameters }: Sheet,
  lines: readonly Line[],
  side: '' | 'Left' | 'Right',
): ValueAxis {
  const limits: AxisLimits = {
    min: parameters[`yMin${side}`] ?? (side === '' ? parameters.min : undefined),
    max: parameters[`yMax${side}`] ?? (side === '' ? parameters.max : undefined),
    limit: parameters[`yLimit${side}`],
    step: parameters[`yStep${side}`],
  };
  const { yUnitSystem: unitSystem, yDivisors: divisors = DIVISORS, logBase } = parameters;
  return valueAxis(limitsOf(lines, logBase !== undefined), limits, {
    unitSystem,
    divisors,
    logBase,
  });
}

/**
 * Areas begin at zero, so zero is shown; an area between two lines begins at the lower one. On a
 * scale of logarithms only what is above zero has a place.
 */
function limitsOf(lines: readonly Line[], isLog: boolean): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const { style, points } of lines) {
    if (style.isInfinite) continue;
    for (const value of points.values) {
      if (isLog && value <= 0) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return { min: isLog ? 1 : 0, max: isLog ? 10 : 1 };
  const area = lines.find(({ isArea }) => isArea);
  if (area !== undefined && !area.style.isInvisible && !isLog) {
    return { min: Math.min(0, min), max: Math.max(0, max) };
  }
  return { min, max };
}

/** Every second, third, … tick where all of them would touch. */
function thinned(axis: ValueAxis, height: number, line: number): ValueAxis {
  const { length } = axis.ticks;
  const every = Math.max(1, Math.ceil((length * line) / Math.max(height + line, 1)));
  if (every === 1) return axis;
  return { ...axis, ticks: axis.ticks.filter((_, i) => i % every === 0) };
}

function placed({ share }: ValueAxis, value: number, { top, bottom }: Box): number {
  const height = bottom - top;
  const y = bottom - share(value) * height;
  // What is far outside is cut off anyway; huge numbers are more than renderers take.
  return Math.min(Math.max(y, top - 10 * height), bottom + 10 * height);
}

function valueLabels(
  sheet: Sheet,
  { left, right }: Box,
  { axis, side }: { axis: ValueAxis; side: 'left' | 'right' },
  y: (value: number) => number,
): Mark[] {
  const { font, parameters, style } = sheet;
  return axis.ticks.map(({ value, label }) => ({
    kind: 'text',
    text: label,
    x: side === 'left' ? left - GAP : right + GAP,
    y: y(value) + middleToBaseline(font),
    anchor: side === 'left' ? 'end' : 'start',
    font,
    color: parameters.fgcolor ?? style.foreground,
  }));
}

function timeLabels(
  { font, parameters, style }: Sheet,
  { bottom }: Box,
  { ticks }: TimeAxis,
): Mark[] {
  return ticks.map(({ labelX, label }) => ({
    kind: 'text',
    text: label,
    x: labelX,
    y: bottom + GAP + ascent(font),
    anchor: 'middle',
    font,
    color: parameters.fgcolor ?? style.foreground,
  }));
}

function grid(
  sheet: Sheet,
  box: Box,
  axis: ValueAxis,
  time: TimeAxis,
  y: (value: number) => number,
): Mark[] {
  const { parameters, style } = sheet;
  const major = parameters.majorGridLineColor ?? style.majorLine;
  const minor = parameters.minorGridLineColor ?? style.minorLine;
  const across = (places: number[]): string =>
    places.map((at) => `M${px(box.left)} ${px(crisp(at))}H${px(box.right)}`).join('');
  const down = (places: number[]): string =>
    places.map((at) => `M${px(crisp(at))} ${px(box.top)}V${px(box.bottom)}`).join('');
  const between = minorValues(axis, parameters.minorY ?? 1).map(y);
  const isInside = (at: number): boolean => at >= box.top - 0.5 && at <= box.bottom + 0.5;
  const lines = (d: string, stroke: Color, lineWidth: number): Mark[] =>
    d === '' ? [] : [{ kind: 'path', d, stroke, lineWidth }];
  return [
    ...lines(across(between.filter(isInside)) + down(time.minor), minor, MINOR_WIDTH),
    ...lines(across(axis.ticks.map(({ value }) => y(value)).filter(isInside)), major, MAJOR_WIDTH),
    ...lines(down(time.ticks.map(({ x }) => x)), major, MAJOR_WIDTH),
    ...lines(down([box.left, box.right]), major, MAJOR_WIDTH),
  ];
}

/** Values of the lines between two ticks. */
function minorValues({ ticks }: ValueAxis, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i + 1 < ticks.length; i++) {
    const [low, high] = [ticks[i]!.value, ticks[i + 1]!.value]; // i + 1 < length
    for (let line = 1; line <= count; line++) {
      found.push(low + ((high - low) * line) / (count + 1));
    }
  }
  return found;
}
