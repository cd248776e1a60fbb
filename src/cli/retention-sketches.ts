/**
 * The part of `tallyd retention show` about sketches of timers and sets: their archives and cost.
 */
import type { Archive } from '../storage/retention/archives.ts';
import { formatRetentions } from '../storage/retention/retentions.ts';
import type { SchemaRule } from '../storage/retention/rules.ts';
import { SketchRules, type SketchSettings } from '../storage/retention/sketch-rules.ts';
import { sketchBytes } from '../storage/retention/sketch-size.ts';
import { sourceText } from './rule-source.ts';
import { formatTable } from './table.ts';

/** Archives of the sketches of a timer or set, by its base name or one of its series. */
export function sketchesOf(sketches: SketchSettings, name: string) {
  const rule = new SketchRules(sketches.schemas).ruleOf(name);
  return rule === undefined ? undefined : describeRule(rule);
}

export function sketchSchemas(sketches: SketchSettings) {
  return sketches.schemas.map(describeRule);
}

export function sketchesTable(sketches: SketchSettings, names: readonly string[]): string {
  return formatTable(
    ['sketches of', ...COSTS, 'schema'],
    names.map((name) => {
      const found = sketchesOf(sketches, name);
      if (found === undefined) return [name, 'none', '0', '0', '0', 'no section matches'];
      return [name, ...costs(found), sourceText(found)];
    }),
  );
}

export function sketchSchemasTable(sketches: SketchSettings): string {
  return formatTable(
    ['sketch schema', 'pattern', ...COSTS],
    sketchSchemas(sketches).map((rule) => [sourceText(rule), rule.pattern, ...costs(rule)]),
  );
}

const COSTS = ['archives', 'bytes usual', 'timer bytes max', 'set bytes max'];

function describeRule({ source, archives }: SchemaRule) {
  return { ...source, retentions: retentionsOf(archives), archives, bytes: sketchBytes(archives) };
}

function costs({ retentions, bytes }: ReturnType<typeof describeRule>): string[] {
  const { usual, timerMax, setMax } = bytes;
  return [retentions, String(usual), String(timerMax), String(setMax)];
}

function retentionsOf(archives: readonly Archive[]): string {
  return archives.length === 0 ? 'none' : formatRetentions(archives);
}
