/**
 * INI as carbon and graphite-web write it: `[section]` lines and `key = value` lines, in order, each with its place.
 *
 *     [section]          # and ; start a comment only at the start of a line,
 *     key = value        because values are patterns, which contain #, ; and =
 *     key : value        the first = or : ends the key, keys are compared without case
 *
 * Sections with one name stay separate, nothing is unquoted or converted.
 */
export interface IniEntry {
  /** As written. */
  key: string;
  value: string;
  line: number;
  keyColumn: number;
  valueColumn: number;
}

export interface IniSection {
  name: string;
  line: number;
  entries: IniEntry[];
}

interface IniFault {
  line: number;
  column: number;
  /** What was read, what was expected. */
  sentence: string;
}

/** Reads the whole text; a line that cannot be read is a fault. Lines and columns count from 1. */
export function parseIni(text: string): { sections: IniSection[]; faults: IniFault[] } {
  const sections: IniSection[] = [];
  const faults: IniFault[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  for (const [index, raw] of lines.entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const line = index + 1;
    const column = raw.indexOf(content) + 1;
    const fault = (sentence: string): void => void faults.push({ line, column, sentence });
    if (content.startsWith('[')) {
      const name = sectionName(content);
      if (name === undefined) fault(`"${content}", expected [name] and nothing after it`);
      sections.push({ name: name ?? content, line, entries: [] });
      continue;
    }
    const entry = parseEntry(raw, line, column);
    const section = sections.at(-1);
    if (entry === undefined) fault(`"${content}", expected [section] or key = value`);
    else if (section === undefined) fault(`key "${entry.key}" before the first [section]`);
    else section.entries.push(entry);
  }
  return { sections, faults };
}

function sectionName(content: string): string | undefined {
  const name = content.endsWith(']') ? content.slice(1, -1).trim() : '';
  return name === '' ? undefined : name;
}

function parseEntry(raw: string, line: number, keyColumn: number): IniEntry | undefined {
  const separator = raw.search(/[=:]/);
  if (separator < keyColumn) return undefined;
  const rest = raw.slice(separator + 1);
  const value = rest.trim();
  return {
    key: raw.slice(keyColumn - 1, separator).trim(),
    value,
    line,
    keyColumn,
    valueColumn: separator + 2 + (value === '' ? 0 : rest.indexOf(value)),
  };
}
