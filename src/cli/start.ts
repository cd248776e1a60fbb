/**
 * `tallyd start`: reads the settings, starts the daemon and stands between it and the operating
 * system: signals, reload, exit codes. The only file that imports `daemon.ts`, and it does so when
 * needed, so that the other verbs do not load the server.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { Finding } from '../config/config.ts';
import { UserError } from '../lib/errors.ts';
import type { Daemon } from '../daemon.ts';
import { addConfigFlags, splitFlags } from './config-flags.ts';
import { addExamples } from './examples.ts';
import { hasErrors, readSettings, type SettingsRead } from './settings.ts';
import { readVersion } from './version.ts';

/** Editors write a file in several steps; StatsD's users expect a reload within a second. */
const SETTLE_MS = 100;

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description('Run the server until SIGTERM or SIGINT; SIGHUP reads the configuration again.')
    .action(start);
  addConfigFlags(command);
  addExamples(command, [
    ['tallyd start --config config.js --dialect statsd', "in StatsD's place, with its own file"],
    [
      'TALLYD_HTTP_PORT=9090 tallyd start --data-dir /var/lib/tallyd --carbon-port off',
      'HTTP on 9090, data kept elsewhere, no Graphite plaintext listener',
    ],
  ]);
}

async function start(all: Record<string, string | boolean | undefined>): Promise<void> {
  const { file, flags } = splitFlags(all);
  const read = () => readSettings(file, process.env, flags);
  const settings = read();
  if (hasErrors(settings.findings)) {
    const errors = settings.findings.filter(({ severity }) => severity === 'error');
    throw new UserError('badConfig', errors.map(({ text }) => text).join('\n'));
  }
  const { config, rules, findings } = settings;
  if (config.title !== undefined) process.title = config.title;
  const { pino } = await import('pino');
  const logger = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  logFindings(logger, findings);
  const { startDaemon } = await import('../daemon.ts');
  const starting = startDaemon({ config, rules, version: readVersion(), logger });
  stopOnSignal(starting, logger);
  const daemon = await starting;
  const reload = reloader({ daemon, logger, read, first: settings });
  process.on('SIGHUP', () => reload('signal'));
  if (config.automaticConfigReload) watch(settings.files, () => reload('change'), logger);
}

function logFindings(logger: Logger, findings: readonly Finding[]): void {
  for (const { severity, text } of findings) {
    logger[severity === 'error' ? 'error' : 'warn'](text);
  }
}

/** The first signal stops in order and exits 0; a second one does not wait and exits 1. */
function stopOnSignal(starting: Promise<Daemon>, logger: Logger): void {
  let state: 'running' | 'stopping' = 'running';
  const stop = async (signal: string): Promise<void> => {
    if (state === 'stopping') process.exit(1);
    state = 'stopping';
    logger.info(`${signal}: stopping`);
    try {
      const daemon = await starting;
      await daemon.stop();
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'could not stop cleanly');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal));
  }
}

/**
 * Reads everything again and hands it to the daemon. Broken files are told and change nothing; a
 * change that only touched a file's date is none, a signal always counts.
 */
function reloader(parts: {
  daemon: Daemon;
  logger: Logger;
  read: () => SettingsRead;
  first: SettingsRead;
}): (cause: 'signal' | 'change') => void {
  const { daemon, logger, read } = parts;
  let before = fingerprint(parts.first);
  let last = Promise.resolve();
  return (cause) => {
    const settings = read();
    const now = fingerprint(settings);
    if (cause === 'change' && now === before) return;
    before = now;
    logFindings(logger, settings.findings);
    if (hasErrors(settings.findings)) {
      logger.error('the configuration has errors, the one before stays in force');
      return;
    }
    last = last
      .then(() => daemon.reconfigure(settings.config, settings.rules))
      .catch((error: unknown) => {
        logger.error({ err: error }, 'the configuration could not be taken over');
      });
  };
}

function fingerprint(settings: SettingsRead): string {
  const { config, rules, findings } = settings;
  return JSON.stringify([config, rules.toData(), findings]);
}

/**
 * Calls back when one of the files has changed and been quiet for a moment. Folders are watched,
 * not files: an editor that writes a new file and renames it would be lost after the first time.
 */
function watch(files: readonly string[], changed: () => void, logger: Logger): void {
  let settling: NodeJS.Timeout | undefined;
  for (const folder of new Set(files.map((file) => path.dirname(path.resolve(file))))) {
    const inFolder = files.filter((file) => path.dirname(path.resolve(file)) === folder);
    const names = new Set(inFolder.map((file) => path.basename(file)));
    const watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(settling);
      settling = setTimeout(() => {
        // An emptied file is one that somebody is just writing; all that it said stays in force.
        if (inFolder.every((file) => fs.existsSync(file) && fs.statSync(file).size > 0)) changed();
      }, SETTLE_MS);
    });
    watcher.on('error', (error) => logger.warn({ err: error }, `${folder}: no longer watched`));
  }
}
