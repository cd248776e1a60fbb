/**
 * What a chart comes to: marks on a sheet, in pixels from the upper left corner. SVG is this as
 * text (`svg.ts`); PNG and PDF are made of the same marks. Pure data, so that equal requests give
 * equal bytes.
 */
import type { Color } from './color.ts';

export interface Font {
  family: 'sans' | 'serif' | 'mono';
  /** Pixels. */
  size: number;
  bold: boolean;
  italic: boolean;
}

/** Areas, and the lines of a grid; `d` is a path in SVG's spelling: M, L, H, V, Z and A of circles. */
export interface PathMark {
  kind: 'path';
  d: string;
  fill?: Color;
  stroke?: Color;
  /** Pixels. */
  lineWidth?: number;
  /** Where (0, 0) of the path lies. */
  origin?: { x: number; y: number };
}

/** Pixels of a line whose bends are seen: they are round; those of thinner ones are cut. */
export const ROUND_FROM = 2.5;

/** A line through places; NaN among `ys` is a gap. */
export interface LineMark {
  kind: 'line';
  xs: readonly number[];
  ys: readonly number[];
  stroke: Color;
  /** Pixels. */
  lineWidth: number;
  /** Pixels of a dash, and of the gap after it. */
  dash?: number;
}

export interface TextMark {
  kind: 'text';
  text: string;
  /** Of the baseline. */
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  font: Font;
  color: Color;
  /** Degrees, clockwise around (x, y). */
  rotate?: number;
}

export type Mark = PathMark | LineMark | TextMark;

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Marks that belong together; `name` is the class of their group in SVG, as in Graphite's. */
export interface Layer {
  name: string;
  marks: Mark[];
}

export interface Drawing {
  /** Pixels. */
  width: number;
  height: number;
  background: Color;
  layers: Layer[];
}

/** How wide a text becomes, in pixels; fonts are whoever's draws. */
export type MeasureText = (text: string, font: Font) => number;

/** Parts of the font's size, of DejaVu: above the baseline, below it, and of a capital. */
const ASCENT = 0.93;
const DESCENT = 0.24;
const CAPITAL = 0.73;

/** From one baseline to the next. */
export function lineHeight({ size }: Font): number {
  return Math.ceil(size * (ASCENT + DESCENT)) + 1;
}

/** From the top of a line to its baseline. */
export function ascent({ size }: Font): number {
  return Math.round(size * ASCENT);
}

/** From the middle of a text to its baseline. */
export function middleToBaseline({ size }: Font): number {
  return (size * CAPITAL) / 2;
}

export function boxPath({ left, top, right, bottom }: Box): string {
  return `M${px(left)} ${px(top)}H${px(right)}V${px(bottom)}H${px(left)}Z`;
}

/** A coordinate as text: hundredths of a pixel are more than one sees. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** The middle of a pixel, where a line of one pixel is crisp. */
export function crisp(value: number): number {
  return Math.floor(value) + 0.5;
}
