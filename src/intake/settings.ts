/** All that governs a running tallyd and may be read again: `cli/settings.ts` reads it. */
import type { AccessRules } from '../access/access-file.ts';
import type { TlsTexts } from '../access/read-tls.ts';
import type { Config } from '../config/config.ts';
import type { Templates } from '../query/chart/templates.ts';
import type { RetentionRules } from '../storage/retention/rules.ts';
import type { RulesInForce, SketchSettings } from '../storage/retention/sketch-rules.ts';
import type { CarbonRules } from './carbon-rules.ts';

export interface Settings {
  config: Config;
  rules: RetentionRules;
  sketches: SketchSettings;
  /** Carbon's own rules for ready-made points. */
  carbonRules: CarbonRules;
  /** Who may what over HTTP; undefined where everybody may everything. */
  access?: AccessRules | undefined;
  /** Certificate and key of HTTP; undefined for plain HTTP. */
  tls?: TlsTexts | undefined;
  /** Styles of pictures; undefined for those that are built in. */
  templates?: Templates | undefined;
  sources: SettingsSources;
}

/** Where it was read: a path, or a word that says that nothing was. */
export interface SettingsSources {
  configuration: string;
  storageSchemas: string;
  storageAggregation: string;
  sketchSchemas: string;
}

/** Of rules that no file has. */
export const BUILT_IN = 'built in';

export const DEFAULT_SOURCES: SettingsSources = {
  configuration: 'defaults',
  storageSchemas: BUILT_IN,
  storageAggregation: BUILT_IN,
  sketchSchemas: BUILT_IN,
};

/** As they cross to verbs. */
export function rulesInForce({ rules, sketches }: Settings): RulesInForce {
  return { ...rules.toData(), sketches };
}

/** Whether timers and sets cross as sketches: to be kept, or merged where flushes share a slot. */
export function wantSketches({ config, rules, sketches }: Settings): boolean {
  if (sketches.schemas.some(({ archives }) => archives.length > 0)) return true;
  const { flushIntervalMs } = config.aggregation;
  const unmatched = rules.resolve('\u0001').archives;
  const schemas = [unmatched, ...rules.schemas.map(({ archives }) => archives)];
  return schemas.some(([finest]) => finest !== undefined && finest.step * 1000 > flushIntervalMs);
}
