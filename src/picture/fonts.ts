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

/** A text as a path that starts at (0, 0), its baseline along x. */
export function textOutlines(text: string, font: Font): { d: string; width: number } {
  const open = openFont(font);
  const scale = font.size / open.unitsPerEm;
  let d = '';
  let at = 0;
  for (const sign of text) {
    const { width, commands } = glyphOf(open, sign.codePointAt(0)!);
    for (const { command, args } of commands) {
      d += SIGNS[command] ?? '';
      for (let i = 0; i < args.length; i += 2) {
        const x = Math.round((at + args[i]!) * scale * 100) / 100;
        d += `${i === 0 ? '' : ' '}${x} ${Math.round(-args[i + 1]! * scale * 100) / 100}`;
      }
    }
    at += width;
  }
  return { d, width: at * scale };
}

const SIGNS: Record<string, string> = {
  moveTo: 'M',
  lineTo: 'L',
  quadraticCurveTo: 'Q',
  bezierCurveTo: 'C',
  closePath: 'Z',
};

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
