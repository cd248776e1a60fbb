/** A sentence in the middle of the sheet, in as many lines as it takes: no data, or an error. */
import type { Sheet } from './sheet.ts';
import { type Font, type Layer, lineHeight, ascent, type MeasureText } from './drawing.ts';

const SIGNS_MAX = 2000;
const SMALLEST = 6;

export function messageChart(
  { width, height, font, style, parameters, measure }: Sheet,
  sentence: string,
): Layer[] {
  const text = sentence.slice(0, SIGNS_MAX).replace(/\s+/g, ' ').trim();
  const space = Math.max(width - 8, 1);
  // As large as Graphite writes it, smaller where it would not fit.
  let size = Math.max(font.size, Math.log(width * height));
  let lines = wrapped(text, space, { ...font, size }, measure);
  while (size > SMALLEST && lines.length * lineHeight({ ...font, size }) > height - 8) {
    size -= 1;
    lines = wrapped(text, space, { ...font, size }, measure);
  }
  const used = { ...font, size };
  const line = lineHeight(used);
  const shown = lines.slice(0, Math.max(1, Math.floor(height / line)));
  const top = (height - shown.length * line) / 2 + ascent(used);
  const color = parameters.fgcolor ?? style.foreground;
  return [
    {
      name: 'message',
      marks: shown.map((part, i) => ({
        kind: 'text',
        text: part,
        x: width / 2,
        y: top + i * line,
        anchor: 'middle',
        font: used,
        color,
      })),
    },
  ];
}

/** Lines at blanks; a word wider than a line is broken anywhere. */
function wrapped(text: string, space: number, font: Font, measure: MeasureText): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer, font) <= space) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const sign of word) {
      if (line !== '' && measure(line + sign, font) > space) {
        lines.push(line);
        line = '';
      }
      line += sign;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
