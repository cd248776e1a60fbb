/**
 * `tallyd check`: reads the configuration and carbon's storage files as `start` would, and tells
 * everything that is wrong with them at once. Stricter than `start` in one thing: an unknown key
 * is an error, because `check` is there to find typing errors.
 */
import type { Command } from 'commander';
import { badUsage } from '../lib/errors.ts';
import { addConfigFlags, splitFlags } from './config-flags.ts';
import { addExamples } from './examples.ts';
import { readSettings } from './settings.ts';

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('Check configuration, storage schemas and aggregation rules without starting.')
    .argument('[file]', 'configuration file, the same as --config')
    .option('--json', 'Print the result as one JSON object.')
    .action((file: string | undefined, flags: Record<string, string | boolean | undefined>) => {
      check(file, flags);
    });
  addConfigFlags(command);
  addExamples(command, [
    ['tallyd check --config config/tallyd.json5', 'the shipped file'],
    ['tallyd check /etc/statsd/config.js --json', "StatsD's own file, the answer as JSON"],
  ]);
}

function check(file: string | undefined, all: Record<string, string | boolean | undefined>): void {
  const split = splitFlags(all);
  if (file !== undefined && typeof all['config'] === 'string' && all['config'] !== file) {
    throw badUsage(`read two files, "${file}" and --config "${all['config']}"`);
  }
  const read = readSettings(file ?? split.file, process.env, split.flags);
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const { severity, unknownKey, text } of read.findings) {
    (severity === 'error' || unknownKey === true ? errors : warnings).push(text);
  }
  const ok = errors.length === 0;
  const files = read.files.length === 0 ? 'the defaults' : read.files.join(', ');
  if (all['json'] === true) {
    process.stdout.write(`${JSON.stringify({ ok, files: read.files, errors, warnings })}\n`);
  } else {
    for (const text of errors) process.stderr.write(`${text}\n`);
    for (const text of warnings) process.stderr.write(`${text} (warning)\n`);
    if (ok) process.stdout.write(`ok: ${files}\n`);
    else process.stderr.write(`${errors.length} ${errors.length === 1 ? 'error' : 'errors'}\n`);
  }
  if (!ok) process.exitCode = 2;
}
