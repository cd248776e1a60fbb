/**
 * Which archives the sketches of a timer or set get, by its base name: sections as in carbon's
 * storage schemas, the first whose pattern occurs in the name wins. Sketches are not stored where
 * the retention is `none` or no section matches. Rules are plain data that may cross threads;
 * `SketchRules` is the compiled form.
 */
import type { Archive } from './archives.ts';
import { parseRetentions } from './retentions.ts';
import { OrderedRules, type RetentionRulesData, type SchemaRule } from './rules.ts';

/** What the store is told about sketches; an empty list of archives in a schema is `none`. */
export interface SketchSettings {
  schemas: readonly SchemaRule[];
  /** Coarser archives of a timer's statistics are rolled up as Graphite does, from statistics. */
  averagedTimers: boolean;
}

/** All that says how new series are kept, as it crosses to verbs. */
export interface RulesInForce extends RetentionRulesData {
  sketches: SketchSettings;
}

/** In force without a file; config/sketch-schemas.conf explains it and parses to it (test). */
export const DEFAULT_SKETCH_SCHEMAS: readonly SchemaRule[] = [
  schema('sets', String.raw`^stats\.sets\.`, '10s:1h,1m:1d,1h:90d'),
  schema('default', '.*', '10s:1h,1m:1d,10m:30d,1h:1y'),
];

export const DEFAULT_SKETCHES: SketchSettings = {
  schemas: DEFAULT_SKETCH_SCHEMAS,
  averagedTimers: false,
};
export const NO_SKETCHES: SketchSettings = { schemas: [], averagedTimers: false };

function schema(section: string, pattern: string, retentions: string): SchemaRule {
  const source = { file: undefined, line: 0, section, pattern };
  return { source, archives: parseRetentions(retentions) };
}

export class SketchRules extends OrderedRules<SchemaRule> {
  /** Empty where sketches are not stored. The list is the rule's own and must not be changed. */
  archivesOf(name: string): Archive[] {
    return this.ruleOf(name)?.archives ?? [];
  }
}
