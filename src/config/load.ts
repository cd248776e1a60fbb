/**
 * Joins flags, environment, file and defaults (in this order, the first that has a value wins)
 * into one `Config`, and reports everything that is wrong with them at once. Pure: `read.ts` reads
 * the file. Called at start, at reload and by `check`.
 */
import assert from 'node:assert/strict';
import { asObject } from '../lib/given.ts';
import { explainCarbonConf } from './carbon-conf.ts';
import type { Config } from './config.ts';
import { FileValues, type Finding, Findings, inOrder } from './findings.ts';
import { readJson5 } from './json5.ts';
import {
  camelCase,
  flagOf,
  type Option,
  type SettingsOf,
  type Table,
  type ValuesOf,
  variableOf,
} from './option.ts';
import { OPTIONS } from './options.ts';
import { applyRules } from './rules.ts';
import { namesOthersBackend } from './statsd-values.ts';
import { didYouMean, nearestWord } from './suggest.ts';
import { type Context, type RawValue, KINDS, type Reader, show } from './values.ts';

/** Of variables that have values. */
const PREFIX = 'TALLYD_';

export interface LoadInput {
  /** Path for places in sentences, undefined when there is no file. */
  file: string | undefined;
  /** Its text. */
  text: string | undefined;
  env: Record<string, string | undefined>;
  /** By camelCase name: `mgmtPort`, `graphiteGlobalPrefix`. */
  flags: Record<string, string | boolean | undefined>;
  /** Addresses and names of this machine; what is sent to them may come back. */
  here?: readonly string[];
}

/** The configuration and the findings; with an error among them, do not use it. */
export function loadConfig(input: LoadInput): { config: Config; findings: Finding[] } {
  const read = readOptions(OPTIONS, input);
  const joined = applyRules(read, input);
  const config: Config = { ...read.settings, ...joined, file: input.file };
  return { config, findings: inOrder(read.context.findings.list, input.file ?? 'config') };
}

/** The options of a table as they are given, each value checked, the others at their defaults. */
export function readOptions<T extends Table>(table: T, input: LoadInput) {
  const findings = new Findings();
  const file = readFileValues(input, table, findings);
  const context: Context = { file, findings };
  reportUnknownKeys(table, file, findings);
  reportUnknownVariables(table, input.env, findings);
  const own = new Map<string, unknown>();
  const given = new Map<string, RawValue>();
  for (const [key, option] of Object.entries(table)) {
    const one = givenFor(key, option, input, file);
    if (one === undefined) continue;
    given.set(key, one);
    const label = one.spelled ? '' : `${key}: `;
    const read = readerOf(option)(one, option, context);
    if ('error' in read) {
      findings.error(one.place, label + read.error);
      continue;
    }
    if (read.warning !== undefined) findings.warning(one.place, label + read.warning);
    if (option.ignored !== undefined && read.value !== 'off') {
      findings.warning(one.place, `${label}ignored, ${option.ignored}`);
    }
    own.set(key, read.value);
  }
  const valueOf = (key: string): unknown => {
    const option = table[key];
    assert(option !== undefined, key);
    return own.get(key) ?? option.otherwise?.(valueOf) ?? defaultOf(option, context);
  };
  const values: Record<string, unknown> = {};
  const settings: Record<string, unknown> = {};
  for (const [key, { to = key }] of Object.entries(table)) {
    values[key] = valueOf(key);
    put(settings, to, values[key]);
  }
  return {
    values: values as ValuesOf<T>,
    settings: settings as SettingsOf<T>,
    own,
    given,
    context,
  };
}

function readerOf({ read, kind }: Option): Reader<unknown> {
  return read ?? KINDS[kind];
}

/** The default, read as a value that is given. */
function defaultOf(option: Option, context: Context): unknown {
  if (option.default === undefined) return undefined;
  // As if it stood in the file, but for a path, which nobody's file has named.
  const given = { value: option.default, place: 'default', spelled: option.kind === 'path' };
  const read = readerOf(option)(given, option, context);
  assert('value' in read, option.describe);
  return read.value;
}

function put(settings: Record<string, unknown>, path: string, value: unknown): void {
  const nodes = path.split('.');
  const last = nodes.pop()!; // a split text has one part at least
  let holder = settings;
  for (const node of nodes) {
    holder[node] ??= {};
    holder = holder[node] as Record<string, unknown>;
  }
  holder[last] = value;
}

/** The configuration when nothing is given. */
export const DEFAULT_CONFIG: Config = loadConfig({
  file: undefined,
  text: undefined,
  env: {},
  flags: {},
}).config;

function readFileValues(input: LoadInput, table: Table, findings: Findings): FileValues {
  const name = input.file ?? 'config';
  if (input.text === undefined) return new FileValues(name, undefined);
  const read = readJson5(input.text);
  if ('problem' in read) {
    const none = new FileValues(name, undefined);
    if (explainCarbonConf(input.text, name, findings)) return none;
    const wayOut = wayOutOf(read.codeOf, table);
    findings.error(`${name}:${read.line}:${read.column}`, read.problem + wayOut);
    return none;
  }
  const file = new FileValues(name, read);
  if (asObject(read.value) === undefined) {
    findings.error(file.place(''), `read ${show(read.value)}, expected an object in braces`);
  }
  for (const path of read.duplicates) {
    const key = path.slice(path.lastIndexOf('/') + 1);
    findings.warning(file.place(`${path}#`), `key "${key}" occurs twice, this one counts`);
  }
  return file;
}

/** How else to give what StatsD's file computes. */
function wayOutOf(key: string | undefined, table: Table): string {
  const option = key === undefined ? undefined : table[key];
  const flag = option === undefined ? undefined : flagOf(key!, option); // an option has a key
  if (flag === undefined) return '';
  return `; leave "${key}" out and give it by the variable ${variableOf(flag)}, or by --${flag}`;
}

/** The value of the source that has precedence; undefined when no source has one. */
function givenFor(
  key: string,
  option: Option,
  input: LoadInput,
  file: FileValues,
): RawValue | undefined {
  const flag = flagOf(key, option);
  if (flag !== undefined) {
    const value = input.flags[camelCase(flag)];
    if (value !== undefined) return { value, place: `--${flag}`, spelled: true };
    // A script or container that leaves a variable blank does not give it.
    const place = variableOf(flag);
    const variable = input.env[place];
    if (variable !== undefined && variable !== '' && !isServiceLink(option, variable)) {
      return { value: variable, place, spelled: true };
    }
  }
  const [outer, inner] = key.split('.') as [string, string | undefined];
  const holder = inner === undefined ? file.root : asObject(file.root[outer]);
  const value = holder?.[inner ?? outer];
  // null is how a file says "not set", except where StatsD tells it from an absent key.
  if (value === undefined || (value === null && option.takesNull !== true)) {
    return inheritedFor(option, input);
  }
  return { value, place: file.place(`/${key.replace('.', '/')}`), spelled: false };
}

function inheritedFor({ inherits }: Option, { env }: LoadInput): RawValue | undefined {
  const value = inherits === undefined ? undefined : env[inherits];
  if (inherits === undefined || value === undefined || value === '') return undefined;
  return { value, place: inherits, spelled: true };
}

/** Kubernetes gives every container `TALLYD_PORT=tcp://…` when a service is called tallyd. */
function isServiceLink(option: Option, variable: string): boolean {
  return option.kind === 'port' && /^(?:tcp|udp):\/\//.test(variable);
}

function reportUnknownKeys(table: Table, file: FileValues, findings: Findings): void {
  const groups = new Map<string, string[]>();
  for (const key of Object.keys(table)) {
    const [outer, inner] = key.split('.') as [string, string | undefined];
    const members = groups.get(outer) ?? [];
    if (inner !== undefined) members.push(inner);
    groups.set(outer, members);
  }
  for (const [key, value] of Object.entries(file.root)) {
    const members = groups.get(key);
    if (members === undefined) {
      reportUnknownKey(key, value, groups, table, file, findings);
      continue;
    }
    if (table[key] !== undefined || value === null) continue;
    const object = asObject(value);
    if (object === undefined) {
      const expected = `an object with ${members.join(', ')}`;
      findings.error(file.place(`/${key}`), `${key}: read ${show(value)}, expected ${expected}`);
      continue;
    }
    for (const inner of Object.keys(object)) {
      if (members.includes(inner)) continue;
      findings.unknown(file.place(`/${key}/${inner}#`), inner, members);
    }
  }
}

/** Backends of others have keys of their own in StatsD's file, most of them a section. */
function reportUnknownKey(
  key: string,
  value: unknown,
  groups: ReadonlyMap<string, string[]>,
  table: Table,
  file: FileValues,
  findings: Findings,
): void {
  const place = file.place(`/${key}#`);
  const isSection = asObject(value) !== undefined || Array.isArray(value);
  const isOfOthers = isSection || namesOthersBackend(file.root['backends']);
  // A section is no typing error of what has a plain value.
  const alike = [...groups.keys()].filter((one) => !isSection || takesObjects(one, groups, table));
  if (isOfOthers && didYouMean(key, alike) === '') {
    const what = isSection ? 'section' : 'key';
    findings.warning(place, `${what} "${key}" is of no backend that tallyd has: ignored`);
    return;
  }
  const nearest = nearestWord(key, groups.keys());
  if (nearest !== undefined && table[nearest]?.guards === true) {
    findings.error(
      place,
      `unknown key "${key}", did you mean "${nearest}"? It keeps nobody out so`,
    );
    return;
  }
  findings.unknown(place, key, groups.keys());
}

function takesObjects(key: string, groups: ReadonlyMap<string, string[]>, table: Table): boolean {
  return (groups.get(key)?.length ?? 0) > 0 || table[key]?.kind === 'structure';
}

function reportUnknownVariables(table: Table, env: LoadInput['env'], findings: Findings): void {
  const options = new Map<string, Option>();
  for (const [key, option] of Object.entries(table)) {
    const flag = flagOf(key, option);
    if (flag !== undefined) options.set(variableOf(flag), option);
  }
  const known = [...options.keys(), 'TALLYD_CONFIG', 'TALLYD_TOKEN'];
  // Without what all have in common, which would make any two alike.
  const bare = known.map((one) => one.slice(PREFIX.length));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    if (/^TALLYD_(?:SERVICE|PORT)_/.test(name)) continue; // Kubernetes again
    const sentence = `unknown variable${didYouMean(name, known)}`;
    const nearest = nearestWord(name.slice(PREFIX.length), bare);
    if (options.get(`${PREFIX}${nearest}`)?.guards === true) findings.error(name, sentence);
    else findings.warning(name, sentence);
  }
}
