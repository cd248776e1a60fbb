/**
 * The two servers of `bench:carbon`, as real processes on free loopback ports: tallyd with its LMDB
 * store and Debian's carbon-cache with nothing that slows it down (no limits on creates or updates,
 * no tags, no log of updates). Both keep the same retentions.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { configureCarbon, spawnCarbon } from '../../test/support/carbon.ts';
import { freePort } from '../../test/support/free-port.ts';
import { cpuSecondsOf } from '../process-time.ts';
import { RETENTIONS } from './load.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const START_MS = 60_000;
/** Their own metrics are kept apart, as in carbon's example: those are of now, the load is older. */
const SCHEMAS = `[own]
pattern = ^(carbon|tallyd)\\.
retentions = 60s:1d

[all]
pattern = .*
retentions = ${RETENTIONS}
`;

const SETTINGS = `MAX_CACHE_SIZE = inf
ENABLE_TAGS = False
LOG_UPDATES = False
LOG_CREATES = False
LOG_CACHE_HITS = False
WHISPER_AUTOFLUSH = False
WHISPER_FALLOCATE_CREATE = True
`;

export interface Server {
  /** TCP, plaintext. */
  port: number;
  /** utime + stime of the process and of its children that ended, in seconds. */
  cpuSeconds(): number;
  rssBytes(): number;
  stop(): Promise<void>;
}

export interface Tallyd extends Server {
  http: number;
}

/** `profile`: a folder for --cpu-prof of all its threads. */
export async function startTallyd(folder: string, profile?: string): Promise<Tallyd> {
  fs.mkdirSync(folder);
  const schemas = path.join(folder, 'schemas.conf');
  fs.writeFileSync(schemas, SCHEMAS);
  const flags = ['--address', '127.0.0.1', '--mgmt-port', 'off', '--carbon-pickle-port', 'off']
    .concat(['--port', '0', '--carbon-port', '0', '--http-port', '0'])
    .concat(['--data-dir', path.join(folder, 'data'), '--storage-schemas', schemas]);
  const node = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const args = [...node, '--import', 'tsx', 'src/main.ts', 'start', ...flags];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const addresses = await addressesOf(child);
  const portOf = (kind: string): number => {
    const address = addresses.find((text) => text.startsWith(kind));
    return Number(address?.slice(address.lastIndexOf(':') + 1));
  };
  return { ...serverOf(child), port: portOf('carbon tcp'), http: portOf('http') };
}

/** From the line that tallyd logs when it is up. */
async function addressesOf(child: ChildProcess): Promise<string[]> {
  let text = '';
  child.stderr!.on('data', (data: Buffer) => (text += data.toString())); // piped
  const deadline = performance.now() + START_MS;
  for (;;) {
    const up = text.split('\n').find((line) => line.includes('tallyd is up'));
    if (up !== undefined) return (JSON.parse(up) as { addresses: string[] }).addresses;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`tallyd did not start: ${text}`);
    }
    await delay(50);
  }
}

/** Whisper files come into `folder`/whisper. */
export async function startCarbon(folder: string): Promise<Server> {
  const port = await freePort();
  await configureCarbon(folder, { port, schemas: SCHEMAS, settings: SETTINGS });
  return { ...serverOf(await spawnCarbon(folder, port)), port };
}

function serverOf(child: ChildProcess): Omit<Server, 'port'> {
  const exited = once(child, 'exit');
  return {
    cpuSeconds: () => cpuSecondsOf(child.pid!), // it has started
    rssBytes: () => {
      const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) * 1024;
    },
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}
