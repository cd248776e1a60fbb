/**
 * Carbon's own rule files for points that arrive ready-made, in carbon's formats:
 *
 *     whitelist.conf, blacklist.conf   one pattern a line; `#` starts a comment
 *     rewrite-rules.conf               [pre] and [post] sections of `pattern = replacement`
 *     aggregation-rules.conf           out.<x>.all (60) = sum in.<x>.<<y>>
 *                                      <x> is a part of one dotted node, <<y>> goes over dots,
 *                                      * stands within a node; the rest is a pattern
 *
 * Source: carbon's `regexlist.py`, `rewrite.py` and `aggregator/rules.py` (read for their facts).
 * Patterns are Python's, run by the linear-time engine; what carbon logs and skips, or dies of, is an
 * error with its place here. Pure.
 */
import type { Finding } from '../config/findings.ts';
import { UserError } from '../lib/errors.ts';
import { compilePattern, type Pattern } from '../lib/pattern.ts';
import { NAME_HINTS, nameFault } from '../wire/series-name.ts';
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
  /** Groups of `input`. */
  outputFields: string[];
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
      const replacement = content.slice(equals + 1).trim();
      const pattern = lines.pattern(content.slice(0, equals).trim(), place, replacement);
      if (pattern !== undefined) section.push({ pattern, replacement });
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
      const rule = readAggregation(output, input);
      const pattern = rule.wrong === undefined ? lines.pattern(rule.source, place) : undefined;
      if (rule.wrong !== undefined) lines.wrong(place, `read "${content}": ${rule.wrong}`);
      else if (pattern !== undefined) {
        if (input.includes('\\.')) lines.doubtful(place, `read "${content}": ${ESCAPED_DOT}`);
        const { outputTexts, outputFields } = rule;
        rules.push({
          text: content,
          input: pattern,
          outputTexts,
          outputFields,
          seconds: Number(seconds),
          aggregate,
        });
      }
    }
  }
  return { rules, findings: lines.findings };
}

const ESCAPED_DOT =
  'a dot is a dot in a rule without a backslash, with one the node before it has to end with it';

type AggregationTexts =
  | { wrong: string }
  | { wrong: undefined; source: string; outputTexts: string[]; outputFields: string[] };

/**
 * The pattern of an input and the texts of an output between its fields. Fields have names in the
 * pattern, so that groups which the rule itself brings do not count.
 */
function readAggregation(output: string, input: string): AggregationTexts {
  const fields = new Map<string, string>();
  const parts: string[] = [];
  for (const part of input.split('.')) {
    const field = /<<(.*?)>>/.exec(part) ?? /(?<!\(\?P?)<(.*?)>/.exec(part);
    if (field === null) {
      parts.push(part === '*' ? '[^.]+' : part.replaceAll('*', '[^.]*'));
      continue;
    }
    const name = field[1]!; // one group
    const before = part.slice(0, field.index);
    const after = part.slice(field.index + field[0].length);
    if (fields.has(name)) return { wrong: `<${name}> stands twice in the input` };
    if (FIELD.test(before) || FIELD.test(after)) {
      return { wrong: `two fields stand in the node "${part}", expected one in a node` };
    }
    const group = `field${fields.size}`;
    fields.set(name, group);
    parts.push(`${before}(?P<${group}>${field[0].startsWith('<<') ? '.+?' : '[^.]+?'})${after}`);
  }
  const texts = output.split(/<(.*?)>/);
  const wanted = texts.filter((_, i) => i % 2 === 1);
  const missing = wanted.find((name) => !fields.has(name));
  if (missing !== undefined) {
    return { wrong: `<${missing}> stands in the output, expected it in the input as well` };
  }
  const outputTexts = texts.filter((_, i) => i % 2 === 0);
  // Whatever the fields are: with a character in each.
  const fault = nameFault(outputTexts.join('x'));
  if (fault !== undefined) return { wrong: `the output is no name (${NAME_HINTS[fault]})` };
  const joined = parts.join('\\.');
  return {
    wrong: undefined,
    // Without a group a lookahead at the start is one behind `^`.
    source: joined.includes('|') ? `^(?:${joined})$` : `^${joined}$`,
    outputTexts,
    outputFields: wanted.map((name) => fields.get(name)!), // none is missing
  };
}

/** A field, but no group of a pattern: `(?P<x>…)`, `(?<x>…)`. */
const FIELD = /(?<!\(\?P?)<[^<>]*>/;

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

  /** Undefined when it cannot be compiled, or has no group of a replacement's, which is told. */
  pattern(source: string, place: string, replacement = ''): Pattern | undefined {
    try {
      const pattern = compilePattern(source);
      pattern.checkReplacement(replacement);
      return pattern;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.wrong(place, error.message);
      return undefined;
    }
  }

  wrong(place: string, sentence: string): void {
    this.findings.push({ severity: 'error', text: `${place}: ${sentence}` });
  }

  /** It can be read, and is hardly meant. */
  doubtful(place: string, sentence: string): void {
    this.findings.push({ severity: 'warning', text: `${place}: ${sentence}` });
  }
}
