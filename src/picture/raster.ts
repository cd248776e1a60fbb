/** A drawing as pixels: RGBA, row by row, a byte each, the alpha not multiplied in. */
import type { Color } from '../query/chart/color.ts';
import type { Drawing, LineMark, Mark, PathMark, TextMark } from '../query/chart/drawing.ts';
import { Coverage } from './coverage.ts';
import { drawGlyphs, measureText } from './fonts.ts';
import { type Contour, Outline } from './outline.ts';
import { dashes, stroke } from './stroke.ts';

export interface Pixels {
  width: number;
  height: number;
  bytes: Uint8Array;
  /** Whether nothing is seen through. */
  isOpaque: boolean;
}

/** `scale`: pixels for each of the drawing's. */
export function pixelsOf({ width, height, background, layers }: Drawing, scale: number): Pixels {
  const sheet = new Paper(Math.ceil(width * scale), Math.ceil(height * scale), background, scale);
  for (const { marks } of layers) for (const mark of marks) sheet.draw(mark);
  return sheet;
}

class Paper implements Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  readonly isOpaque: boolean;
  private readonly scale: number;
  private readonly coverage: Coverage;

  constructor(width: number, height: number, background: Color, scale: number) {
    this.width = width;
    this.height = height;
    this.isOpaque = background.alpha === 1;
    this.scale = scale;
    this.coverage = new Coverage(width, height);
    const words = new Uint32Array(width * height).fill(wordOf(background));
    this.bytes = new Uint8Array(words.buffer);
  }

  draw(mark: Mark): void {
    if (mark.kind === 'text') this.text(mark);
    else if (mark.kind === 'line') this.line(mark);
    else this.path(mark);
  }

  private path({ d, fill, stroke: color, lineWidth = 1, origin }: PathMark): void {
    const { scale } = this;
    const [x, y] = [(origin?.x ?? 0) * scale, (origin?.y ?? 0) * scale];
    const outline = new Outline({ x, y, scale, turn: 0 });
    outline.path(d);
    if (fill !== undefined) this.fill(outline.contours, fill);
    if (color === undefined) return;
    for (const contour of outline.contours) {
      stroke(this.coverage, contour, lineWidth * scale);
      // One at a time: together they would span the sheet.
      this.coverage.paint(this.bytes, color);
    }
  }

  private line({ xs, ys, stroke: color, lineWidth, dash }: LineMark): void {
    const { scale, coverage } = this;
    const corners: Contour = [];
    for (let i = 0; i < xs.length; i++) corners.push(xs[i]! * scale, ys[i]! * scale); // as many
    const parts = dash === undefined ? [corners] : dashes(corners, dash * scale);
    for (const part of parts) stroke(coverage, part, lineWidth * scale);
    this.coverage.paint(this.bytes, color);
  }

  private text({ text, x, y, anchor, font, color, rotate = 0 }: TextMark): void {
    const { scale } = this;
    const width = anchor === 'start' ? 0 : measureText(text, font) * scale;
    const shift = anchor === 'middle' ? width / 2 : width;
    const turn = (rotate * Math.PI) / 180;
    const [left, up] = turn === 0 ? [shift, 0] : [shift * Math.cos(turn), shift * Math.sin(turn)];
    const outline = new Outline({ x: x * scale - left, y: y * scale - up, scale, turn });
    drawGlyphs(text, font, outline);
    this.fill(outline.contours, color);
  }

  private fill(contours: readonly Contour[], color: Color): void {
    for (const contour of contours) {
      const { length } = contour;
      for (let i = 0; i < length; i += 2) {
        const next = i + 2 < length ? i + 2 : 0;
        this.coverage.edge(contour[i]!, contour[i + 1]!, contour[next]!, contour[next + 1]!); // pairs
      }
    }
    this.coverage.paint(this.bytes, color);
  }
}

function wordOf({ red, green, blue, alpha }: Color): number {
  return new Uint32Array(Uint8Array.of(red, green, blue, Math.round(alpha * 255)).buffer)[0]!; // four bytes
}
