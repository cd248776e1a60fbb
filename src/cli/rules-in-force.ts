/**
 * The rules that a verb goes by: those of a running server or of the store that is open, but for the
 * files that are named. What the current folder has is not what a server has.
 */
import { RetentionRules } from '../storage/retention/rules.ts';
import type { RulesInForce, SketchSettings } from '../storage/retention/sketch-rules.ts';
import type { StoreAdmin } from '../storage/admin/calls.ts';
import { findServer } from '../storage/data-dir-lock.ts';
import { httpAdmin } from './http-admin.ts';
import { dataDirOf, type StoreFlags } from './open-store.ts';
import { requireSettings, type SettingsRead } from './settings.ts';

export interface RuleFlags extends StoreFlags {
  storageSchemas?: string;
  storageAggregation?: string;
  sketchSchemas?: string;
}

interface Rules {
  rules: RetentionRules;
  sketches: SketchSettings;
}

/** By the rules of `admin`, each kind unless its file is named. */
export async function rulesInForce(
  flags: RuleFlags,
  admin: Pick<StoreAdmin, 'rules'>,
): Promise<Rules> {
  const { rules: text } = await admin.rules({});
  const own = text === undefined ? undefined : (JSON.parse(text) as Partial<RulesInForce>);
  // Whatever is wrong with the folder's files is nothing to a server, unless they are asked for.
  let read: SettingsRead | undefined;
  const files = (): SettingsRead => (read ??= requireNamed(flags));
  const { storageSchemas, storageAggregation, sketchSchemas } = flags;
  const schemas = storageSchemas === undefined ? own?.schemas : undefined;
  const aggregations = storageAggregation === undefined ? own?.aggregations : undefined;
  return {
    rules: new RetentionRules(
      schemas ?? files().rules.schemas,
      aggregations ?? files().rules.aggregations,
    ),
    sketches: (sketchSchemas === undefined ? own?.sketches : undefined) ?? files().sketches,
  };
}

/** By the rules of the server that has the data folder, or that --url names; else by the files. */
export async function rulesForShow(flags: RuleFlags): Promise<Rules> {
  const server = flags.url === undefined ? findServer(dataDirOf(flags)) : { url: flags.url };
  if (server === undefined) return told(requireNamed(flags));
  const admin = httpAdmin(server.url, 'token' in server ? server.token : undefined);
  try {
    const rules = await rulesInForce(flags, admin);
    process.stderr.write(`rules of the server at ${admin.location}\n`);
    return rules;
  } finally {
    await admin.close();
  }
}

/** Says which configuration it was, where there is one. */
function told(settings: SettingsRead): Rules {
  const { file } = settings.config;
  if (file !== undefined) process.stderr.write(`rules by the configuration ${file}\n`);
  return settings;
}

function requireNamed(flags: RuleFlags): SettingsRead {
  const { storageSchemas, storageAggregation, sketchSchemas } = flags;
  return requireSettings(flags.config, { storageSchemas, storageAggregation, sketchSchemas });
}
