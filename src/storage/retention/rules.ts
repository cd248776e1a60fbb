/**
 * Which archives, aggregation method and xFilesFactor a name gets: carbon's rules. Sections are
 * tried in order and the first whose pattern occurs anywhere in the name wins. Where none does,
 * carbon keeps 60s:7d and whisper averages with an xFilesFactor of 0.5; so do we.
 *
 * Rules are plain data that may cross threads; `RetentionRules` is the compiled form. Files become
 * rules in parse-rules.ts, the built-in ones are in default-rules.ts.
 */
import { compilePattern, type Pattern } from '../../lib/pattern.ts';
import type { AggregationMethod, Archive } from './archives.ts';

/** Where a rule stands; without a file it is built in. */
export interface RuleSource {
  file: string | undefined;
  /** Line of the section, 0 when built in. */
  line: number;
  section: string;
  pattern: string;
}

export interface SchemaRule {
  source: RuleSource;
  archives: Archive[];
}

/** Either value may be left to whisper's default. */
export interface AggregationRule {
  source: RuleSource;
  aggregationMethod: AggregationMethod | undefined;
  xFilesFactor: number | undefined;
}

/** Structured-cloneable form of RetentionRules. */
export interface RetentionRulesData {
  schemas: SchemaRule[];
  aggregations: AggregationRule[];
}

export interface Resolved {
  archives: Archive[];
  aggregationMethod: AggregationMethod;
  xFilesFactor: number;
  schema: RuleSource;
  aggregation: RuleSource;
}

/** Carbon's and whisper's answer where no rule matches. */
export const FALLBACK_SCHEMA: SchemaRule = {
  source: { file: undefined, line: 0, section: 'carbon default', pattern: '' },
  archives: [{ step: 60, points: 10_080 }],
};
export const FALLBACK_AGGREGATION: AggregationRule = {
  source: { file: undefined, line: 0, section: 'whisper default', pattern: '' },
  aggregationMethod: 'average',
  xFilesFactor: 0.5,
};

export class RetentionRules {
  readonly schemas: readonly SchemaRule[];
  readonly aggregations: readonly AggregationRule[];
  private readonly schemaPatterns: Pattern[];
  private readonly aggregationPatterns: Pattern[];

  /** Throws `badPattern` when a pattern does not compile; parsed rules always do. */
  constructor(schemas: readonly SchemaRule[], aggregations: readonly AggregationRule[]) {
    this.schemas = schemas;
    this.aggregations = aggregations;
    this.schemaPatterns = schemas.map(({ source }) => compilePattern(source.pattern));
    this.aggregationPatterns = aggregations.map(({ source }) => compilePattern(source.pattern));
  }

  static fromData(data: RetentionRulesData): RetentionRules {
    return new RetentionRules(data.schemas, data.aggregations);
  }

  toData(): RetentionRulesData {
    return { schemas: [...this.schemas], aggregations: [...this.aggregations] };
  }

  /** What a name gets; `archives` is the rule's own list and must not be changed. */
  resolve(name: string): Resolved {
    const schema = firstMatch(this.schemas, this.schemaPatterns, name) ?? FALLBACK_SCHEMA;
    const aggregation =
      firstMatch(this.aggregations, this.aggregationPatterns, name) ?? FALLBACK_AGGREGATION;
    return {
      archives: schema.archives,
      aggregationMethod: aggregation.aggregationMethod ?? 'average',
      xFilesFactor: aggregation.xFilesFactor ?? 0.5,
      schema: schema.source,
      aggregation: aggregation.source,
    };
  }
}

function firstMatch<Rule>(
  rules: readonly Rule[],
  patterns: readonly Pattern[],
  name: string,
): Rule | undefined {
  const index = patterns.findIndex((pattern) => pattern.search(name));
  return index < 0 ? undefined : rules[index];
}
