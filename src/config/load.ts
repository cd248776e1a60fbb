/**
 * Joins flags, environment, file and defaults (in this order, the first that says something wins)
 * into one `Config`, and tells everything that is wrong with them at once. Pure: `read.ts` reads
 * the file. Called at start, at reload and by `check`.
 */
import type { Config, Finding } from './config.ts';
import { asObject, FileValues, Findings, inOrder } from './findings.ts';
import { readJson5 } from './json5.ts';
import { camelCase, OPTION_BY_KEY, OPTIONS, type Option } from './options.ts';
import { assemble, Settings } from './assemble.ts';
import { didYouMean } from './suggest.ts';
import { readValue, show, type Given } from './values.ts';

export interface LoadInput {
  /** Path for places in sentences, undefined when there is no file. */
  file: string | undefined;
  /** Its text. */
  text: string | undefined;
  env: Record<string, string | undefined>;
  /** By camelCase name: `mgmtPort`, `graphiteGlobalPrefix`. */
  flags: Record<string, string | boolean | undefined>;
}

/** The configuration and what there is to say about it; with errors in it, do not use it. */
export function loadConfig(input: LoadInput): { config: Config; findings: Finding[] } {
  const findings = new Findings();
  const file = readFileValues(input, findings);
  reportUnknownKeys(file, findings);
  reportUnknownVariables(input.env, findings);
  const values = new Map<string, unknown>();
  const given = new Map<string, Given>();
  for (const option of OPTIONS) {
    const one = givenFor(option, input, file);
    if (one === undefined) continue;
    given.set(option.key, one);
    const label = one.place.startsWith('-') || one.spelled ? '' : `${option.key}: `;
    const read = readValue(option, one);
    if ('wrong' in read) {
      findings.error(one.place, label + read.wrong);
      continue;
    }
    if (read.odd !== undefined) findings.warning(one.place, label + read.odd);
    if (option.ignored !== undefined && read.value !== 'off') {
      findings.warning(one.place, `${label}ignored, ${option.ignored}`);
    }
    values.set(option.key, read.value);
  }
  const config = assemble(
    new Settings({ file: input.file, values: file, findings }, given, values),
  );
  return { config, findings: inOrder(findings.list, input.file ?? 'config') };
}

/** Everything as it is when nothing is said. */
export const DEFAULT_CONFIG: Config = loadConfig({
  file: undefined,
  text: undefined,
  env: {},
  flags: {},
}).config;

function readFileValues(input: LoadInput, findings: Findings): FileValues {
  const name = input.file ?? 'config';
  if (input.text === undefined) return new FileValues(name, undefined);
  const read = readJson5(input.text);
  if ('problem' in read) {
    findings.error(`${name}:${read.line}:${read.column}`, read.problem);
    return new FileValues(name, undefined);
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

/** What is said about an option, by whoever has precedence; undefined when nobody says anything. */
function givenFor(option: Option, input: LoadInput, file: FileValues): Given | undefined {
  if (option.flag !== undefined && option.env !== undefined) {
    const flag = input.flags[camelCase(option.flag)];
    if (flag !== undefined) return { value: flag, place: `--${option.flag}`, spelled: true };
    // An empty variable is one that a script or container left blank: not given.
    const variable = input.env[option.env];
    if (variable !== undefined && variable !== '' && !isServiceLink(option, variable)) {
      return { value: variable, place: option.env, spelled: true };
    }
  }
  const [outer, inner] = option.key.split('.') as [string, string | undefined];
  const holder = inner === undefined ? file.root : asObject(file.root[outer]);
  const value = holder?.[inner ?? outer];
  // null is how a file says "not set", except where StatsD tells it from an absent key.
  if (value === undefined || (value === null && option.kind !== 'namespace')) return undefined;
  if (value === false && option.key === 'title') return undefined;
  const path = inner === undefined ? `/${outer}` : `/${outer}/${inner}`;
  return { value, place: file.place(path), spelled: false };
}

/** Kubernetes gives every container `TALLYD_PORT=tcp://…` when a service is called tallyd. */
function isServiceLink(option: Option, variable: string): boolean {
  return option.kind === 'port' && /^(?:tcp|udp):\/\//.test(variable);
}

function reportUnknownKeys(file: FileValues, findings: Findings): void {
  const groups = new Map<string, string[]>();
  for (const option of OPTIONS) {
    const [outer, inner] = option.key.split('.') as [string, string | undefined];
    const members = groups.get(outer) ?? [];
    if (inner !== undefined) members.push(inner);
    groups.set(outer, members);
  }
  for (const [key, value] of Object.entries(file.root)) {
    const members = groups.get(key);
    if (members === undefined) {
      findings.unknown(file.place(`/${key}#`), key, groups.keys());
      continue;
    }
    if (OPTION_BY_KEY.has(key) || value === null) continue;
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

function reportUnknownVariables(env: LoadInput['env'], findings: Findings): void {
  const known = OPTIONS.flatMap((option) => (option.env === undefined ? [] : [option.env]));
  known.push('TALLYD_CONFIG');
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TALLYD_') || known.includes(name)) continue;
    if (/^TALLYD_(?:SERVICE|PORT)_/.test(name)) continue; // Kubernetes again
    findings.warning(name, `unknown variable${didYouMean(name, known)}`);
  }
}
