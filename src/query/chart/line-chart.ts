/** Lines and areas over time, with one axis of values or two. */
import { axes } from './axes.ts';
import type { Sheet } from './sheet.ts';
import { type ChartSeries, styleOf } from './chart-series.ts';
import type { Box, Layer } from './drawing.ts';
import { linePoints } from './line-points.ts';
import { type Line, stackLines } from './lines.ts';
import { plotLayer } from './plot-layer.ts';
import type { LineMode } from './spots.ts';
import { titles } from './titles.ts';

/** Pixels, Graphite's. */
const LINE_WIDTH = 1.2;
/** Of many points nobody asked a width for: half the work of drawing, and more of them are told apart. */
const THIN_WIDTH = 1;
const MANY_POINTS = 10_000;

/** undefined when there is nothing to draw. */
export function lineChart(
  sheet: Sheet,
  series: readonly ChartSeries[],
  tz: string,
): Layer[] | undefined {
  const { parameters, margin } = sheet;
  const { pixelRatio = 1 } = parameters;
  const seen = series.filter(({ values }) => values.length > 0);
  const mode = lineMode(parameters.lineMode, seen);
  const span = spanOf(seen, mode);
  if (span === undefined) return undefined;
  const lines = linesOf(sheet, seen);
  const isBare = parameters.graphOnly === true;
  const box: Box = {
    left: margin,
    top: margin,
    right: Math.max(sheet.width - margin, margin + 1),
    bottom: Math.max(sheet.height - margin, margin + 1),
  };
  const hasRight = lines.some(({ style }) => style.onRight);
  const around = isBare ? [] : titles(sheet, box, entriesOf(sheet, lines), hasRight);
  const isStacked = parameters.areaMode === 'stacked' && !hasRight;
  for (const line of lines) {
    const settings = {
      columns: Math.max(1, Math.round((box.right - box.left) * Math.max(1, pixelRatio))),
      minXStep: parameters.minXStep ?? 1,
      nullsAreZero: parameters.drawNullAsZero === true,
    };
    line.points = linePoints(line.series, settings, line.isArea);
  }
  if (isStacked) stackLines(lines);
  const points = lines.reduce((sum, line) => sum + line.points.times.length, 0);
  const width = points > MANY_POINTS ? THIN_WIDTH : LINE_WIDTH;
  for (const line of lines) line.lineWidth ??= width;
  const plot = axes(sheet, box, { lines, span: { ...span, tz }, isBare });
  return [...around, ...plot.layers, plotLayer(sheet, lines, plot, mode)];
}

/** A slope needs two points. */
function lineMode(asked: LineMode = 'slope', series: readonly ChartSeries[]): LineMode {
  const isShort = asked === 'slope' && series.some(({ values }) => values.length === 1);
  return isShort ? 'staircase' : asked;
}

/** From the first datapoint to the last; as stairs the last one has its step. */
function spanOf(
  series: readonly ChartSeries[],
  mode: LineMode,
): { start: number; end: number } | undefined {
  let start = Infinity;
  let end = -Infinity;
  for (const { start: from, step, values } of series) {
    start = Math.min(start, from);
    end = Math.max(end, from + step * (values.length - (mode === 'staircase' ? 0 : 1)));
  }
  return end > start ? { start, end } : undefined;
}

/** Colours go round the list; a series that has one of its own takes none. */
function linesOf({ parameters, style }: Sheet, series: readonly ChartSeries[]): Line[] {
  const palette = parameters.colorList ?? style.lineColors;
  const { areaMode = 'none' } = parameters;
  const hasRight = series.some(({ options }) => options['secondYAxis'] === true);
  let next = 0;
  const found = series.map((one, i): Line => {
    const own = styleOf(one);
    const side = !hasRight ? undefined : own.onRight ? 'right' : 'left';
    const sideColor = side === undefined ? undefined : parameters[`${side}Color`];
    const color =
      sideColor ?? own.color ?? (own.isInvisible ? palette[0]! : palette[next++ % palette.length]!); // never empty
    const byMode =
      areaMode === 'all' ||
      (areaMode === 'stacked' && !hasRight) ||
      (areaMode === 'first' && i === 0);
    return {
      series: one,
      style: own,
      color,
      isArea: own.isArea || (byMode && !own.isInfinite),
      lineWidth:
        (side === undefined ? undefined : parameters[`${side}Width`]) ??
        own.lineWidth ??
        parameters.lineWidth ??
        parameters.thickness,
      dash: (side === undefined ? undefined : parameters[`${side}Dashed`]) ?? own.dash,
      points: { times: new Float64Array(0), values: new Float64Array(0), step: one.step },
    };
  });
  // Areas first, so that lines are seen over them.
  return [...found.filter(({ isArea }) => isArea), ...found.filter(({ isArea }) => !isArea)];
}

function entriesOf({ parameters }: Sheet, lines: readonly Line[]) {
  return lines
    .filter(({ series, style }) => {
      if (style.isInvisible || series.name === '') return false;
      return parameters.hideNullFromLegend !== true || !series.values.every(Number.isNaN);
    })
    .map(({ series, color, style }) => ({ name: series.name, color, onRight: style.onRight }));
}
