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

/** Where a rule is written; without a file it is built in. */
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

/** Rules in the order in which they are tried: the first whose pattern occurs in a name wins. */
export class OrderedRules<Rule extends { source: RuleSource }> {
  private readonly rules: readonly Rule[];
  private readonly patterns: readonly Pattern[];

  /** Throws `badPattern` when a pattern does not compile; parsed rules always do. */
  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.patterns = rules.map(({ source }) => compilePattern(source.pattern));
  }

  ruleOf(name: string): Rule | undefined {
    const index = this.patterns.findIndex((pattern) => pattern.search(name));
    return index < 0 ? undefined : this.rules[index];
  }
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
  private readonly orderedSchemas: OrderedRules<SchemaRule>;
  private readonly orderedAggregations: OrderedRules<AggregationRule>;

  /** Throws as OrderedRules. */
  constructor(schemas: readonly SchemaRule[], aggregations: readonly AggregationRule[]) {
    this.schemas = schemas;
    this.aggregations = aggregations;
    this.orderedSchemas = new OrderedRules(schemas);
    this.orderedAggregations = new OrderedRules(aggregations);
  }

  static fromData(data: RetentionRulesData): RetentionRules {
    return new RetentionRules(data.schemas, data.aggregations);
  }

  toData(): RetentionRulesData {
    return { schemas: [...this.schemas], aggregations: [...this.aggregations] };
  }

  /** What a name gets; `archives` is the rule's own list and must not be changed. */
  resolve(name: string): Resolved {
    const schema = this.orderedSchemas.ruleOf(name) ?? FALLBACK_SCHEMA;
    const aggregation = this.orderedAggregations.ruleOf(name) ?? FALLBACK_AGGREGATION;
    return {
      archives: schema.archives,
      aggregationMethod: aggregation.aggregationMethod ?? 'average',
      xFilesFactor: aggregation.xFilesFactor ?? 0.5,
      schema: schema.source,
      aggregation: aggregation.source,
    };
  }
}
