/** Lines and areas over time, with one axis of values or two. */
import { AreaStack } from './area-path.ts';
import { axes, type PlotAxes } from './axes.ts';
import type { Sheet } from './sheet.ts';
import { type ChartSeries, styleOf } from './chart-series.ts';
import { withAlpha } from './color.ts';
import { type Box, crisp, type Layer, type Mark, px } from './drawing.ts';
import { type LineMode, linePath, spots } from './line-path.ts';
import { linePoints } from './line-points.ts';
import { type Line, stackLines } from './lines.ts';
import { titles } from './titles.ts';

const LINE_WIDTH = 1.2;

/** undefined when there is nothing to draw. */
export function lineChart(
  sheet: Sheet,
  series: readonly ChartSeries[],
  tz: string,
): Layer[] | undefined {
  const { parameters, margin } = sheet;
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
      columns: Math.max(1, Math.round(box.right - box.left)),
      minXStep: parameters.minXStep ?? 1,
      nullsAreZero: parameters.drawNullAsZero === true,
    };
    line.points = linePoints(line.series, settings, line.isArea);
  }
  if (isStacked) stackLines(lines);
  const plot = axes(sheet, box, { lines, span: { ...span, tz }, isBare });
  return [
    ...around,
    ...plot.layers,
    { name: 'lines', clip: clipOf(plot, mode), marks: draw(sheet, lines, plot, mode) },
  ];
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
        parameters.thickness ??
        LINE_WIDTH,
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

function clipOf({ box, isBare }: PlotAxes, mode: LineMode): Box {
  // A line on the edge of the plot shows its whole width.
  const more = isBare || mode === 'staircase' ? 0 : 1;
  return { left: box.left, right: box.right + more, top: box.top - 1, bottom: box.bottom + 1 };
}

function draw(
  { parameters }: Sheet,
  lines: readonly Line[],
  plot: PlotAxes,
  mode: LineMode,
): Mark[] {
  const { areaAlpha, connectedLimit = Infinity } = parameters;
  const fills: Mark[] = [];
  const strokes: Mark[] = [];
  const stacks = { left: undefined, right: undefined } as Record<
    'left' | 'right',
    AreaStack | undefined
  >;
  for (const { series, style, color, isArea, lineWidth, dash, points } of lines) {
    const side = style.onRight ? 'right' : 'left';
    const y = plot.y[side];
    if (style.isInfinite) {
      const d = uprights(points, plot);
      strokes.push({
        kind: 'path',
        d,
        stroke: withAlpha(color, color.alpha * (style.alpha ?? 1)),
        lineWidth,
      });
      continue;
    }
    const found = spots(points, { x: plot.x, y }, mode, connectedLimit);
    if (isArea) {
      stacks[side] ??= new AreaStack(y(Math.max(0, plot.bottoms[side])), mode);
      const d = stacks[side].add(found);
      const fill = withAlpha(color, areaAlpha ?? style.alpha ?? color.alpha);
      if (!style.isInvisible) fills.push({ kind: 'path', d, fill });
      if (areaAlpha === undefined || style.isInvisible || series.values.length === 0) continue;
    }
    const stroke = style.alpha === undefined || isArea ? color : withAlpha(color, style.alpha);
    const line: Mark = { kind: 'path', d: linePath(found, mode), stroke, lineWidth };
    strokes.push(dash > 0 ? { ...line, dash } : line);
  }
  return [...fills, ...strokes].filter((mark) => mark.kind === 'text' || mark.d !== '');
}

/** A line over the whole height at each point above zero; one a pixel. */
function uprights({ times, values }: Line['points'], { x, box }: PlotAxes): string {
  const at = new Set<number>();
  for (let i = 0; i < times.length; i++) if (values[i]! > 0) at.add(crisp(x(times[i]!)));
  return [...at].map((place) => `M${px(place)} ${px(box.bottom)}V${px(box.top)}`).join('');
}
