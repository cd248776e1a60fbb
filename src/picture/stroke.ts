/** Lines with a width: each piece a rectangle, each bend filled where it opens. Ends are cut straight. */
import type { Coverage } from './coverage.ts';
import type { Contour } from './outline.ts';
import { ROUND_FROM } from '../query/chart/drawing.ts';

/** Pixels that a bend opens before it is filled. */
const OPEN = 0.05;
/** Radians of a piece of a round bend. */
const PIECE = 0.4;

/** Pixels all. NaN among the heights is a gap. */
export function stroke(coverage: Coverage, corners: Contour, width: number): void {
  const half = width / 2;
  let isAfter = false;
  let [acrossX, acrossY] = [0, 0];
  for (let i = 0; i + 3 < corners.length; i += 2) {
    const [x, y, toX, toY] = [corners[i]!, corners[i + 1]!, corners[i + 2]!, corners[i + 3]!]; // i + 3 < length
    const length = Math.sqrt((toX - x) ** 2 + (toY - y) ** 2);
    if (!(length > 0)) {
      if (length !== length) isAfter = false;
      continue;
    }
    const nextX = (-(toY - y) / length) * half;
    const nextY = ((toX - x) / length) * half;
    if (isAfter) bend(coverage, x, y, acrossX, acrossY, nextX, nextY);
    acrossX = nextX;
    acrossY = nextY;
    isAfter = true;
    coverage.edge(x + acrossX, y + acrossY, toX + acrossX, toY + acrossY);
    coverage.edge(toX + acrossX, toY + acrossY, toX - acrossX, toY - acrossY);
    coverage.edge(toX - acrossX, toY - acrossY, x - acrossX, y - acrossY);
    coverage.edge(x - acrossX, y - acrossY, x + acrossX, y + acrossY);
  }
}

/** Between two rectangles that meet at a corner, wound as they are; `from` and `to` are half across them. */
function bend(
  coverage: Coverage,
  x: number,
  y: number,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): void {
  if (Math.abs(toX - fromX) + Math.abs(toY - fromY) < OPEN) return;
  const isRight = fromX * toY - fromY * toX > 0;
  // It opens on the other side of where it turns to.
  const [aX, aY, bX, bY] = isRight ? [-toX, -toY, -fromX, -fromY] : [fromX, fromY, toX, toY];
  const pieces = pie(aX, aY, bX, bY);
  let [lastX, lastY] = [x + aX, y + aY];
  coverage.edge(x, y, lastX, lastY);
  for (let i = 1; i <= pieces.count; i++) {
    const angle = pieces.start + pieces.step * i;
    const isEnd = i === pieces.count;
    const nextX = isEnd ? x + bX : x + pieces.radius * Math.cos(angle);
    const nextY = isEnd ? y + bY : y + pieces.radius * Math.sin(angle);
    coverage.edge(lastX, lastY, nextX, nextY);
    [lastX, lastY] = [nextX, nextY];
  }
  coverage.edge(lastX, lastY, x, y);
}

/** The pieces of the way around a corner; one where it is cut. */
function pie(
  aX: number,
  aY: number,
  bX: number,
  bY: number,
): { count: number; start: number; step: number; radius: number } {
  const radius = Math.sqrt(aX * aX + aY * aY);
  if (radius * 2 < ROUND_FROM) return { count: 1, start: 0, step: 0, radius };
  const start = Math.atan2(aY, aX);
  let turn = Math.atan2(bY, bX) - start;
  if (turn > Math.PI) turn -= 2 * Math.PI;
  if (turn < -Math.PI) turn += 2 * Math.PI;
  const count = Math.max(1, Math.ceil(Math.abs(turn) / PIECE));
  return { count, start, step: turn / count, radius };
}

/** The dashes of a line, each as long as the gap after it, in pixels; from the line's start on. */
export function dashes(corners: Contour, dash: number): Contour[] {
  const found: Contour[] = [];
  let current: Contour | undefined;
  let left = dash;
  let isOn = true;
  for (let i = 0; i + 3 < corners.length; i += 2) {
    let [x, y] = [corners[i]!, corners[i + 1]!]; // i + 3 < length
    const [toX, toY] = [corners[i + 2]!, corners[i + 3]!];
    let length = Math.sqrt((toX - x) ** 2 + (toY - y) ** 2);
    if (length !== length) {
      // A line begins anew after a gap, with a dash.
      [current, isOn, left] = [undefined, true, dash];
      continue;
    }
    while (length > 0) {
      const share = Math.min(1, left / length);
      const [endX, endY] = [x + (toX - x) * share, y + (toY - y) * share];
      if (isOn) {
        if (current === undefined) found.push((current = [x, y]));
        current.push(endX, endY);
      }
      left -= length * share;
      length *= 1 - share;
      [x, y] = [endX, endY];
      if (share < 1 || left <= 0) [isOn, left, current] = [!isOn, dash, undefined];
    }
  }
  return found;
}
