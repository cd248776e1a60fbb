/**
 * Reads storage-schemas.conf and storage-aggregation.conf into rules, with every error at once as
 * `file:line:column: what was read, what was expected`. Carbon skips a section that it cannot use,
 * or stops; here it is an error, and the other rules are still read. Called by config and by the
 * verbs `check` and `retention`.
 */
import type { Finding } from '../../config/findings.ts';
import { UserError } from '../../lib/errors.ts';
import { compilePattern } from '../../lib/pattern.ts';
import { AGGREGATION_METHODS } from './archives.ts';
import { type IniEntry, type IniSection, parseIni } from '../../lib/ini.ts';
import { readRetentions } from './retentions.ts';
import type { AggregationRule, RuleSource, SchemaRule } from './rules.ts';

export interface ParsedRules<Rule> {
  rules: Rule[];
  findings: Finding[];
}

export function parseStorageSchemas(text: string, file: string): ParsedRules<SchemaRule> {
  return parseSchemas(text, file, false);
}

/** sketch-schemas.conf: as storage schemas; `retentions = none` stores no sketches. */
export function parseSketchSchemas(text: string, file: string): ParsedRules<SchemaRule> {
  return parseSchemas(text, file, true);
}

function parseSchemas(text: string, file: string, mayBeNone: boolean): ParsedRules<SchemaRule> {
  return parseRules(text, file, ['pattern', 'retentions'], (section, source, report) => {
    const retentions = section.take('retentions', true);
    if (retentions === undefined) return undefined;
    if (mayBeNone && retentions.value === 'none') return { source, archives: [] };
    const { archives, faults } = readRetentions(retentions.value);
    for (const { offset, sentence } of faults) {
      report('error', retentions.line, retentions.valueColumn + offset, sentence);
    }
    return faults.length === 0 ? { source, archives } : undefined;
  });
}

export function parseStorageAggregation(text: string, file: string): ParsedRules<AggregationRule> {
  const keys = ['pattern', 'xFilesFactor', 'aggregationMethod'];
  return parseRules(text, file, keys, (section, source, report) => {
    const factor = section.take('xFilesFactor', false);
    const xFilesFactor = factor === undefined ? undefined : readFactor(factor.value);
    if (factor !== undefined && xFilesFactor === undefined) {
      const sentence = `xFilesFactor "${factor.value}", expected a number from 0 to 1`;
      report('error', factor.line, factor.valueColumn, sentence);
    }
    const method = section.take('aggregationMethod', false);
    const aggregationMethod = AGGREGATION_METHODS.find((name) => name === method?.value);
    if (method !== undefined && aggregationMethod === undefined) {
      const expected = AGGREGATION_METHODS.join(' ');
      const sentence = `aggregationMethod "${method.value}", expected one of ${expected}`;
      report('error', method.line, method.valueColumn, sentence);
    }
    return { source, aggregationMethod, xFilesFactor };
  });
}

type Report = (severity: Finding['severity'], line: number, column: number, text: string) => void;

interface SectionReader {
  /** The entry of a key; a missing one that is required, or an empty one, is reported. */
  take(key: string, required: boolean): IniEntry | undefined;
}

function parseRules<Rule>(
  text: string,
  file: string,
  keys: readonly string[],
  read: (section: SectionReader, source: RuleSource, report: Report) => Rule | undefined,
): ParsedRules<Rule> {
  const placed: { finding: Finding; line: number; column: number }[] = [];
  const report: Report = (severity, line, column, sentence) => {
    const finding = { severity, text: `${file}:${line}:${column}: ${sentence}` };
    placed.push({ finding, line, column });
  };
  const { sections, faults } = parseIni(text);
  for (const { line, column, sentence } of faults) report('error', line, column, sentence);
  const firstLines = new Map<string, number>();
  const rules: Rule[] = [];
  for (const section of sections) {
    const first = firstLines.get(section.name);
    if (first !== undefined) {
      const sentence = `section [${section.name}] again, as on line ${first}; both are used`;
      report('warning', section.line, 1, sentence);
    }
    firstLines.set(section.name, first ?? section.line);
    reportKeys(section, keys, report);
    const reader = sectionReader(section, report);
    const pattern = readPattern(reader, report);
    const { name, line } = section;
    const source: RuleSource = { file, line, section: name, pattern: pattern ?? '' };
    const rule = read(reader, source, report);
    if (rule !== undefined && pattern !== undefined) rules.push(rule);
  }
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  return { rules, findings: placed.map(({ finding }) => finding) };
}

/** Keys that carbon would not read, and keys given twice. */
function reportKeys(section: IniSection, keys: readonly string[], report: Report): void {
  const seen = new Set<string>();
  for (const { key, line, keyColumn } of section.entries) {
    const lower = key.toLowerCase();
    if (!keys.some((known) => known.toLowerCase() === lower)) {
      const sentence = `unknown key "${key}", expected ${keys.join(' or ')}`;
      report('warning', line, keyColumn, sentence);
    } else if (seen.has(lower)) {
      report('error', line, keyColumn, `key "${key}" again in section [${section.name}]`);
    }
    seen.add(lower);
  }
}

function sectionReader(section: IniSection, report: Report): SectionReader {
  return {
    take(key, required) {
      const lower = key.toLowerCase();
      const entry = section.entries.find((one) => one.key.toLowerCase() === lower);
      if (entry === undefined) {
        if (required) {
          report('error', section.line, 1, `section [${section.name}] has no ${key}`);
        }
        return undefined;
      }
      if (entry.value !== '') return entry;
      report('error', entry.line, entry.valueColumn, `${key} is empty, expected a value`);
      return undefined;
    },
  };
}

function readPattern(section: SectionReader, report: Report): string | undefined {
  const entry = section.take('pattern', true);
  if (entry === undefined) return undefined;
  try {
    compilePattern(entry.value);
    return entry.value;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report('error', entry.line, entry.valueColumn, error.message);
    return undefined;
  }
}

/** Python's spelling of a float, within [0, 1]; carbon asserts the range. */
function readFactor(text: string): number | undefined {
  if (!/^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return value <= 1 ? value : undefined;
}
