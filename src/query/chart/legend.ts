/**
 * The legend below a plot: as many columns of equal width as names allow, those of the second axis
 * on the right. A name too wide for the sheet is cut; of too many the rest is counted.
 */
import type { Color } from './color.ts';
import {
  type Box,
  type Font,
  lineHeight,
  ascent,
  type Mark,
  type MeasureText,
  boxPath,
} from './drawing.ts';

export interface LegendEntry {
  name: string;
  color: Color;
  onRight: boolean;
}

interface LegendStyle {
  font: Font;
  color: Color;
  measure: MeasureText;
  /** Pixels that it may take. */
  height: number;
}

/** Pixels around a name. */
const PADDING = 5;
const GAP = 10;
const NAME_MAX = 500;

/** Marks from the top of `within` downwards, and how many pixels they take. */
export function legend(
  entries: readonly LegendEntry[],
  within: Pick<Box, 'left' | 'right'>,
  style: LegendStyle,
): { marks(top: number): Mark[]; height: number } {
  const { font, measure } = style;
  const line = lineHeight(font) + 1;
  const box = Math.round(font.size * 0.9);
  const space = within.right - within.left;
  const names = entries.map(({ name }) => cut(name, space - box - PADDING, font, measure));
  const widest = Math.max(...names.map((name) => measure(name, font)));
  const cell = Math.ceil(widest) + box + PADDING + GAP;
  const columns = Math.max(1, Math.floor((space + GAP) / cell));
  const cells = placesOf(entries, columns);
  const wanted = Math.max(...cells.map(({ row }) => row + 1));
  const rows = Math.min(wanted, Math.floor((style.height - PADDING) / line));
  const isCut = rows < wanted;
  const shown = isCut ? rows - 1 : rows;
  // One that names nobody is worth less than its space.
  if (shown < 1) return { marks: () => [], height: 0 };
  const marks = (top: number): Mark[] => {
    const found: Mark[] = [];
    let hidden = 0;
    for (const [i, { row, column, fromRight }] of cells.entries()) {
      if (row >= shown) {
        hidden += 1;
        continue;
      }
      const y = top + PADDING + row * line;
      const x = fromRight ? within.right - column * cell - box : within.left + column * cell;
      const square = { left: x, right: x + box, top: y + 1, bottom: y + 1 + box };
      found.push({ kind: 'path', d: boxPath(square), fill: entries[i]!.color }); // a cell an entry
      found.push({
        kind: 'text',
        text: names[i]!,
        x: fromRight ? x - PADDING : x + box + PADDING,
        y: y + ascent(font),
        anchor: fromRight ? 'end' : 'start',
        font,
        color: style.color,
      });
    }
    if (!isCut) return found;
    const y = top + PADDING + shown * line + ascent(font);
    const text = `and ${hidden} more`;
    found.push({
      kind: 'text',
      text,
      x: within.left,
      y,
      anchor: 'start',
      font,
      color: style.color,
    });
    return found;
  };
  return { marks, height: rows * line + PADDING };
}

interface Cell {
  row: number;
  column: number;
  fromRight: boolean;
}

/** With two axes and two columns or more, half of the columns are the second axis's. */
function placesOf(entries: readonly LegendEntry[], columns: number): Cell[] {
  const isSplit = columns >= 2 && entries.some(({ onRight }) => onRight);
  const each = isSplit ? Math.floor(columns / 2) : columns;
  const counts = { left: 0, right: 0 };
  return entries.map(({ onRight }) => {
    const fromRight = isSplit && onRight;
    const count = fromRight ? counts.right++ : counts.left++;
    return { row: Math.floor(count / each), column: count % each, fromRight };
  });
}

/** The name, or as much of it as there is space for. */
function cut(name: string, width: number, font: Font, measure: MeasureText): string {
  const text = name.length > NAME_MAX ? `${name.slice(0, NAME_MAX)}…` : name;
  if (measure(text, font) <= width) return text;
  const signs = Array.from(text);
  let low = 0;
  let high = signs.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${signs.slice(0, middle).join('')}…`, font) <= width) low = middle;
    else high = middle - 1;
  }
  return `${signs.slice(0, low).join('')}…`;
}
