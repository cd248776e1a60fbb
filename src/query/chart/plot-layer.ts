/** The lines and areas of a plot as marks: areas first, their outlines and the lines over them. */
import { AreaStack } from './area-stack.ts';
import type { PlotAxes } from './axes.ts';
import { withAlpha } from './color.ts';
import { clipped } from './clip.ts';
import { crisp, type Layer, type LineMark, type Mark } from './drawing.ts';
import { fewerCorners } from './fewer-corners.ts';
import type { Line } from './lines.ts';
import type { Sheet } from './sheet.ts';
import { type LineMode, type Spots, spotsOf } from './spots.ts';

export function plotLayer(
  { parameters }: Sheet,
  lines: readonly Line[],
  plot: PlotAxes,
  mode: LineMode,
): Layer {
  const { areaAlpha, connectedLimit = Infinity, pixelRatio = 1 } = parameters;
  const fills: Mark[] = [];
  const strokes: LineMark[] = [];
  const stacks = new Map<'left' | 'right', AreaStack>();
  for (const line of lines) {
    const { style, color, isArea, points } = line;
    const side = style.onRight ? 'right' : 'left';
    if (style.isInfinite) {
      strokes.push({ kind: 'line', ...uprights(points, plot), ...penOf(line) });
      continue;
    }
    const place = { x: plot.x, y: plot.y[side], right: plot.box.right };
    const spots = spotsOf(points, place, mode, connectedLimit);
    if (isArea) {
      const stack = stacks.get(side) ?? new AreaStack(baseOf(plot, side));
      stacks.set(side, stack);
      const d = stack.add(clipped(spots, plot.box, 'edge'));
      const fill = withAlpha(color, areaAlpha ?? style.alpha ?? color.alpha);
      if (!style.isInvisible && d !== '') fills.push({ kind: 'path', d, fill });
      if (areaAlpha === undefined || style.isInvisible) continue;
    }
    const corners = fewerCorners(clipped(spots, plot.box, 'gap'), pixelRatio);
    strokes.push({ kind: 'line', ...corners, ...penOf(line) });
  }
  const seen = strokes.filter(({ ys }) => ys.some((y) => y === y));
  return { name: 'lines', marks: [...fills, ...seen] };
}

function penOf({ style, color, isArea, lineWidth = 1, dash }: Line) {
  // The outline of an area that is seen through is not.
  const alpha = isArea ? undefined : style.alpha;
  const stroke = alpha === undefined ? color : withAlpha(color, alpha);
  return { stroke, lineWidth, ...(dash > 0 ? { dash } : {}) };
}

/** The pixel that areas stand on: the zero line, or the lower end of a scale that has none. */
function baseOf({ box, y, bottoms }: PlotAxes, side: 'left' | 'right'): number {
  const zero = y[side](0);
  if (Number.isNaN(zero)) return y[side](bottoms[side]);
  return Math.min(Math.max(zero, box.top), box.bottom);
}

/** A line over the whole height at each point above zero; one a pixel. */
function uprights({ times, values }: Line['points'], { x, box }: PlotAxes): Spots {
  const at = new Set<number>();
  for (let i = 0; i < times.length; i++) if (values[i]! > 0) at.add(crisp(x(times[i]!)));
  const places = [...at];
  return {
    xs: places.flatMap((place) => [place, place, place]),
    ys: places.flatMap(() => [box.bottom, box.top, NaN]),
  };
}
