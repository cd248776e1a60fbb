/**
 * How much of each pixel a shape covers, exactly, by the areas under its edges: each edge adds, in the
 * columns that it crosses, what of a pixel lies below it, and takes the rest of that column from there
 * on; sums down a column are the shape (the signed areas of R. Levien's font-rs, "Inside the fastest
 * font renderer in the world", 2016, by column, as lines over time cross few pixels of each). What two
 * parts cover counts once where both wind the same way. Only pixels near an edge or inside cost.
 */
import type { Color } from '../query/chart/color.ts';

/** Less than half a step of a colour. */
const NOTHING = 1 / 512;

export class Coverage {
  private readonly width: number;
  private readonly height: number;
  /** Changes from one row to the next, by column. */
  private readonly changes: Float32Array;
  /** Rows of each column that hold a change: the first, and the one after the last. */
  private readonly tops: Int32Array;
  private readonly ends: Int32Array;
  private left: number;
  private right = -1;

  /** Pixels. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.changes = new Float32Array(width * (height + 1));
    this.tops = new Int32Array(width).fill(height);
    this.ends = new Int32Array(width);
    this.left = width;
  }

  /** An edge of a closed shape, in pixels, in the direction that the shape is walked around. */
  edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromX === toX) return;
    const sign = fromX < toX ? 1 : -1;
    let x = sign > 0 ? fromX : toX;
    let y = sign > 0 ? fromY : toY;
    const last = sign > 0 ? toX : fromX;
    if (last <= 0 || x >= this.width) return;
    const slope = (toY - fromY) / (toX - fromX);
    if (x < 0) {
      y -= x * slope;
      x = 0;
    }
    const stop = Math.min(last, this.width);
    let column = Math.floor(x);
    if (column < this.left) this.left = column;
    const { changes, tops, ends, height } = this;
    for (; x < stop; column++) {
      const next = column + 1 < stop ? column + 1 : stop;
      const down = y + (next - x) * slope;
      const row = Math.floor(y);
      if (row >= 0 && row < height && down >= row && down <= row + 1) {
        // Most edges stay in one row of the column.
        const width = sign * (next - x);
        const under = width * ((y + down) / 2 - row);
        const at = column * (height + 1) + row;
        changes[at]! += width - under;
        changes[at + 1]! += under;
        if (row < tops[column]!) tops[column] = row;
        if (row + 2 > ends[column]!) ends[column] = row + 2;
      } else {
        this.below(column, sign * (next - x), Math.min(y, down), Math.max(y, down));
      }
      x = next;
      y = down;
    }
    if (column - 1 > this.right) this.right = column - 1;
  }

  /** The colour over what `pixels` hold, as far as it is covered; nothing is covered then. */
  paint(pixels: Uint8Array, { red, green, blue, alpha }: Color): void {
    const { changes, tops, ends, height, width } = this;
    for (let column = this.left; column <= this.right; column++) {
      const from = column * (height + 1);
      const end = ends[column]!; // column < width
      let sum = 0;
      for (let row = tops[column]!; row < end; row++) {
        sum += changes[from + row]!;
        changes[from + row] = 0;
        const cover = sum < 0 ? -sum : sum;
        // What is left over from rounding is below, too.
        if (cover < NOTHING || row === height) continue;
        const over = (cover > 1 ? 1 : cover) * alpha;
        const at = (row * width + column) * 4;
        const seen = over * 255 + pixels[at + 3]! * (1 - over); // a pixel has four
        const share = (over * 255) / seen;
        pixels[at] = pixels[at]! + (red - pixels[at]!) * share + 0.5;
        pixels[at + 1] = pixels[at + 1]! + (green - pixels[at + 1]!) * share + 0.5;
        pixels[at + 2] = pixels[at + 2]! + (blue - pixels[at + 2]!) * share + 0.5;
        pixels[at + 3] = seen + 0.5;
      }
      tops[column] = height;
      ends[column] = 0;
    }
    this.left = width;
    this.right = -1;
  }

  /** An edge from height `top` to `bottom` that is `width` of a column wide. */
  private below(column: number, width: number, top: number, bottom: number): void {
    const { changes, height } = this;
    if (top >= height) {
      this.touch(column, height, height + 1);
      return;
    }
    const from = column * (height + 1);
    if (bottom <= 0) {
      changes[from]! += width;
      this.touch(column, 0, 1);
      return;
    }
    const perRow = width / Math.max(bottom - top, Number.MIN_VALUE);
    if (top < 0) {
      changes[from]! -= perRow * top;
      width += perRow * top;
      top = 0;
    }
    if (bottom > height) {
      width -= perRow * (bottom - height);
      bottom = height;
    }
    let row = Math.floor(top);
    const first = row;
    if (bottom > row + 1) {
      const part = row + 1 - top;
      const half = (perRow * part * part) / 2;
      changes[from + row]! += half;
      row += 1;
      let carried = perRow * part - half;
      for (; bottom > row + 1; row++) {
        changes[from + row]! += carried + perRow / 2;
        carried = perRow / 2;
      }
      changes[from + row]! += carried;
      width = perRow * (bottom - row);
      top = row;
    }
    const under = width * ((top + bottom) / 2 - row);
    if (row < height) changes[from + row]! += width - under;
    changes[from + Math.min(row + 1, height)]! += under;
    this.touch(column, first, Math.min(row + 2, height + 1));
  }

  private touch(column: number, top: number, end: number): void {
    const { tops, ends } = this;
    if (top < tops[column]!) tops[column] = top;
    if (end > ends[column]!) ends[column] = end;
  }
}
