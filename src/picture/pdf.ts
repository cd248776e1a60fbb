/** A drawing as a PDF of one page, a point for each pixel; its texts can be selected. */
import PDFDocument from 'pdfkit';
import type { Color } from '../query/chart/color.ts';
import type { Drawing, LineMark, PathMark, TextMark } from '../query/chart/drawing.ts';
import { LINE_UNIT, linePath } from '../query/chart/line-path.ts';
import { fontFile, measureText } from './fonts.ts';

/** One for all, so that equal drawings are equal files. */
const CREATED = new Date(0);

export async function pdfOf({ width, height, background, layers }: Drawing): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: [width, height],
    margin: 0,
    info: { CreationDate: CREATED, Creator: 'tallyd' },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve).on('error', reject);
  });
  if (background.alpha > 0) {
    document.rect(0, 0, width, height).fillColor(rgb(background), background.alpha).fill();
  }
  for (const { marks } of layers) {
    for (const mark of marks) {
      document.save();
      if (mark.kind === 'path') drawPath(document, mark);
      else if (mark.kind === 'line') drawLine(document, mark);
      else drawText(document, mark);
      document.restore();
    }
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function drawPath(document: PDFKit.PDFDocument, mark: PathMark): void {
  const { d, fill, stroke, lineWidth = 1, origin } = mark;
  if (d === '') return;
  if (origin !== undefined) document.translate(origin.x, origin.y);
  if (fill !== undefined) document.path(d).fillColor(rgb(fill), fill.alpha).fill();
  if (stroke === undefined || lineWidth === 0) return;
  document.path(d).lineWidth(lineWidth).strokeColor(rgb(stroke), stroke.alpha).stroke();
}

function drawLine(document: PDFKit.PDFDocument, mark: LineMark): void {
  const { stroke, lineWidth, dash } = mark;
  const d = linePath(mark);
  if (d === '' || lineWidth === 0) return;
  document
    .scale(LINE_UNIT)
    .path(d)
    .lineWidth(lineWidth / LINE_UNIT)
    .lineJoin('round')
    .strokeColor(rgb(stroke), stroke.alpha);
  if (dash !== undefined) document.dash(dash / LINE_UNIT, { space: dash / LINE_UNIT });
  document.stroke();
}

function drawText(document: PDFKit.PDFDocument, mark: TextMark): void {
  const { text, x, y, anchor, font, color, rotate } = mark;
  if (text === '') return;
  const width = measureText(text, font);
  const shift = anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width;
  document.translate(x, y);
  if (rotate !== undefined) document.rotate(rotate);
  document.font(fontFile(font)).fontSize(font.size).fillColor(rgb(color), color.alpha);
  document.text(text, -shift, 0, { lineBreak: false, baseline: 'alphabetic', features: [] });
}

function rgb({ red, green, blue }: Color): [number, number, number] {
  return [red, green, blue];
}
