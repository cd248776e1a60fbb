/**
 * `tallyd check`: reads the configuration and carbon's storage files as `start` would, and tells
 * everything that is wrong with them at once. Stricter than `start` in one thing: an unknown key
 * is an error, because `check` is there to find typing errors.
 */
import type { Command } from 'commander';
import { BUILT_IN } from '../intake/settings.ts';
import { addConfigFlags, type GivenFlags, splitFlags } from './config-flags.ts';
import { addExamples } from './examples.ts';
import { readSettings, STORAGE_FILES } from './settings.ts';

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('Check configuration, storage schemas and aggregation rules without starting.')
    .option('--json', 'Print the result as one JSON object.')
    .action(check);
  addConfigFlags(command);
  addExamples(command, [
    ['tallyd check --config config/tallyd.json5', 'the shipped file'],
    ['tallyd check /etc/statsd/config.js --json', "StatsD's own file, the answer as JSON"],
  ]);
}

function check(file: string | undefined, all: GivenFlags): void {
  const split = splitFlags(all, file);
  const read = readSettings(split.file, process.env, split.flags);
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const { severity, unknownKey, text } of read.findings) {
    (severity === 'error' || unknownKey === true ? errors : warnings).push(text);
  }
  const ok = errors.length === 0;
  const builtIn = STORAGE_FILES.filter((key) => read.sources[key] === BUILT_IN);
  const named = read.files.length === 0 ? 'the defaults' : read.files.join(', ');
  const files =
    read.files.length === 0 || builtIn.length === 0
      ? named
      : `${named}; built in: ${builtIn.join(', ')}`;
  if (all['json'] === true) {
    process.stdout.write(
      `${JSON.stringify({ ok, files: read.files, builtIn, errors, warnings })}\n`,
    );
  } else {
    for (const text of errors) process.stderr.write(`${text}\n`);
    for (const text of warnings) process.stderr.write(`${text} (warning)\n`);
    if (ok) process.stdout.write(`ok: ${files}\n`);
    else process.stderr.write(`${errors.length} ${errors.length === 1 ? 'error' : 'errors'}\n`);
  }
  if (!ok) process.exitCode = 2;
}
