/** What stands around a plot: its title, what its axes are called, and its legend. */
import type { Color } from './color.ts';
import type { Sheet } from './sheet.ts';
import { ascent, type Box, type Font, type Layer, lineHeight } from './drawing.ts';
import { legend, type LegendEntry } from './legend.ts';

/** Graphite's LEGEND_MAX_ITEMS: from more series on a legend is shown only if asked for. */
const LEGEND_MAX = 10;
/** Share of the sheet's height that a legend may take. */
const LEGEND_SHARE = 0.5;
const LINES_MAX = 20;

/** Draws them at the edges of `box`, which shrinks to what is left. */
export function titles(
  sheet: Sheet,
  box: Box,
  entries: readonly LegendEntry[],
  hasRight: boolean,
): Layer[] {
  const { title, vtitle, vtitleRight } = sheet.parameters;
  const layers: Layer[] = [];
  if (title !== undefined) layers.push(titleLayer(sheet, box, title));
  if (vtitle !== undefined) layers.push(sideTitle(sheet, box, vtitle, 'left'));
  if (hasRight && vtitleRight !== undefined) {
    layers.push(sideTitle(sheet, box, vtitleRight, 'right'));
  }
  return [...layers, ...legendLayer(sheet, box, entries)];
}

/** Titles are larger by the logarithm of the font's size, as in Graphite. */
function titleFont({ font }: Sheet): Font {
  return { ...font, size: font.size + Math.floor(Math.log(font.size)) };
}

function foreground({ parameters, style }: Sheet): Color {
  return parameters.fgcolor ?? style.foreground;
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, LINES_MAX);
}

function titleLayer(sheet: Sheet, box: Box, text: string): Layer {
  const font = fitting(sheet, text, sheet.width - 4);
  const color = foreground(sheet);
  const marks = linesOf(text).map((line, i) => ({
    kind: 'text' as const,
    text: line,
    x: sheet.width / 2,
    y: box.top + ascent(font) + i * lineHeight(font),
    anchor: 'middle' as const,
    font,
    color,
  }));
  box.top += marks.length * lineHeight(font) + Math.min(sheet.margin, 6);
  return { name: 'title', marks };
}

/** Written upwards on the left, downwards on the right. */
function sideTitle(sheet: Sheet, box: Box, text: string, side: 'left' | 'right'): Layer {
  const font = fitting(sheet, text, sheet.height - 4);
  const line = lineHeight(font);
  const color = foreground(sheet);
  const isLeft = side === 'left';
  const marks = linesOf(text).map((part, i) => ({
    kind: 'text' as const,
    text: part,
    x: isLeft ? box.left + ascent(font) + i * line : box.right - ascent(font) - i * line,
    y: (box.top + box.bottom) / 2,
    anchor: 'middle' as const,
    font,
    color,
    rotate: isLeft ? -90 : 90,
  }));
  const width = marks.length * line + 4;
  if (isLeft) box.left += width;
  else box.right -= width;
  return { name: isLeft ? 'vtitle' : 'vtitleRight', marks };
}

/** The font of titles, smaller where a line would be wider than its space. */
function fitting(sheet: Sheet, text: string, space: number): Font {
  const font = titleFont(sheet);
  const widest = Math.max(...linesOf(text).map((line) => sheet.measure(line, font)));
  if (widest <= space) return font;
  return { ...font, size: Math.max(6, Math.floor((font.size * space) / widest)) };
}

function legendLayer(sheet: Sheet, box: Box, entries: readonly LegendEntry[]): Layer[] {
  const { hideLegend = entries.length > LEGEND_MAX, uniqueLegend } = sheet.parameters;
  if (hideLegend || entries.length === 0) return [];
  const shown = uniqueLegend === true ? uniqueByName(entries) : entries;
  const { marks, height } = legend(shown, box, {
    font: sheet.font,
    color: foreground(sheet),
    measure: sheet.measure,
    height: Math.min(sheet.height * LEGEND_SHARE, box.bottom - box.top - sheet.height * 0.3),
  });
  box.bottom -= height;
  return [{ name: 'legend', marks: marks(box.bottom) }];
}

function uniqueByName(entries: readonly LegendEntry[]): LegendEntry[] {
  const byName = new Map<string, LegendEntry>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}
