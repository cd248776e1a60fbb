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
export function hasCarbon(): boolean {
  return fs.existsSync(CARBON);
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

  private constructor(folder: string, port: number, queryPort: number) {
    this.folder = folder;
    this.port = port;
    fs.mkdirSync(path.join(folder, 'whisper'));
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
CACHE_QUERY_PORT = ${queryPort}
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_UPDATES_PER_SECOND_ON_SHUTDOWN = inf
`,
    );
    fs.writeFileSync(
      path.join(folder, 'storage-schemas.conf'),
      '[all]\npattern = .*\nretentions = 1s:1h\n',
    );
    fs.writeFileSync(path.join(folder, 'storage-aggregation.conf'), '');
  }

  static async make(): Promise<Carbon> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-carbon-'));
    return new Carbon(folder, await freePort(), await freePort());
  }

  async start(): Promise<void> {
    const { folder, port } = this;
    fs.rmSync(path.join(folder, 'pid'), { force: true });
    const flags = [`--config=${folder}/carbon.conf`, `--pidfile=${folder}/pid`, '--nodaemon'];
    const child = spawn(CARBON, [...flags, `--logdir=${folder}`, 'start'], { stdio: 'ignore' });
    this.child = child;
    const deadline = performance.now() + 60_000;
    while (!(await accepts(port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`carbon-cache did not start, exit code ${child.exitCode}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
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
