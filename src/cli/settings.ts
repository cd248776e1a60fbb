/**
 * Everything that governs a running tallyd, read together: the configuration and the
 * storage files that it names. For `start` (and its reload) and `check`; other verbs that need the
 * rules take them from here too.
 */
import fs from 'node:fs';
import path from 'node:path';
import { readTls } from '../access/read-tls.ts';
import { readAccess } from '../access/read-access.ts';
import { type CarbonFiles, readCarbonRules } from '../intake/read-carbon-rules.ts';
import type { Config } from '../config/config.ts';
import { type Finding, shortened } from '../config/findings.ts';
import { DEFAULT_SOURCES, type Settings, type SettingsSources } from '../intake/settings.ts';
import type { LoadInput } from '../config/load.ts';
import { configFile, readConfig } from '../config/read.ts';
import { UserError } from '../lib/errors.ts';
import { parseTemplates } from '../query/chart/template-file.ts';
import { circularDefines } from '../query/target/define.ts';
import { DEFAULT_AGGREGATIONS, DEFAULT_SCHEMAS } from '../storage/retention/default-rules.ts';
import { checkFlushInterval } from '../storage/retention/flush-interval.ts';
import {
  parseSketchSchemas,
  parseStorageAggregation,
  parseStorageSchemas,
  type ParsedRules,
} from '../storage/retention/parse-rules.ts';
import { RetentionRules, type RuleSource } from '../storage/retention/rules.ts';
import { DEFAULT_SKETCH_SCHEMAS } from '../storage/retention/sketch-rules.ts';

export const STORAGE_FILES = ['storageSchemas', 'storageAggregation', 'sketchSchemas'] as const;

type StorageFile = (typeof STORAGE_FILES)[number];

export interface SettingsRead extends Settings {
  /** The texts that carbon's own rules were read from. */
  carbonTexts: CarbonFiles;
  /** That of the file of rights. */
  accessText: string | undefined;
  /** Errors and warnings of all files; with an error among them, do not start. */
  findings: Finding[];
  /** Files that were read, for watching them. */
  files: string[];
}

export function readSettings(
  file: string | undefined,
  env: LoadInput['env'],
  flags: LoadInput['flags'],
): SettingsRead {
  const { config, findings } = readConfig(file, env, flags);
  const sources = { ...DEFAULT_SOURCES };
  if (file !== undefined) sources.configuration = path.resolve(file);
  const files = file === undefined ? [] : [file];
  findings.push(...strayData(config));
  const textOf = (key: keyof Config['storageFilesGiven']): string | undefined => {
    const text = readStorageFile(config, key, findings);
    if (text !== undefined) files.push(config[key]);
    return text;
  };
  const read = <Rule extends { source: RuleSource }>(
    key: StorageFile,
    parse: (text: string, file: string) => ParsedRules<Rule>,
    builtIn: readonly Rule[],
  ): readonly Rule[] => {
    const text = textOf(key);
    if (text === undefined) return builtIn;
    sources[key] = path.resolve(config[key]);
    const parsed = parse(text, config[key]);
    findings.push(...parsed.findings);
    // Of a server the rules are asked from other folders.
    return parsed.rules.map((rule) => ({
      ...rule,
      source: { ...rule.source, file: sources[key] },
    }));
  };
  const rules = new RetentionRules(
    read('storageSchemas', parseStorageSchemas, DEFAULT_SCHEMAS),
    read('storageAggregation', parseStorageAggregation, DEFAULT_AGGREGATIONS),
  );
  if (!hasErrors(findings)) {
    findings.push(...checkFlushInterval(rules, config.aggregation.flushIntervalMs));
    findings.push(...circles(config.define));
  }
  const schemas = read('sketchSchemas', parseSketchSchemas, DEFAULT_SKETCH_SCHEMAS);
  const { averagedTimers } = config;
  const sketches = { schemas: config.sketches ? schemas : [], averagedTimers };
  const carbon = readCarbonRules(config.carbonRules);
  findings.push(...carbon.findings);
  files.push(...carbon.files);
  const access = readAccess(config.access);
  findings.push(...access.findings);
  if (config.access !== undefined) files.push(config.access);
  const tls = readTls(config);
  findings.push(...tls.findings);
  files.push(...tls.files);
  const styles = textOf('graphTemplates');
  const templates =
    styles === undefined ? undefined : parseTemplates(styles, config.graphTemplates);
  findings.push(...(templates?.findings ?? []));
  return {
    config,
    rules,
    sketches,
    carbonRules: carbon.rules,
    carbonTexts: carbon.texts,
    access: access.rules,
    accessText: access.text,
    tls: tls.texts,
    templates: templates?.templates,
    sources,
    findings: findings.map(shortened),
    files,
  };
}

/** Targets of the others can be answered. */
function circles(define: Config['define']): Finding[] {
  return circularDefines(define).map((name) => ({
    severity: 'warning',
    text: `define ${name}: the macros of its text go round in a circle, so that no target can use it`,
  }));
}

/** As `readSettings`, for a verb that goes by what is in force; throws `badConfig` for errors. */
export function requireSettings(file: string | undefined, flags: LoadInput['flags']): SettingsRead {
  const settings = readSettings(configFile(file), process.env, flags);
  rejectErrors(settings.findings);
  return settings;
}

/** `configuration /etc/tallyd/tallyd.json5; rules: storageSchemas built in, …`. */
export function sourcesText({ configuration, ...rules }: SettingsSources): string {
  const list = Object.entries(rules).map(([key, source]) => `${key} ${source}`);
  return `configuration: ${configuration}; rules: ${list.join(', ')}`;
}

/** Throws `badConfig` with all errors, a line each. */
export function rejectErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new UserError('badConfig', errors.map(({ text }) => text).join('\n'));
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

/**
 * Paths of a file once counted from the current folder, as StatsD's do: a store that was made so is
 * not to be passed over for an empty one.
 */
function strayData({ file, dataDir, raw }: Config): Finding[] {
  const { dataDir: written } = raw;
  if (file === undefined || typeof written !== 'string' || path.isAbsolute(written)) return [];
  const isOfFile = dataDir === path.join(path.dirname(file), written);
  if (!isOfFile || hasStore(dataDir) || !hasStore(written)) return [];
  const text =
    `${file}: dataDir "${written}" counts from the file's own folder and is ${path.resolve(dataDir)}, ` +
    `where no store is; one is in ${path.resolve(written)}: write which is meant, in full`;
  return [{ severity: 'error', text }];
}

function hasStore(folder: string): boolean {
  return fs.existsSync(path.join(folder, 'data.mdb'));
}

/** The text of a file; without one at the default place what is built in applies. */
function readStorageFile(
  config: Config,
  key: keyof Config['storageFilesGiven'],
  findings: Finding[],
): string | undefined {
  const path = config[key];
  const isNamed = config.storageFilesGiven[key];
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !isNamed) return undefined;
    const reason = code === 'ENOENT' ? 'no such file' : String(error);
    findings.push({ severity: 'error', text: `${path}: ${reason}, expected what ${key} names` });
    return undefined;
  }
}
