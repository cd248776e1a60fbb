/** A drawing as SVG text. */
import { type Color, hexOf } from './color.ts';
import {
  type Drawing,
  type Font,
  type LineMark,
  type Mark,
  px,
  ROUND_FROM,
  type TextMark,
} from './drawing.ts';
import { LINE_UNIT, linePath } from './line-path.ts';

const FAMILIES: Record<Font['family'], string> = {
  // Verdana is as wide as DejaVu Sans, which not every reader has.
  sans: 'DejaVu Sans,Verdana,sans-serif',
  serif: 'DejaVu Serif,Georgia,serif',
  mono: 'DejaVu Sans Mono,Menlo,Consolas,monospace',
};

export function svgText({ width, height, background, layers }: Drawing): string {
  const parts = [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}px" `,
    `height="${height}px" viewBox="0 0 ${width} ${height}">\n<g class="graphite">\n`,
    background.alpha === 0
      ? ''
      : `<rect width="${width}" height="${height}"${paint('fill', background)}/>\n`,
  ];
  for (const { name, marks } of layers) {
    if (marks.length === 0) continue;
    parts.push(`<g class="${name}">\n`);
    for (const mark of marks) parts.push(markText(mark), '\n');
    parts.push('</g>\n');
  }
  parts.push('</g>\n</svg>\n');
  return parts.join('');
}

function markText(mark: Mark): string {
  if (mark.kind === 'text') return textElement(mark);
  if (mark.kind === 'line') return lineElement(mark);
  const { d, fill, stroke, lineWidth = 1, origin } = mark;
  const at = origin === undefined ? '' : ` transform="translate(${px(origin.x)} ${px(origin.y)})"`;
  const filled = fill === undefined ? ' fill="none"' : paint('fill', fill);
  const stroked =
    stroke === undefined ? '' : `${paint('stroke', stroke)} stroke-width="${px(lineWidth)}"`;
  return `<path d="${d}"${at}${filled}${stroked}/>`;
}

function lineElement(mark: LineMark): string {
  const { stroke, lineWidth, dash } = mark;
  const join = lineWidth < ROUND_FROM ? 'bevel' : 'round';
  const dashes = dash === undefined ? '' : ` stroke-dasharray="${px(dash / LINE_UNIT)}"`;
  return (
    `<path d="${linePath(mark)}" transform="scale(${LINE_UNIT})" fill="none"${paint('stroke', stroke)}` +
    ` stroke-width="${px(lineWidth / LINE_UNIT)}" stroke-linejoin="${join}"${dashes}/>`
  );
}

function textElement({ text, x, y, anchor, font, color, rotate }: TextMark): string {
  const { family, size, bold, italic } = font;
  return (
    `<text x="${px(x)}" y="${px(y)}" font-family="${FAMILIES[family]}" font-size="${px(size)}"` +
    (bold ? ' font-weight="bold"' : '') +
    (italic ? ' font-style="italic"' : '') +
    (anchor === 'start' ? '' : ` text-anchor="${anchor}"`) +
    (rotate === undefined ? '' : ` transform="rotate(${rotate} ${px(x)} ${px(y)})"`) +
    `${paint('fill', color)} xml:space="preserve">${escapeXml(text)}</text>`
  );
}

function paint(name: 'fill' | 'stroke', color: Color): string {
  const opacity = color.alpha === 1 ? '' : ` ${name}-opacity="${px(color.alpha)}"`;
  return ` ${name}="${hexOf(color)}"${opacity}`;
}

const ESCAPED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0, which has no place for most control characters. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"]/g, (sign) => ESCAPED[sign]!); // one of those
}
