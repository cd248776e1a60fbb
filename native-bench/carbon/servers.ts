/**
 * The two servers of `bench:carbon`, as real processes on free loopback ports: tallyd with its LMDB
 * store and Debian's carbon-cache with nothing that slows it down (no limits on creates or updates,
 * no tags, no log of updates). Both keep the same retentions.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RETENTIONS } from './load.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const CARBON = '/usr/bin/carbon-cache';
const START_MS = 60_000;
/** Their own metrics are kept apart, as in carbon's example: those are of now, the load is older. */
const SCHEMAS = `[own]
pattern = ^(carbon|tallyd)\\.
retentions = 60s:1d

[all]
pattern = .*
retentions = ${RETENTIONS}
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

export const hasCarbon = fs.existsSync(CARBON);

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
  fs.mkdirSync(path.join(folder, 'whisper'), { recursive: true });
  const port = await freePort();
  fs.writeFileSync(
    path.join(folder, 'carbon.conf'),
    `[cache]
STORAGE_DIR = ${folder}
LOCAL_DATA_DIR = ${folder}/whisper
CONF_DIR = ${folder}
LOG_DIR = ${folder}
PID_DIR = ${folder}
USER =
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${port}
PICKLE_RECEIVER_PORT = 0
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = ${await freePort()}
MAX_CACHE_SIZE = inf
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
ENABLE_TAGS = False
LOG_UPDATES = False
LOG_CREATES = False
LOG_CACHE_HITS = False
WHISPER_AUTOFLUSH = False
WHISPER_FALLOCATE_CREATE = True
`,
  );
  fs.writeFileSync(path.join(folder, 'storage-schemas.conf'), SCHEMAS);
  fs.writeFileSync(path.join(folder, 'storage-aggregation.conf'), '');
  const flags = [`--config=${folder}/carbon.conf`, `--pidfile=${folder}/pid`, '--nodaemon'];
  const child = spawn(CARBON, [...flags, `--logdir=${folder}`, 'start'], { stdio: 'ignore' });
  const deadline = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`carbon-cache did not start, exit code ${child.exitCode}`);
    }
    await delay(50);
  }
  return { ...serverOf(child), port };
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

/** Fields 14 to 17 of proc(5)'s stat; a tick is a hundredth of a second on every Linux in use. */
function cpuSecondsOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command, in parentheses, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
