/** The lines and areas of a plot as marks: areas first, their outlines and the lines over them. */
import { AreaStack } from './area-path.ts';
import type { PlotAxes } from './axes.ts';
import { withAlpha } from './color.ts';
import { type Box, crisp, type Layer, type Mark, px } from './drawing.ts';
import { LINE_UNIT, type LineMode, linePath, spots, type Spots } from './line-path.ts';
import type { Line } from './lines.ts';
import type { Sheet } from './sheet.ts';

export function plotLayer(
  { parameters }: Sheet,
  lines: readonly Line[],
  plot: PlotAxes,
  mode: LineMode,
): Layer {
  const { areaAlpha, connectedLimit = Infinity } = parameters;
  const fills: Mark[] = [];
  const strokes: Mark[] = [];
  const stacks = new Map<'left' | 'right', AreaStack>();
  let isCut = false;
  for (const line of lines) {
    const { style, color, isArea, points } = line;
    const side = style.onRight ? 'right' : 'left';
    if (style.isInfinite) {
      strokes.push(strokeOf(line, { d: uprights(points, plot) }));
      continue;
    }
    const y = plot.y[side];
    const found = spots(points, { x: plot.x, y }, mode, connectedLimit);
    isCut ||= isArea || leaves(found, plot.box);
    if (isArea) {
      const stack = stacks.get(side) ?? new AreaStack(baseOf(plot, side), mode);
      stacks.set(side, stack);
      const d = stack.add(found);
      const fill = withAlpha(color, areaAlpha ?? style.alpha ?? color.alpha);
      if (!style.isInvisible) fills.push({ kind: 'path', d, fill });
      if (areaAlpha === undefined || style.isInvisible) continue;
    }
    strokes.push(strokeOf(line, { d: linePath(found, mode), unit: LINE_UNIT }));
  }
  const marks = [...fills, ...strokes].filter((mark) => mark.kind === 'text' || mark.d !== '');
  // What stays inside needs no mask, which would cost as much as a few lines.
  return { name: 'lines', marks, ...(isCut ? { clip: clipOf(plot, mode) } : {}) };
}

function strokeOf(
  { style, color, isArea, lineWidth = 1, dash }: Line,
  path: { d: string; unit?: number },
): Mark {
  // The outline of an area that is seen through is not.
  const alpha = isArea ? undefined : style.alpha;
  const stroke = alpha === undefined ? color : withAlpha(color, alpha);
  return { kind: 'path', ...path, stroke, lineWidth, ...(dash > 0 ? { dash } : {}) };
}

/** The pixel that areas stand on: the zero line, or the lower end of a scale that has none. */
function baseOf({ y, bottoms }: PlotAxes, side: 'left' | 'right'): number {
  const zero = y[side](0);
  return Number.isNaN(zero) ? y[side](bottoms[side]) : zero;
}

function leaves({ ys }: Spots, { top, bottom }: Box): boolean {
  return ys.some((y) => y < top - 0.5 || y > bottom + 0.5);
}

function clipOf({ box, isBare }: PlotAxes, mode: LineMode): Box {
  // A line on the edge of the plot shows its whole width.
  const more = isBare || mode === 'staircase' ? 0 : 1;
  return { left: box.left, right: box.right + more, top: box.top - 1, bottom: box.bottom + 1 };
}

/** A line over the whole height at each point above zero; one a pixel. */
function uprights({ times, values }: Line['points'], { x, box }: PlotAxes): string {
  const at = new Set<number>();
  for (let i = 0; i < times.length; i++) if (values[i]! > 0) at.add(crisp(x(times[i]!)));
  return [...at].map((place) => `M${px(place)} ${px(box.bottom)}V${px(box.top)}`).join('');
}
