/**
 * Areas on top of each other, as paths. Each area fills what lies between its line and those drawn
 * before it: upwards from the zero line for values above, downwards for values below. Lines need no
 * common corners: the way is walked from one corner of either to the next.
 */
import { area } from 'd3-shape';
import type { Spots } from './spots.ts';

/** A stretch of the way on which all heights are straight: pixels at both ends. */
interface Stretch {
  from: number;
  to: number;
  /** The line, and the outer edges of what was drawn before. */
  line: Ends;
  upper: Ends;
  lower: Ends;
}

type Ends = readonly [start: number, end: number];

interface Edge {
  xs: number[];
  tops: number[];
  bases: number[];
}

const DIGITS = 2;

export class AreaStack {
  /** Pixel of the zero line. */
  private readonly zero: number;
  /** The outer edges so far. */
  private upper: Spots = { xs: [], ys: [] };
  private lower: Spots = { xs: [], ys: [] };

  constructor(zero: number) {
    this.zero = zero;
  }

  /** The path of the area below (above) a line, which is an edge from now on. */
  add(line: Spots): string {
    const above: Edge = { xs: [], tops: [], bases: [] };
    const below: Edge = { xs: [], tops: [], bases: [] };
    const upper: Spots = { xs: [], ys: [] };
    const lower: Spots = { xs: [], ys: [] };
    for (const { from, to, ...heights } of this.stretches(line)) {
      for (const [x, end] of [
        [from, 0],
        [to, 1],
      ] as const) {
        const y = heights.line[end];
        const [high, low] = [heights.upper[end], heights.lower[end]];
        const rise = y === y ? Math.min(y, high) : high;
        const fall = y === y ? Math.max(y, low) : low;
        put(upper, x, rise);
        put(lower, x, fall);
        extend(above, x, y === y ? rise : NaN, high);
        extend(below, x, y === y ? fall : NaN, low);
      }
    }
    this.upper = upper;
    this.lower = lower;
    return pathOf(above) + pathOf(below);
  }

  /** Cut where a line has a corner, or crosses an edge. */
  private *stretches(line: Spots): Generator<Stretch> {
    const { zero } = this;
    const walks = [new Walk(line, NaN), new Walk(this.upper, zero), new Walk(this.lower, zero)];
    const corners = [...new Set([...line.xs, ...this.upper.xs, ...this.lower.xs])];
    corners.sort((a, b) => a - b);
    for (let i = 0; i + 1 < corners.length; i++) {
      const [from, to] = [corners[i]!, corners[i + 1]!]; // i + 1 < length
      const [own, upper, lower] = walks.map((walk) => walk.ends(from, to)) as [Ends, Ends, Ends];
      const shares = [crossing(own, upper), crossing(own, lower)].filter((share) => share > 0);
      let start = 0;
      for (const end of [...shares.sort((a, b) => a - b), 1]) {
        if (end <= start) continue;
        const part = (ends: Ends): Ends => [between(ends, start), between(ends, end)];
        yield {
          from: between([from, to], start),
          to: between([from, to], end),
          line: part(own),
          upper: part(upper),
          lower: part(lower),
        };
        start = end;
      }
    }
  }
}

/** A line as it is walked along once, from left to right. */
class Walk {
  private readonly spots: Spots;
  /** Height where there is no line. */
  private readonly without: number;
  private at = 0;

  constructor(spots: Spots, without: number) {
    this.spots = spots;
    this.without = without;
  }

  /** Heights at the ends of a stretch that has no corner inside. */
  ends(from: number, to: number): Ends {
    const { xs, ys } = this.spots;
    const middle = (from + to) / 2;
    while (this.at + 1 < xs.length && xs[this.at + 1]! <= middle) this.at += 1;
    const next = this.at + 1;
    if (next >= xs.length || xs[this.at]! > middle) return [this.without, this.without];
    const [left, right] = [xs[this.at]!, xs[next]!]; // next < length
    const ends: Ends = [ys[this.at]!, ys[next]!];
    const height = (x: number): number => between(ends, (x - left) / (right - left));
    const [start, end] = [height(from), height(to)];
    return start === start && end === end ? [start, end] : [this.without, this.without];
  }
}

function between([start, end]: Ends, share: number): number {
  return share === 0 ? start : share === 1 ? end : start + (end - start) * share;
}

/** The share of a stretch at which two heights meet; 0 where they do not. */
function crossing(a: Ends, b: Ends): number {
  const [before, after] = [a[0] - b[0], a[1] - b[1]];
  return before * after < 0 ? before / (before - after) : 0;
}

function put({ xs, ys }: Spots, x: number, y: number): void {
  if (xs.at(-1) === x && ys.at(-1) === y) return;
  xs.push(x);
  ys.push(y);
}

function extend({ xs, tops, bases }: Edge, x: number, top: number, base: number): void {
  if (xs.at(-1) === x && tops.at(-1) === top && bases.at(-1) === base) return;
  xs.push(x);
  tops.push(top);
  bases.push(base);
}

function pathOf({ xs, tops, bases }: Edge): string {
  // Without height there is nothing to fill.
  if (!tops.some((top, i) => Math.abs(top - bases[i]!) > 0.01)) return '';
  const draw = area<number>()
    .defined((top) => top === top)
    .x((_, i) => xs[i]!) // as many
    .y0((_, i) => bases[i]!)
    .y1((top) => top)
    .digits(DIGITS);
  return draw(tops) ?? '';
}
