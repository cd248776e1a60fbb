/** Paths as corners: SVG's spelling read, curves as straight pieces too short to be seen. */

/** One stroke of the pen: x and y of each corner in turn, pixels. */
export type Contour = number[];

/** Where the units of an outline lie on the sheet: scaled, then turned (radians), then moved. */
interface Placing {
  x: number;
  y: number;
  scale: number;
  turn: number;
}

/** Pixels of a piece of a curve, and how many there are at most. */
const PIECE = 1;
const PIECES_MAX = 400;

export class Outline {
  readonly contours: Contour[] = [];
  private contour: Contour = [];
  private readonly placing: Placing;
  private readonly cos: number;
  private readonly sin: number;
  /** Where the pen is, in the units of the outline. */
  private x = 0;
  private y = 0;

  constructor(placing: Placing) {
    this.placing = placing;
    this.cos = placing.scale * (placing.turn === 0 ? 1 : Math.cos(placing.turn));
    this.sin = placing.scale * (placing.turn === 0 ? 0 : Math.sin(placing.turn));
  }

  moveTo(x: number, y: number): void {
    this.contour = [];
    this.contours.push(this.contour);
    this.lineTo(x, y);
  }

  lineTo(x: number, y: number): void {
    const { placing, cos, sin } = this;
    this.contour.push(placing.x + cos * x - sin * y, placing.y + sin * x + cos * y);
    this.x = x;
    this.y = y;
  }

  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void {
    const [fromX, fromY] = [this.x, this.y];
    const pieces = this.pieces(Math.hypot(x1 - fromX, y1 - fromY) + Math.hypot(x - x1, y - y1));
    for (let i = 1; i <= pieces; i++) {
      const [t, u] = [i / pieces, 1 - i / pieces];
      const [p, q, r] = [u * u, 2 * u * t, t * t];
      this.lineTo(p * fromX + q * x1 + r * x, p * fromY + q * y1 + r * y);
    }
  }

  /** A part of a circle; angles clockwise from the right, radians. */
  arc(centreX: number, centreY: number, radius: number, start: number, end: number): void {
    const pieces = this.pieces(radius * Math.abs(end - start)) + 1;
    for (let i = 1; i <= pieces; i++) {
      const angle = start + ((end - start) * i) / pieces;
      this.lineTo(centreX + radius * Math.cos(angle), centreY + radius * Math.sin(angle));
    }
  }

  private pieces(length: number): number {
    return Math.min(PIECES_MAX, Math.max(2, Math.ceil((length * this.placing.scale) / PIECE)));
  }

  /** A path as drawings spell it: M, L, H, V, Z and A of circles, all of absolute places. */
  path(d: string): void {
    for (const [, command, text] of d.matchAll(/([A-Z])([^A-Z]*)/g)) {
      const args = text!.match(/[-+.\de]+/g)?.map(Number) ?? []; // the pattern has it
      if (command === 'M') this.moveTo(args[0]!, args[1]!);
      else if (command === 'H') this.lineTo(args[0]!, this.y);
      else if (command === 'V') this.lineTo(this.x, args[0]!);
      else if (command === 'L')
        for (let i = 0; i < args.length; i += 2) this.lineTo(args[i]!, args[i + 1]!);
      else if (command === 'A') this.arcTo(args);
    }
  }

  /** `rx ry 0 large sweep x y` */
  private arcTo([radius, , , large, sweep, x, y]: number[]): void {
    const [dx, dy] = [(x! - this.x) / 2, (y! - this.y) / 2]; // seven numbers each
    const half = Math.hypot(dx, dy);
    if (half === 0) return;
    const rise = Math.sqrt(Math.max(0, radius! ** 2 - half ** 2)) / half;
    const side = large === sweep ? -rise : rise;
    const centreX = this.x + dx - side * dy;
    const centreY = this.y + dy + side * dx;
    const start = Math.atan2(this.y - centreY, this.x - centreX);
    let end = Math.atan2(y! - centreY, x! - centreX);
    if (sweep === 1 && end < start) end += 2 * Math.PI;
    if (sweep === 0 && end > start) end -= 2 * Math.PI;
    this.arc(centreX, centreY, Math.max(radius!, half), start, end);
  }
}
