/**
 * A flag for every option that is one value, made from the option table. Used by `start` and
 * `check`, which understand the same command line.
 */
import { type Command, Option } from 'commander';
import type { LoadInput } from '../config/load.ts';
import { flagOf, type Option as ConfigOption, type Table } from '../config/option.ts';
import { OPTIONS } from '../config/options.ts';
import { configFile } from '../config/read.ts';
import { badUsage } from '../lib/errors.ts';

/** As commander hands them over. */
export type GivenFlags = Record<string, string | boolean | undefined>;

export const CONFIG_HELP =
  'Configuration file, JSON5 (TALLYD_CONFIG). [config/tallyd.json5, else /etc/tallyd/tallyd.json5]';

export function addConfigFlags(command: Command, table: Table = OPTIONS): void {
  command.argument('[file]', 'configuration file, the same as --config');
  command.option('-c, --config <file>', CONFIG_HELP);
  for (const [key, option] of Object.entries(table)) {
    const name = flagOf(key, option);
    if (name === undefined) continue;
    const value = option.kind === 'boolean' ? '[true|false]' : `<${placeholder(option)}>`;
    const flag = new Option(`--${name} ${value}`, describe(option));
    command.addOption(flag.helpGroup(`${option.group}:`));
  }
  command.addHelpText(
    'after',
    '\nEvery flag is a variable as well: --flush-interval is TALLYD_FLUSH_INTERVAL. Flags win over' +
      '\nvariables, these over the file, and the file over the defaults shown here.',
  );
}

/**
 * The file that was named, by the flag or as StatsD's is, or found, and the flags by camelCase name,
 * as `readConfig` takes them.
 */
export function splitFlags(
  flags: GivenFlags,
  argument?: string,
): {
  file: string | undefined;
  flags: LoadInput['flags'];
} {
  const { config, json: _json, ...rest } = flags;
  const named = typeof config === 'string' ? config : undefined;
  if (argument !== undefined && named !== undefined && named !== argument) {
    throw badUsage(`read two files, "${argument}" and --config "${named}"`);
  }
  return { file: configFile(argument ?? named), flags: rest };
}

function placeholder(option: ConfigOption): string {
  if (option.choices !== undefined) return option.choices.join('|');
  if (option.kind === 'thresholds' || option.kind === 'words') return 'list';
  if (option.kind === 'namespace') return 'true|false|mixed';
  if (option.kind === 'port' || option.kind === 'path') return option.kind;
  return option.unit ?? 'text';
}

function describe(option: ConfigOption): string {
  const text = String(option.default ?? '');
  return text === '' ? option.describe : `${option.describe} [${text}]`;
}
