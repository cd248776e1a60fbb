/**
 * Reads the configuration file, if one is named, and joins it with environment and flags. The only
 * part of `config/` that touches the disk; storage's own files are read by whoever needs them.
 */
import fs from 'node:fs';
import os from 'node:os';
import type { Config } from './config.ts';
import type { Finding } from './findings.ts';
import { loadConfig, type LoadInput } from './load.ts';

/** A file that cannot be read is an error among the findings, like everything else in it. */
export function readConfig(
  path: string | undefined,
  env: LoadInput['env'],
  flags: LoadInput['flags'],
): { config: Config; findings: Finding[] } {
  const here = [os.hostname().toLowerCase(), ...ownAddresses()];
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

function ownAddresses(): string[] {
  return Object.values(os.networkInterfaces()).flatMap(
    (addresses) => addresses?.map(({ address }) => address) ?? [],
  );
}
