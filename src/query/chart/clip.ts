/**
 * What of a line lies between two heights. Drawings are cut here, by arithmetic, and no renderer is
 * asked for it: one of them ends its process over a mask that nothing is seen through.
 */
import type { Box } from './drawing.ts';
import type { Spots } from './spots.ts';

/** The parts inside, with gaps for those outside (`gap`), or the latter laid on the edge (`edge`). */
export function clipped(spots: Spots, { top, bottom }: Box, outside: 'gap' | 'edge'): Spots {
  const { xs, ys } = spots;
  if (!ys.some((y) => y < top || y > bottom)) return spots;
  const cut: Spots = { xs: [], ys: [] };
  const put = (x: number, y: number): void => {
    cut.xs.push(x);
    cut.ys.push(y);
  };
  for (const [i, y] of ys.entries()) {
    const x = xs[i]!; // as many as ys
    const before = ys[i - 1] ?? NaN;
    let isInside = before >= top && before <= bottom;
    for (const share of crossings(before, y, top, bottom)) {
      const edge = share.edge;
      put(xs[i - 1]! + (x - xs[i - 1]!) * share.at, edge); // before is known, so there is one
      isInside = !isInside;
      if (!isInside && outside === 'gap') put(x, NaN);
    }
    if (y !== y || (y >= top && y <= bottom)) put(x, y);
    else if (outside === 'edge') put(x, y < top ? top : bottom);
  }
  return cut;
}

/** Where the way from one height to another goes over an edge, in order; none from or to a gap. */
function crossings(
  from: number,
  to: number,
  top: number,
  bottom: number,
): { at: number; edge: number }[] {
  const found: { at: number; edge: number }[] = [];
  for (const edge of [top, bottom]) {
    if ((from < edge && to > edge) || (from > edge && to < edge)) {
      found.push({ at: (edge - from) / (to - from), edge });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}
