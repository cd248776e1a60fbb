/**
 * Graphite's graphTemplates.conf: a section for each style, whose keys have any case. What a section
 * leaves out is that of `[default]`. What cannot be read is an error with its place.
 */
import type { Finding } from '../../config/findings.ts';
import { type IniEntry, parseIni } from '../../lib/ini.ts';
import { type Color, COLOR_EXPECTED, parseColor } from './color.ts';
import { type Template, TEMPLATES, templateOf, type Templates } from './templates.ts';

const COLORS: Record<string, 'background' | 'foreground' | 'majorLine' | 'minorLine'> = {
  background: 'background',
  foreground: 'foreground',
  majorline: 'majorLine',
  minorline: 'minorLine',
};
const SWITCHES: Record<string, 'fontBold' | 'fontItalic'> = {
  fontbold: 'fontBold',
  fontitalic: 'fontItalic',
};

/** The built-in styles and those of the file. */
export function parseTemplates(
  text: string,
  file: string,
): { templates: Templates; findings: Finding[] } {
  const { sections, faults } = parseIni(text);
  const findings: Finding[] = [];
  const report = (line: number, column: number, sentence: string): void => {
    findings.push({ severity: 'error', text: `${file}:${line}:${column}: ${sentence}` });
  };
  for (const { line, column, sentence } of faults) report(line, column, sentence);
  const templates: Record<string, Template> = { ...TEMPLATES };
  const isDefault = ({ name }: { name: string }): boolean => name === 'default';
  // The others are made of it, wherever it stands.
  for (const section of [...sections].sort((a, b) => Number(isDefault(b)) - Number(isDefault(a)))) {
    const template = { ...templateOf('default', templates) };
    for (const entry of section.entries) {
      const expected = setEntry(template, entry);
      if (expected === undefined) continue;
      report(entry.line, entry.valueColumn, `${entry.key} "${entry.value}", expected ${expected}`);
    }
    templates[section.name] = template;
  }
  return { templates, findings };
}

/** What was expected instead, if the entry cannot be read. */
function setEntry(template: Template, { key, value }: IniEntry): string | undefined {
  const name = key.toLowerCase();
  const colorName = COLORS[name];
  const switchName = SWITCHES[name];
  if (colorName !== undefined) {
    const color = parseColor(value);
    if (color === undefined) return COLOR_EXPECTED;
    template[colorName] = color;
  } else if (name === 'linecolors') {
    const colors = value.split(',').map(parseColor);
    if (!colors.every((color): color is Color => color !== undefined)) {
      return `colours such as blue, ff8800 or ff880080, separated by commas`;
    }
    template.lineColors = colors;
  } else if (name === 'fontname') template.fontName = value;
  else if (name === 'fontsize') {
    const size = Number(value);
    if (!(size >= 1 && size <= 500)) return 'a number from 1 to 500';
    template.fontSize = size;
  } else if (switchName !== undefined) template[switchName] = value.toLowerCase() === 'true';
  // Keys that Graphite does not read either are left alone.
  return undefined;
}
