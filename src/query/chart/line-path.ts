/**
 * Points as the path of a line, in Graphite's three modes: `slope` joins neighbours, `staircase`
 * keeps a value until the next, `connected` leaps over gaps. A point between two gaps, which as a
 * slope would have no length, is drawn for its step.
 */
import { curveLinear, curveStepAfter, line } from 'd3-shape';
import type { Points } from './line-points.ts';

export type LineMode = 'slope' | 'staircase' | 'connected';

interface Place {
  x(time: number): number;
  /** NaN where a value has no place. */
  y(value: number): number;
}

/** Places of points in pixels; NaN among `ys` is a gap. */
export interface Spots {
  xs: number[];
  ys: number[];
}

const DIGITS = 2;

export function linePath({ xs, ys }: Spots, mode: LineMode): string {
  const draw = line<number>()
    .defined((y) => y === y)
    .x((_, i) => xs[i]!) // as many as ys
    .y((y) => y)
    .curve(mode === 'staircase' ? curveStepAfter : curveLinear)
    .digits(DIGITS);
  return draw(ys) ?? '';
}

/** `connectedLimit`: the longest gap, in points, that `connected` leaps over. */
export function spots(
  { times, values, step }: Points,
  { x, y }: Place,
  mode: LineMode,
  connectedLimit: number,
): Spots {
  const xs: number[] = [];
  const ys: number[] = [];
  const put = (time: number, place: number): void => void (xs.push(x(time)), ys.push(place));
  let gap = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    const place = y(values[i]!); // as many as times
    if (place !== place) {
      gap += 1;
      if (mode !== 'connected' && gap === 1) put(time, NaN);
      continue;
    }
    if (mode === 'connected' && gap > connectedLimit) put(time, NaN);
    const startsRun = i === 0 || gap > 0;
    gap = 0;
    put(time, place);
    const next = i + 1 < times.length ? y(values[i + 1]!) : NaN;
    const endsRun = next !== next;
    if (endsRun && (mode === 'staircase' || (mode === 'slope' && startsRun))) {
      put(time + step, place);
    }
  }
  return { xs, ys };
}
