/**
 * A line as a path. Coordinates are whole tenths of a pixel from one corner to the next: spelled in
 * a tenth of the time that decimals take, of which a picture of many lines has hundreds of thousands.
 */
import type { LineMark } from './drawing.ts';

/** Pixels of a unit of the paths. */
export const LINE_UNIT = 0.1;
/** Units that no eye sees. */
const NOTHING = 2;

export function linePath({ xs, ys }: Pick<LineMark, 'xs' | 'ys'>): string {
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
    if (isMiddle && Math.abs(right) <= NOTHING && Math.abs(down) <= NOTHING) continue;
    d += isDown ? `l${right} ${down}` : `M${right + x} ${down + y}`;
    x += right;
    y += down;
    isDown = true;
  }
  return d;
}
