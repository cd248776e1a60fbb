/**
 * A line without the corners that no eye misses: as long as one straight piece passes all of them
 * closely, they are left out. Smooth lines of many points keep a tenth of them.
 */
import type { Spots } from './spots.ts';

/** Dots that a corner may lie above or below the piece. */
const CLOSE = 0.1;

/** `dots`: of a pixel. A line goes from left to right, or up and down; NaN is a gap. */
export function fewerCorners({ xs, ys }: Spots, dots: number): Spots {
  const close = CLOSE / dots;
  const kept: Spots = { xs: [], ys: [] };
  const keep = (i: number): void => {
    kept.xs.push(xs[i]!); // all i are below the length
    kept.ys.push(ys[i]!);
  };
  let from = -1;
  // Slopes from that corner on which all of those after it are passed.
  let [low, high] = [-Infinity, Infinity];
  for (let i = 0; i < ys.length; i++) {
    const isStart = from < 0 || ys[i - 1] !== ys[i - 1]; // NaN
    if (isStart || ys[i] !== ys[i]) {
      if (from >= 0 && from < i - 1) keep(i - 1);
      keep(i);
      [from, low, high] = [i, -Infinity, Infinity];
      continue;
    }
    const slope = (ys[i]! - ys[from]!) / (xs[i]! - xs[from]!);
    if (i - 1 > from && !(slope >= low && slope <= high)) {
      keep(i - 1);
      [from, low, high] = [i - 1, -Infinity, Infinity];
    }
    const along = xs[i]! - xs[from]!;
    // Straight up and down there is a way back: each corner counts.
    low = along > 0 ? Math.max(low, (ys[i]! - close - ys[from]!) / along) : Infinity;
    high = along > 0 ? Math.min(high, (ys[i]! + close - ys[from]!) / along) : -Infinity;
  }
  if (from >= 0 && from < ys.length - 1) keep(ys.length - 1);
  return kept;
}
