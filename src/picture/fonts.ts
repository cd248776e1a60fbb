/**
 * The fonts of pictures: DejaVu, packaged, so that a picture is the same on every machine. Widths
 * and outlines of glyphs are kept by size; a sign that the font lacks is its empty box.
 */
import { createRequire } from 'node:module';
import { openSync, type Font as FontFile } from 'fontkit';
import type { Font } from '../query/chart/drawing.ts';

const require = createRequire(import.meta.url);

const FILES: Record<Font['family'], readonly [string, string, string, string]> = {
  sans: ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique', 'DejaVuSans-BoldOblique'],
  serif: ['DejaVuSerif', 'DejaVuSerif-Bold', 'DejaVuSerif-Italic', 'DejaVuSerif-BoldItalic'],
  mono: [
    'DejaVuSansMono',
    'DejaVuSansMono-Bold',
    'DejaVuSansMono-Oblique',
    'DejaVuSansMono-BoldOblique',
  ],
};

/** Glyphs whose outlines are kept: a few alphabets. */
const GLYPHS_MAX = 20_000;

interface Glyph {
  /** Of the units of the font. */
  width: number;
  /** Commands of the outline and their coordinates. */
  commands: readonly { command: string; args: readonly number[] }[];
}

interface OpenFont {
  unitsPerEm: number;
  file: FontFile;
  glyphs: Map<number, Glyph>;
}

const opened = new Map<string, OpenFont>();

/** The file of a font, for what embeds it. */
export function fontFile(font: Font): string {
  return require.resolve(`dejavu-fonts-ttf/ttf/${fontName(font)}.ttf`);
}

function fontName({ family, bold, italic }: Font): string {
  return FILES[family][(bold ? 1 : 0) + (italic ? 2 : 0)]!; // four files each
}

/** Pixels that a text is wide. */
export function measureText(text: string, font: Font): number {
  const open = openFont(font);
  let width = 0;
  for (const sign of text) width += glyphOf(open, sign.codePointAt(0)!).width;
  return (width * font.size) / open.unitsPerEm;
}

interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void;
}

/** A text's outlines, in pixels from (0, 0), its baseline along x. */
export function drawGlyphs(text: string, font: Font, pen: Pen): void {
  const open = openFont(font);
  const scale = font.size / open.unitsPerEm;
  let at = 0;
  for (const sign of text) {
    const { width, commands } = glyphOf(open, sign.codePointAt(0)!);
    for (const { command, args } of commands) {
      const [x, y, toX, toY] = args as [number, number, number, number];
      if (command === 'moveTo') pen.moveTo((at + x) * scale, -y * scale);
      else if (command === 'lineTo') pen.lineTo((at + x) * scale, -y * scale);
      else if (command === 'quadraticCurveTo') {
        pen.quadraticCurveTo((at + x) * scale, -y * scale, (at + toX) * scale, -toY * scale);
      }
    }
    at += width;
  }
}

function openFont(font: Font): OpenFont {
  const name = fontName(font);
  let open = opened.get(name);
  if (open === undefined) {
    const file = openSync(fontFile(font)) as FontFile; // no collection of fonts
    open = { file, unitsPerEm: file.unitsPerEm, glyphs: new Map() };
    opened.set(name, open);
  }
  return open;
}

function glyphOf({ file, glyphs }: OpenFont, codePoint: number): Glyph {
  let glyph = glyphs.get(codePoint);
  if (glyph === undefined) {
    const found = file.glyphForCodePoint(codePoint);
    if (glyphs.size >= GLYPHS_MAX) glyphs.clear();
    glyph = { width: found.advanceWidth, commands: found.path.commands };
    glyphs.set(codePoint, glyph);
  }
  return glyph;
}
