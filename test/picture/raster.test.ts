import zlib from 'node:zlib';
import { pngOf } from '../../src/picture/png.ts';
import { type Pixels, pixelsOf } from '../../src/picture/raster.ts';
import type { Drawing, Mark } from '../../src/query/chart/drawing.ts';
import { assert, describe } from '../support/suite.ts';

const BLACK = { red: 0, green: 0, blue: 0, alpha: 1 };
const WHITE = { red: 255, green: 255, blue: 255, alpha: 1 };
const NONE = { ...WHITE, alpha: 0 };

function drawn(marks: Mark[], more: Partial<Drawing> = {}, scale = 1): Pixels {
  const layers = [{ name: 'marks', marks }];
  return pixelsOf({ width: 8, height: 8, background: WHITE, layers, ...more }, scale);
}

const fill = (d: string): Mark => ({ kind: 'path', d, fill: BLACK });
const line = (places: number[], lineWidth: number, dash?: number): Mark => ({
  kind: 'line',
  xs: places.filter((_, i) => i % 2 === 0),
  ys: places.filter((_, i) => i % 2 === 1),
  stroke: BLACK,
  lineWidth,
  ...(dash === undefined ? {} : { dash }),
});

/** Pixels that are black, by parts; those of an edge have 255 grades. */
function area({ bytes }: Pixels): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 4) sum += (255 - bytes[i]!) / 255;
  return Math.round(sum * 5) / 5;
}

const pixel = ({ width, bytes }: Pixels, x: number, y: number): number[] => [
  ...bytes.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

/** What a reader of PNG sees: four bytes a pixel, the differences from the row above summed up. */
function read(png: Uint8Array): Uint8Array {
  const file = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) {
    const end = at + 8 + file.readUInt32BE(at);
    assert.is(file.readUInt32BE(end), zlib.crc32(file.subarray(at + 4, end)));
    chunks.set(file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, end));
  }
  const head = chunks.get('IHDR')!;
  const [width, height, each] = [head.readUInt32BE(0), head.readUInt32BE(4), head[9] === 6 ? 4 : 3];
  const rows = zlib.inflateSync(chunks.get('IDAT')!);
  const found = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    assert.is(rows[y * (width * each + 1)], 2);
    for (let i = 0; i < width * each; i++) {
      const to = (y * width + Math.floor(i / each)) * 4 + (i % each);
      const above = y === 0 ? 0 : found[to - width * 4]!;
      found[to] = above + rows[y * (width * each + 1) + 1 + i]!;
    }
  }
  return found;
}

describe('pixels of drawings', (it) => {
  it('are covered by as much as lies in them', () => {
    assert.is(area(drawn([fill('M1 1H4V3H1Z')])), 6);
    assert.equal(pixel(drawn([fill('M1 1H1.5V1.5H1Z')]), 1, 1), [191, 191, 191, 255]);
    assert.is(area(drawn([fill('M0 0L8 8L0 8Z')])), 32);
    assert.is(area(drawn([fill('M8 4A4 4 0 1 1 0 4A4 4 0 1 1 8 4Z')])), 49.8);
    // Either way around, and what lies outside is cut off.
    assert.is(area(drawn([fill('M1 1V3H4V1Z')])), 6);
    assert.is(area(drawn([fill('M-5 -5H20V4H-5Z')])), 32);
    assert.is(area(drawn([fill('M-9 20H20V30H-9Z'), fill('M20 0H30V8H20Z')])), 0);
    assert.is(area(drawn([fill('M-8 8L0 -8L8 8Z')])), 48);
  });

  it('have lines as wide as they are, with their bends and dashes', () => {
    assert.is(area(drawn([line([0, 4, 8, 4], 2)])), 16);
    assert.is(area(drawn([line([2, 2, 5, 6], 1)])), 5);
    assert.is(area(drawn([line([4, 8, 4, 0, NaN, NaN, 6, 8, 6, 0], 1)])), 16);
    assert.is(area(drawn([line([0, 4, 8, 4], 1, 1)])), 4);
    // Two legs of 4, and a corner: cut for a thin line, round for a wide one.
    const thin = area(drawn([line([2, 6, 2, 2, 6, 2], 1)]));
    assert.ok(thin >= 7.8 && thin <= 8, String(thin));
    const wide = area(drawn([line([3, 8, 3, 3, 8, 3], 4)]));
    assert.ok(wide > 35 && wide < 40, String(wide));
  });

  it('have texts where they are anchored', () => {
    const font = { family: 'sans', size: 6, bold: true, italic: false } as const;
    const text = (anchor: 'start' | 'end', rotate?: number): Mark => ({
      kind: 'text',
      text: 'l',
      x: 4,
      y: 6,
      anchor,
      font,
      color: BLACK,
      ...(rotate === undefined ? {} : { rotate }),
    });
    const halves = (mark: Mark): boolean[] => {
      const pixels = drawn([mark]);
      const isDark = (x: number, y: number): boolean => pixel(pixels, x, y)[0]! < 250;
      const all = Array.from({ length: 64 }, (_, i) => [i % 8, Math.floor(i / 8)] as const);
      return [
        all.some(([x, y]) => x < 4 && isDark(x, y)),
        all.some(([x, y]) => x > 4 && isDark(x, y)),
      ];
    };
    assert.equal(halves(text('start')), [false, true]);
    assert.equal(halves(text('end')), [true, false]);
    assert.equal(halves(text('start', -90)), [true, false]);
  });

  it('are as many as the scale says, and see-through where nothing is', () => {
    const pixels = drawn([fill('M1 1H4V3H1Z')], { background: NONE }, 2);
    assert.equal([pixels.width, pixels.height, pixels.isOpaque], [16, 16, false]);
    assert.equal(pixel(pixels, 2, 2), [0, 0, 0, 255]);
    assert.equal(pixel(pixels, 0, 0), [255, 255, 255, 0]);
    const half = { ...BLACK, alpha: 0.5 };
    const over = drawn([{ kind: 'path', d: 'M0 0H8V8H0Z', fill: half }], { background: NONE });
    assert.equal(pixel(over, 3, 3), [0, 0, 0, 128]);
  });

  it('come out of a PNG as they went in', () => {
    for (const background of [WHITE, NONE]) {
      const pixels = drawn(
        [line([0, 0, 3, 7, 8, 1], 1.2), fill('M1 5L7 5L4 8Z')],
        { background },
        3,
      );
      assert.equal(read(pngOf(pixels)), pixels.bytes);
    }
  });
});
