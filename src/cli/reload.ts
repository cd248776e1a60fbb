/**
 * Takes over a changed configuration while tallyd runs: on SIGHUP, and when a file that was read
 * changes. Broken files are told and change nothing. For `start`.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Finding } from '../config/findings.ts';
import type { Settings } from '../intake/settings.ts';
import { hasErrors, type SettingsRead } from './settings.ts';

/** Editors write a file in several steps; people expect the reload within a second. */
const SETTLE_MS = 100;

/** The methods of pino's logger that are used. */
interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The running daemon as a reload needs it. */
interface Reconfigurable {
  reconfigure(settings: Settings): Promise<void>;
}

export function logFindings(log: Log, findings: readonly Finding[]): void {
  for (const { severity, text } of findings) {
    if (severity === 'error') log.error(text);
    else log.warn(text);
  }
}

/**
 * Reads everything again and hands it to the daemon, one reload after the other. A change that
 * only touched a file's date is none; a signal always counts. `rules` takes the storage files over
 * and leaves the configuration as it is.
 */
export function reloader(parts: {
  daemon: Reconfigurable;
  logger: Log;
  read: () => SettingsRead;
  first: SettingsRead;
}): (cause: 'signal' | 'change' | 'rules') => void {
  const { daemon, logger, read } = parts;
  let before = fingerprint(parts.first);
  let { config } = parts.first;
  let last = Promise.resolve();
  return (cause) => {
    const found = read();
    const settings = cause === 'rules' ? { ...found, config } : found;
    const now = fingerprint(settings);
    if (cause !== 'signal' && now === before) return;
    before = now;
    logFindings(logger, settings.findings);
    if (hasErrors(settings.findings)) {
      logger.error('the configuration has errors, the one before stays in force');
      return;
    }
    ({ config } = settings);
    last = last
      .then(() => daemon.reconfigure(settings))
      .catch((error: unknown) => {
        logger.error(`the configuration could not be taken over: ${String(error)}`);
      });
  };
}

function fingerprint(settings: SettingsRead): string {
  const { config, rules, sketches, carbonTexts, findings } = settings;
  return JSON.stringify([config, rules.toData(), sketches, carbonTexts, findings]);
}

/**
 * Calls back when one of the files has changed and been quiet for a moment; returns what ends it.
 * Folders are watched, not files: an editor that writes a new file and renames it would be lost
 * after the first time.
 */
export function watchFiles(files: readonly string[], changed: () => void, log: Log): () => void {
  let settling: NodeJS.Timeout | undefined;
  const watchers: fs.FSWatcher[] = [];
  for (const folder of new Set(files.map((file) => path.dirname(path.resolve(file))))) {
    const inFolder = files.filter((file) => path.dirname(path.resolve(file)) === folder);
    const names = new Set(inFolder.map((file) => path.basename(file)));
    const watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(settling);
      settling = setTimeout(() => {
        if (name === null || hasText(path.join(folder, name))) changed();
      }, SETTLE_MS);
    });
    watcher.on('error', (error) => log.warn(`${folder}: no longer watched: ${String(error)}`));
    watchers.push(watcher);
  }
  return () => {
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

/** An empty or absent file is being written: the last text of it stays in force. */
function hasText(file: string): boolean {
  return (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
