/**
 * Which archives the sketches of a timer or set get, by its base name: sections as carbon's storage
 * schemas, the first whose pattern occurs in the name wins. `none` keeps no sketches; so does no
 * match. Rules are plain data that may cross threads; `SketchRules` is the compiled form.
 */
import { compilePattern, type Pattern } from '../../lib/pattern.ts';
import type { Archive } from './archives.ts';
import { parseRetentions } from './retentions.ts';
import type { SchemaRule } from './rules.ts';

/** What the store is told about sketches; an empty list of archives in a schema is `none`. */
export interface SketchSettings {
  schemas: readonly SchemaRule[];
  /** Coarser archives of a timer's statistics are rolled up as Graphite does, from statistics. */
  averagedTimers: boolean;
}

/** In force without a file; config/sketch-schemas.conf explains it and parses to it (test). */
export const DEFAULT_SKETCH_SCHEMAS: readonly SchemaRule[] = [
  schema('sets', String.raw`^stats\.sets\.`, '1m:1d,1h:90d'),
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

export class SketchRules {
  readonly schemas: readonly SchemaRule[];
  private readonly patterns: Pattern[];

  /** Throws `badPattern` when a pattern does not compile; parsed rules always do. */
  constructor(schemas: readonly SchemaRule[]) {
    this.schemas = schemas;
    this.patterns = schemas.map(({ source }) => compilePattern(source.pattern));
  }

  /** The rule of a name; undefined where none matches. */
  ruleOf(name: string): SchemaRule | undefined {
    const index = this.patterns.findIndex((pattern) => pattern.search(name));
    return index < 0 ? undefined : this.schemas[index];
  }

  /** Empty: no sketches are kept. The list is the rule's own and must not be changed. */
  archivesOf(name: string): Archive[] {
    return this.ruleOf(name)?.archives ?? [];
  }
}
