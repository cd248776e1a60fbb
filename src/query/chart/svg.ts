/** A drawing as SVG text. `textAsPath`: what draws a text as outlines, where no fonts are at hand. */
import { type Color, hexOf } from './color.ts';
import { type Drawing, type Font, type Mark, px, type TextMark } from './drawing.ts';

const FAMILIES: Record<Font['family'], string> = {
  // Verdana is as wide as DejaVu Sans, which not every reader has.
  sans: 'DejaVu Sans,Verdana,sans-serif',
  serif: 'DejaVu Serif,Georgia,serif',
  mono: 'DejaVu Sans Mono,Menlo,Consolas,monospace',
};

/** Pixels of a line whose corners are seen. */
const ROUND_FROM = 2.5;

/** Outlines of a text whose baseline starts at (0, 0); its path, and its width in pixels. */
type TextAsPath = (text: string, font: Font) => { d: string; width: number };

export function svgText(drawing: Drawing, scale = 1, textAsPath?: TextAsPath): string {
  const { width, height, background, layers } = drawing;
  const parts = [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}px" `,
    `height="${height * scale}px" viewBox="0 0 ${width} ${height}">\n<g class="graphite">\n`,
    background.alpha === 0
      ? ''
      : `<rect width="${width}" height="${height}"${paint('fill', background)}/>\n`,
  ];
  for (const { name, marks } of layers) {
    if (marks.length === 0) continue;
    parts.push(`<g class="${name}">\n`);
    for (const mark of marks) parts.push(markText(mark, textAsPath), '\n');
    parts.push('</g>\n');
  }
  parts.push('</g>\n</svg>\n');
  return parts.join('');
}

function markText(mark: Mark, textAsPath: TextAsPath | undefined): string {
  if (mark.kind === 'text') {
    return textAsPath === undefined ? textElement(mark) : outlined(mark, textAsPath);
  }
  const { d, fill, stroke, lineWidth = 1, dash, unit = 1, origin } = mark;
  const moves =
    (origin === undefined ? '' : `translate(${px(origin.x)} ${px(origin.y)})`) +
    (unit === 1 ? '' : `scale(${unit})`);
  const at = moves === '' ? '' : ` transform="${moves}"`;
  const filled = fill === undefined ? ' fill="none"' : paint('fill', fill);
  if (stroke === undefined) return `<path d="${d}"${at}${filled}/>`;
  const dashes = dash === undefined ? '' : ` stroke-dasharray="${px(dash / unit)}"`;
  const join = lineWidth < ROUND_FROM ? ' stroke-linejoin="bevel"' : ' stroke-linejoin="round"';
  return `<path d="${d}"${at}${filled}${paint('stroke', stroke)} stroke-width="${px(lineWidth / unit)}"${join}${dashes}/>`;
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

function outlined(
  { text, x, y, anchor, font, color, rotate }: TextMark,
  asPath: TextAsPath,
): string {
  const { d, width } = asPath(text, font);
  if (d === '') return '';
  const shift = anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width;
  const turned = rotate === undefined ? '' : `rotate(${rotate})`;
  const moved = shift === 0 ? '' : `translate(${px(-shift)})`;
  return `<path d="${d}" transform="translate(${px(x)} ${px(y)})${turned}${moved}"${paint('fill', color)}/>`;
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
