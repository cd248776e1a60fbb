/**
 * Client libraries from npm that are installed for a run into a temporary folder: old ones have no
 * place among our dependencies. Their install scripts do not run.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../support/program.ts';
import type { Found } from './program.ts';

const VERSIONS = {
  'node-statsd': '0.1.1',
  'statsd-client': '0.4.7',
  lynx: '0.2.0',
  statsd: '0.9.0',
};
const INSTALL_MS = 120_000;

/** What hot-shots needs for unix datagrams; it is compiled where it is installed. */
const UNIX_DGRAM = { 'hot-shots': '17.1.1', 'unix-dgram': '2.0.7' };

let plain: Promise<string> | undefined;
let compiled: Promise<string> | undefined;

/** The folder that has the client libraries; the first call installs. */
export async function npmFolder(): Promise<string> {
  plain ??= install(VERSIONS, ['--ignore-scripts']);
  return plain;
}

/** The folder with a hot-shots that knows unix datagrams. */
export async function unixDgramFolder(): Promise<string> {
  compiled ??= install(UNIX_DGRAM, []);
  return compiled;
}

async function install(versions: Record<string, string>, more: string[]): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-npm-'));
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  const flags = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', ...more];
  const options = { cwd: folder, timeout: INSTALL_MS };
  await promisify(execFile)('npm', ['install', ...flags, ...packages], options);
  return folder;
}

export async function findNpm(name: keyof typeof VERSIONS): Promise<Found> {
  return found(npmFolder, name, `npm's ${name}@${VERSIONS[name]}`);
}

export async function findUnixDgram(): Promise<Found> {
  const needed = "npm's unix-dgram, and a compiler for it";
  const hotShots = await found(unixDgramFolder, 'hot-shots', needed);
  if ('missing' in hotShots) return hotShots;
  const folder = path.join(await unixDgramFolder(), 'node_modules/unix-dgram');
  const isBuilt = fs.existsSync(path.join(folder, 'build/Release/unix_dgram.node'));
  return isBuilt ? hotShots : { missing: needed };
}

async function found(folder: () => Promise<string>, name: string, needed: string): Promise<Found> {
  try {
    return versionIn(await folder(), name);
  } catch (error) {
    return { missing: `${needed}: ${String(error).split('\n')[0]}` };
  }
}

/** A development dependency of ours. */
export function findOwn(name: string): Found {
  return versionIn(ROOT, name);
}

function versionIn(folder: string, name: string): Found {
  const file = path.join(folder, 'node_modules', name, 'package.json');
  return { version: (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version };
}
