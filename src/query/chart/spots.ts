/**
 * Points as places on the sheet, in Graphite's three modes: `slope` joins neighbours, `staircase`
 * keeps a value until the next, `connected` leaps over gaps. A point between two gaps, which as a
 * slope would have no length, is drawn for its step, and as a dot at least.
 */
import type { Points } from './line-points.ts';

export type LineMode = 'slope' | 'staircase' | 'connected';

/** Corners of a line, pixels; NaN among `ys` is a gap. */
export interface Spots {
  xs: number[];
  ys: number[];
}

interface Place {
  x(time: number): number;
  /** NaN where a value has no place. */
  y(value: number): number;
  /** The last pixel. */
  right: number;
}

/** Pixels of a point that stands alone. */
const DOT = 2;

/** `connectedLimit`: the longest gap, in points, that `connected` leaps over. */
export function spotsOf(
  { times, values, step }: Points,
  { x, y, right }: Place,
  mode: LineMode,
  connectedLimit: number,
): Spots {
  const xs: number[] = [];
  const ys: number[] = [];
  const put = (at: number, place: number): void => {
    xs.push(Math.min(at, right));
    ys.push(place);
  };
  const isStair = mode === 'staircase';
  let gap = 0;
  let next = times.length > 0 ? y(values[0]!) : NaN;
  for (let i = 0; i < times.length; i++) {
    const at = x(times[i]!);
    const place = next;
    next = i + 1 < times.length ? y(values[i + 1]!) : NaN; // as many as times
    if (place !== place) {
      gap += 1;
      if (mode !== 'connected' && gap === 1) put(at, NaN);
      continue;
    }
    if (mode === 'connected' && gap > connectedLimit) put(at, NaN);
    const startsRun = i === 0 || gap > 0;
    if (isStair && !startsRun) put(at, ys.at(-1)!); // a run has begun
    gap = 0;
    put(at, place);
    if (next === next || (!isStair && !startsRun)) continue;
    const end = x(times[i]! + step);
    put(startsRun ? Math.max(at + DOT, end) : end, place);
  }
  return { xs, ys };
}
