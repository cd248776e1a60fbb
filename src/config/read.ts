/**
 * Finds and reads the configuration file, if there is one, and joins it with environment and flags. The only
 * part of `config/` that touches the disk; storage's own files are read by whoever needs them.
 */
import fs from 'node:fs';
import os from 'node:os';
import type { Config } from './config.ts';
import type { Finding } from './findings.ts';
import { loadConfig, type LoadInput } from './load.ts';

/** Where the configuration is looked for when none is named; the first that is there counts. */
const PLACES = ['config/tallyd.json5', '/etc/tallyd/tallyd.json5'];

/** The configuration file in force: that of the flag, of TALLYD_CONFIG, or of a place that has one. */
export function configFile(
  flag: string | undefined,
  places: readonly string[] = PLACES,
): string | undefined {
  const named = flag ?? process.env['TALLYD_CONFIG'];
  if (named !== undefined && named !== '') return named;
  return places.find((place) => fs.existsSync(place));
}

/** A file that cannot be read is an error among the findings, like everything else in it. */
export function readConfig(
  path: string | undefined,
  env: LoadInput['env'],
  flags: LoadInput['flags'],
): { config: Config; findings: Finding[] } {
  const here = thisMachine();
  if (path === undefined) return loadConfig({ file: undefined, text: undefined, env, flags, here });
  let text: string | undefined;
  let unreadable: Finding | undefined;
  try {
    text = fs.readFileSync(path, 'utf8');
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error);
    unreadable = { severity: 'error', text: `${path}: ${reason}, expected a readable JSON5 file` };
  }
  const { config, findings } = loadConfig({ file: path, text, env, flags, here });
  return { config, findings: unreadable === undefined ? findings : [unreadable, ...findings] };
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
};

/** Its name and addresses: what is sent to one of them may come back. */
export function thisMachine(): string[] {
  const addresses = Object.values(os.networkInterfaces()).flatMap(
    (list) => list?.map(({ address }) => address) ?? [],
  );
  return [os.hostname().toLowerCase(), ...addresses];
}
