/**
 * Carbon's own rule files for points that arrive ready-made, in carbon's formats:
 *
 *     whitelist.conf, blacklist.conf   one pattern a line; `#` starts a comment
 *     rewrite-rules.conf               [pre] and [post] sections of `pattern = replacement`
 *     aggregation-rules.conf           out.<x>.all (60) = sum in.<x>.<<y>>
 *
 * Source: carbon's `regexlist.py`, `rewrite.py` and `aggregator/rules.py` (read for their facts).
 * Patterns are Python's, run by the linear-time engine; what carbon logs and skips, or dies of, is an
 * error with its place here. Pure.
 */
import type { Finding } from '../config/findings.ts';
import { UserError } from '../lib/errors.ts';
import { compilePattern, type Pattern } from '../lib/pattern.ts';
import { type AggregationFunction, functionNamed, FUNCTION_NAMES } from './carbon-functions.ts';

export interface RewriteRule {
  pattern: Pattern;
  replacement: string;
}

export interface AggregationRule {
  /** As it stands in the file, for messages. */
  text: string;
  input: Pattern;
  /** Texts between fields, and the fields between them: texts are one more. */
  outputTexts: string[];
  outputGroups: number[];
  seconds: number;
  aggregate: AggregationFunction;
}

export interface CarbonRules {
  /** Undefined: no such file, so all may pass. */
  whitelist: Pattern[] | undefined;
  blacklist: Pattern[];
  rewritePre: RewriteRule[];
  rewritePost: RewriteRule[];
  aggregations: AggregationRule[];
}

export const NO_RULES: CarbonRules = {
  whitelist: undefined,
  blacklist: [],
  rewritePre: [],
  rewritePost: [],
  aggregations: [],
};

interface Parsed<Rules> {
  rules: Rules;
  findings: Finding[];
}

/** A whitelist or blacklist. */
export function parsePatternList(text: string, file: string): Parsed<Pattern[]> {
  const lines = new Lines(file, text);
  const rules: Pattern[] = [];
  for (const { content, place } of lines) {
    const pattern = lines.pattern(content, place);
    if (pattern !== undefined) rules.push(pattern);
  }
  return { rules, findings: lines.findings };
}

export function parseRewriteRules(
  text: string,
  file: string,
): Parsed<{ pre: RewriteRule[]; post: RewriteRule[] }> {
  const lines = new Lines(file, text);
  const rules = { pre: [] as RewriteRule[], post: [] as RewriteRule[] };
  let section: RewriteRule[] | undefined;
  for (const { content, place } of lines) {
    if (content.startsWith('[') && content.endsWith(']')) {
      const name = content.slice(1, -1).toLowerCase();
      section = name === 'pre' || name === 'post' ? rules[name] : undefined;
      if (section === undefined) lines.wrong(place, `read "${content}", expected [pre] or [post]`);
      continue;
    }
    const equals = content.indexOf('=');
    if (equals < 0) {
      lines.wrong(place, `read "${content}", expected "pattern = replacement"`);
    } else if (section === undefined) {
      lines.wrong(place, `read "${content}" before [pre] or [post]`);
    } else {
      const pattern = lines.pattern(content.slice(0, equals).trim(), place);
      if (pattern !== undefined) {
        section.push({ pattern, replacement: content.slice(equals + 1).trim() });
      }
    }
  }
  return { rules, findings: lines.findings };
}

const AGGREGATION_LINE = /^(\S+)\s+\(?(\d+)\)?\s*=\s*(\S+)\s+(\S+)$/;

export function parseAggregationRules(text: string, file: string): Parsed<AggregationRule[]> {
  const lines = new Lines(file, text);
  const rules: AggregationRule[] = [];
  for (const { content, place } of lines) {
    const [, output, seconds, method, input] = AGGREGATION_LINE.exec(content) ?? [];
    const aggregate = functionNamed(method ?? '');
    if (output === undefined || input === undefined || Number(seconds) < 1) {
      lines.wrong(place, `read "${content}", expected "output (seconds) = method input"`);
    } else if (aggregate === undefined) {
      lines.wrong(place, `method "${method}" read, expected ${FUNCTION_NAMES.join(', ')}`);
    } else {
      const { source, fields } = inputPattern(input);
      const pattern = lines.pattern(source, place);
      const { texts, groups, missing } = outputTemplate(output, fields);
      if (missing !== undefined) {
        lines.wrong(place, `<${missing}> stands in "${output}", expected it in "${input}" as well`);
      } else if (pattern !== undefined) {
        rules.push({
          text: content,
          input: pattern,
          outputTexts: texts,
          outputGroups: groups,
          seconds: Number(seconds),
          aggregate,
        });
      }
    }
  }
  return { rules, findings: lines.findings };
}

/** `<x>` is a part of one dotted node, `<<x>>` goes over dots, `*` stands within a node. */
function inputPattern(input: string): { source: string; fields: string[] } {
  const fields: string[] = [];
  const parts = input.split('.').map((part) => {
    const field = /<<(.*?)>>/.exec(part) ?? /<(.*?)>/.exec(part);
    if (field === null) return part === '*' ? '[^.]+' : part.replaceAll('*', '[^.]*');
    const before = part.slice(0, field.index);
    const after = part.slice(field.index + field[0].length);
    fields.push(field[1]!); // one group
    return `${before}(${field[0].startsWith('<<') ? '.+?' : '[^.]+?'})${after}`;
  });
  return { source: `^(?:${parts.join('\\.')})$`, fields };
}

function outputTemplate(
  output: string,
  fields: readonly string[],
): { texts: string[]; groups: number[]; missing: string | undefined } {
  const parts = output.split(/<(.*?)>/);
  const names = parts.filter((_, i) => i % 2 === 1);
  const missing = names.find((name) => !fields.includes(name));
  const groups = names.map((name) => fields.indexOf(name) + 1);
  return { texts: parts.filter((_, i) => i % 2 === 0), groups, missing };
}

/** The lines of a file that say something, and what is wrong with them. */
class Lines implements Iterable<{ content: string; place: string }> {
  readonly findings: Finding[] = [];
  private readonly file: string;
  private readonly text: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  *[Symbol.iterator](): Generator<{ content: string; place: string }> {
    for (const [i, line] of this.text.split(/\r\n|\r|\n/).entries()) {
      const content = line.trim();
      if (content === '' || content.startsWith('#')) continue;
      yield { content, place: `${this.file}:${i + 1}:${line.indexOf(content[0]!) + 1}` };
    }
  }

  /** Undefined when it cannot be compiled, which is told. */
  pattern(source: string, place: string): Pattern | undefined {
    try {
      return compilePattern(source);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.wrong(place, error.message);
      return undefined;
    }
  }

  wrong(place: string, sentence: string): void {
    this.findings.push({ severity: 'error', text: `${place}: ${sentence}` });
  }
}
