/** Retention rules for tests, in a line. */
import type { AggregationMethod } from '../../src/storage/retention/archives.ts';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import { FALLBACK_AGGREGATION, RetentionRules } from '../../src/storage/retention/rules.ts';

/** Rules with one schema for each pattern; `sum:`, `max:` … before the retentions is the method. */
export function rulesOf(schemas: Record<string, string>, xFilesFactor = 0): RetentionRules {
  const source = (pattern: string) => ({ file: undefined, line: 0, section: pattern, pattern });
  return new RetentionRules(
    Object.entries(schemas).map(([pattern, text]) => ({
      source: source(pattern),
      archives: parseRetentions(text.replace(/^\w+ /, '')),
    })),
    Object.entries(schemas).map(([pattern, text]) => ({
      ...FALLBACK_AGGREGATION,
      source: source(pattern),
      aggregationMethod: (/^(\w+) /.exec(text)?.[1] ?? 'average') as AggregationMethod,
      xFilesFactor,
    })),
  );
}
