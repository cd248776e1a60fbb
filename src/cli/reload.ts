/**
 * Takes over a changed configuration while tallyd runs: on SIGHUP, and when a file that was read
 * changes. Broken files are told and change nothing. For `start`.
 */
import fs from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding } from '../config/findings.ts';
import type { Settings } from '../intake/settings.ts';
import { hasErrors, type SettingsRead } from './settings.ts';

/** StatsD takes a change over within a third of a second; two looks do, and each costs microseconds a file. */
const LOOK_MS = 100;
/** Between two reloads: signals may come by the thousand. */
const SPACING_MS = 100;
/** A signal that follows a save which was seen means the same. */
const SAME_SAVE_MS = 5000;
/** A cause takes in those before it. */
const CAUSES = ['rules', 'change', 'signal'] as const;

type Cause = (typeof CAUSES)[number];

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
 * Reads everything again and hands it to the daemon, one reload after the other: what comes while one
 * is under way is one more, however much it is. A change that only touched a file's date is none; a
 * signal always counts, but for the first behind a change that was taken over a moment ago. `rules`
 * takes the storage files over and leaves the configuration as it is.
 */
export function reloader(parts: {
  daemon: Reconfigurable;
  logger: Log;
  read: () => SettingsRead;
  first: SettingsRead;
}): (cause: Cause) => void {
  const { daemon, logger, read } = parts;
  let before = fingerprint(parts.first);
  let { config, access, accessText } = parts.first;
  /** When the files were last seen to have changed, unless a signal came since. */
  let changedMs = -Infinity;
  let isRunning = false;
  let waiting: Cause | undefined;
  const takeOver = async (settings: SettingsRead): Promise<void> => {
    isRunning = true;
    try {
      await daemon.reconfigure(settings);
    } catch (error) {
      logger.error(`the configuration could not be taken over: ${String(error)}`);
    }
    await delay(SPACING_MS, undefined, { ref: false });
    isRunning = false;
    const next = waiting;
    waiting = undefined;
    if (next !== undefined) reload(next);
  };
  const reload = (cause: Cause): void => {
    if (isRunning) {
      waiting = CAUSES[Math.max(CAUSES.indexOf(cause), CAUSES.indexOf(waiting ?? 'rules'))];
      return;
    }
    const found = read();
    // Rights go with the configuration that names their file.
    const settings = cause === 'rules' ? { ...found, config, access, accessText } : found;
    const now = fingerprint(settings);
    const isSeen = cause !== 'signal' || performance.now() - changedMs < SAME_SAVE_MS;
    changedMs = cause === 'change' && now !== before ? performance.now() : -Infinity;
    if (isSeen && now === before) return;
    before = now;
    logFindings(logger, settings.findings);
    if (hasErrors(settings.findings)) {
      logger.error('the configuration has errors, the one before stays in force');
      return;
    }
    ({ config, access, accessText } = settings);
    void takeOver(settings);
  };
  return reload;
}

function fingerprint(settings: SettingsRead): string {
  const { config, rules, sketches, carbonTexts, accessText, tls, findings } = settings;
  return JSON.stringify([config, rules.toData(), sketches, carbonTexts, accessText, tls, findings]);
}

/**
 * Calls back when one of the files has changed and been quiet for a moment; returns what ends it.
 * Files are looked at, not watched: what the kernel tells of a folder says nothing of a link that
 * leads out of it, as those of a Kubernetes ConfigMap do, nor of a folder on another machine.
 */
export function watchFiles(
  files: readonly string[] | (() => readonly string[]),
  changed: () => void,
): () => void {
  const seen = new Map<string, string | undefined>();
  const changing = new Set<string>();
  const look = async (): Promise<void> => {
    let isChanged = false;
    const names = typeof files === 'function' ? files() : files;
    // Together: one after the other each would wake this thread and another.
    const states = await Promise.all(names.map(stateOf));
    for (const [i, file] of names.entries()) {
      const now = states[i];
      if (!seen.has(file)) seen.set(file, now);
      // An empty or absent file is being written: the last text of it stays in force.
      if (now === undefined) continue;
      if (seen.get(file) !== now) {
        seen.set(file, now);
        changing.add(file);
      } else if (changing.delete(file)) isChanged = true;
    }
    if (isChanged) changed();
  };
  // At once: what changes from here on is a change.
  for (const file of typeof files === 'function' ? files() : files) {
    seen.set(file, stateText(fs.statSync(file, { throwIfNoEntry: false, bigint: true })));
  }
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

async function stateOf(file: string): Promise<string | undefined> {
  return stateText(await stat(file, { bigint: true }).catch(() => undefined));
}

/** Of the file behind all links; undefined when it has no text. */
function stateText(stats: fs.BigIntStats | undefined): string | undefined {
  if (stats === undefined || stats.size === 0n) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
