/** Debian's carbon-cache as a child process, which can be stopped, killed and started. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PYTHON } from '../storage/whisper/oracle.ts';
import { freePort } from './free-port.ts';
import { assert } from './suite.ts';

const CARBON = '/usr/bin/carbon-cache';
const START_MS = 60_000;

export function hasCarbon(): boolean {
  return fs.existsSync(CARBON);
}

/** Writes its files: plaintext on loopback, no limits; `schemas` are storage-schemas.conf. */
export async function configureCarbon(
  folder: string,
  { port, schemas, settings = '' }: { port: number; schemas: string; settings?: string },
): Promise<void> {
  fs.mkdirSync(path.join(folder, 'whisper'), { recursive: true });
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
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
${settings}`,
  );
  fs.writeFileSync(path.join(folder, 'storage-schemas.conf'), schemas);
  fs.writeFileSync(path.join(folder, 'storage-aggregation.conf'), '');
}

/** Resolves when it listens on the port that its folder was configured with. */
export async function spawnCarbon(folder: string, port: number): Promise<ChildProcess> {
  fs.rmSync(path.join(folder, 'pid'), { force: true });
  const flags = [`--config=${folder}/carbon.conf`, `--pidfile=${folder}/pid`, '--nodaemon'];
  const child = spawn(CARBON, [...flags, `--logdir=${folder}`, 'start'], { stdio: 'ignore' });
  const deadline = performance.now() + START_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`carbon-cache did not start, exit code ${child.exitCode}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

/** carbon writes once a second what it got, and forgets the rest when it ends. */
const CARBON_FORGETS_SECONDS = 2;

/** carbon-cache on one port, which can be stopped and started. */
export class Carbon {
  readonly folder: string;
  readonly port: number;
  /** Epoch seconds in which points were taken that it did not live to write. */
  readonly lost: { from: number; until: number }[] = [];
  private child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async make(): Promise<Carbon> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-carbon-'));
    const port = await freePort();
    await configureCarbon(folder, {
      port,
      schemas: '[all]\npattern = .*\nretentions = 1s:1h\n',
      settings: 'MAX_UPDATES_PER_SECOND_ON_SHUTDOWN = inf\n',
    });
    return new Carbon(folder, port);
  }

  async start(): Promise<void> {
    this.child = await spawnCarbon(this.folder, this.port);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    const from = Date.now() / 1000 - CARBON_FORGETS_SECONDS;
    child.kill(signal);
    await exit;
    this.lost.push({ from, until: Date.now() / 1000 });
  }

  /** Known values of a series by time. */
  points(name: string): Map<number, number> {
    const file = path.join(this.folder, 'whisper', `${name.replaceAll('.', '/')}.wsp`);
    const script =
      'import json, sys, whisper\n' +
      '(start, end, step), values = whisper.fetch(sys.argv[1], 0)\n' +
      'print(json.dumps([[start + i * step, v] for i, v in enumerate(values) if v is not None]))';
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', script, file], { encoding: 'utf8' });
    // No file yet is no point.
    if (stderr.includes('FileNotFoundError')) return new Map();
    assert.is(stderr, '');
    return new Map(JSON.parse(stdout) as [number, number][]);
  }

  /** Whether a point may have been in memory at a stop. */
  forgot(time: number): boolean {
    return this.lost.some(({ from, until }) => time >= Math.floor(from) && time <= until);
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true });
  }
}

export async function accepts(port: number): Promise<boolean> {
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
