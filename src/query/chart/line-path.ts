/**
 * Points as the path of a line, in Graphite's three modes: `slope` joins neighbours, `staircase`
 * keeps a value until the next, `connected` leaps over gaps. A point between two gaps, which as a
 * slope would have no length, is drawn for its step, and as a dot at least.
 *
 * Coordinates are whole tenths of a pixel from one point to the next: spelled in a tenth of the time
 * that decimals take, of which a picture with many lines has hundreds of thousands.
 */
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

/** Pixels of a point that stands alone. */
const DOT = 2;
/** Pixels of a unit of the paths. */
export const LINE_UNIT = 0.1;
/** Units that no eye sees. */
const NOTHING = 2;

export function linePath({ xs, ys }: Spots, mode: LineMode): string {
  let d = '';
  let isDown = false;
  let [x, y] = [0, 0];
  const last = ys.length - 1;
  for (let i = 0; i <= last; i++) {
    const place = ys[i]!;
    if (place !== place) {
      isDown = false;
      continue;
    }
    const right = Math.round(xs[i]! / LINE_UNIT) - x; // as many as ys
    const down = Math.round(place / LINE_UNIT) - y;
    const isMiddle = isDown && i < last && ys[i + 1] === ys[i + 1];
    if (isMiddle && right <= NOTHING && Math.abs(down) <= NOTHING) continue;
    if (!isDown) d += `M${right + x} ${down + y}`;
    else if (mode !== 'staircase') d += `l${right} ${down}`;
    else d += down === 0 ? `h${right}` : `h${right}v${down}`;
    x += right;
    y += down;
    isDown = true;
  }
  return d;
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
  const put = (time: number, place: number): void => {
    xs.push(x(time));
    ys.push(place);
  };
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
    if (!endsRun || (mode !== 'staircase' && !startsRun)) continue;
    put(time + step, place);
    if (startsRun) xs[xs.length - 1] = Math.max(x(time) + DOT, x(time + step));
  }
  return { xs, ys };
}
