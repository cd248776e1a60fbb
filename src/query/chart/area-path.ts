/**
 * Areas on top of each other, as paths. Each area fills what lies between its line and those drawn
 * before it: upwards from the zero line for values above, downwards for values below.
 */
import { area } from 'd3-shape';
import type { Spots } from './spots.ts';

const DIGITS = 2;

export class AreaStack {
  /** Pixel of the zero line. */
  private readonly zero: number;
  /** The outer edges so far, by the pixel of x; smaller y is higher. */
  private upper: Spots = { xs: [], ys: [] };
  private lower: Spots = { xs: [], ys: [] };

  constructor(zero: number) {
    this.zero = zero;
  }

  /** The path of the area below (above) a line, which is an edge from now on. */
  add(spots: Spots): string {
    const { zero } = this;
    if (this.upper.xs.length === 0) {
      this.upper = this.edge(spots, Math.min);
      this.lower = this.edge(spots, Math.max);
      return this.path(
        spots,
        spots.ys,
        spots.xs.map(() => zero),
      );
    }
    const above = spots.xs.map((at, i) => valueAt(this.upper, at, i, zero));
    const below = spots.xs.map((at, i) => valueAt(this.lower, at, i, zero));
    const up = spots.ys.map((y, i) => Math.min(y, above[i]!)); // as many
    const down = spots.ys.map((y, i) => Math.max(y, below[i]!));
    const risen = this.path(spots, up, above);
    const sunk = spots.ys.some((y) => y > zero + 0.01) ? this.path(spots, down, below) : '';
    this.upper = { xs: spots.xs, ys: known(up, above) };
    this.lower = { xs: spots.xs, ys: known(down, below) };
    return risen + sunk;
  }

  private edge({ xs, ys }: Spots, pick: (a: number, b: number) => number): Spots {
    return { xs, ys: ys.map((y) => (y === y ? pick(y, this.zero) : this.zero)) };
  }

  private path({ xs }: Spots, ys: readonly number[], bases: readonly number[]): string {
    const draw = area<number>()
      .defined((y) => y === y)
      .x((_, i) => xs[i]!) // as many
      .y0((_, i) => bases[i]!)
      .y1((y) => y)
      .digits(DIGITS);
    return draw([...ys]) ?? '';
  }
}

function known(ys: readonly number[], others: readonly number[]): number[] {
  return ys.map((y, i) => (y === y ? y : others[i]!)); // as many
}

/**
 * The edge's place at a pixel, between its neighbours; `outside` where there is no edge. `guess`: the
 * likeliest of its corners, as of two above each other a search finds one.
 */
function valueAt({ xs, ys }: Spots, at: number, guess: number, outside: number): number {
  if (xs[guess] === at) return ys[guess]!; // as many as xs
  let low = 0;
  let high = xs.length - 1;
  if (high < 0 || at < xs[0]! - 0.01 || at > xs[high]! + 0.01) return outside;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (xs[middle]! <= at + 0.01) low = middle;
    else high = middle - 1;
  }
  const next = Math.min(low + 1, xs.length - 1);
  const span = xs[next]! - xs[low]!;
  const part = span > 0.02 ? Math.max(0, (at - xs[low]!) / span) : 0;
  return ys[low]! + (ys[next]! - ys[low]!) * part;
}
