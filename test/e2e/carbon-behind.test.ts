/**
 * Debian's carbon as the Graphite behind our backend, stopped and started under load: every interval
 * arrives, whether it waited in memory, on disk, or in a connection that broke. What carbon itself
 * held in memory when it was stopped is its own loss: up to two seconds before each stop.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Point, Server } from '../support/server.ts';
import { assert, describe } from '../support/suite.ts';
import { PYTHON } from '../storage/whisper/oracle.ts';

const CARBON = '/usr/bin/carbon-cache';
/** carbon writes once a second what it got, and forgets the rest when it ends. */
const CARBON_FORGETS_SECONDS = 2;
const MISSING = 'Debian package graphite-carbon is not installed';

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** carbon-cache on one port, which can be stopped and started. */
class Carbon {
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
    const deadline = performance.now() + 30_000;
    while (!(await accepts(port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`carbon-cache did not start, exit code ${child.exitCode}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    const from = Date.now() / 1000 - CARBON_FORGETS_SECONDS;
    child.kill('SIGTERM');
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

describe('e2e/carbon behind', (it) => {
  const name = 'gets every interval, however often it is restarted';
  if (!fs.existsSync(CARBON)) {
    it.skipAloud(name, MISSING);
    return;
  }
  const body = async (): Promise<void> => {
    const carbon = await Carbon.make();
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-'));
    const schemas = path.join(carbon.folder, 'storage-schemas.conf');
    const flags = ['--graphite-host', '127.0.0.1', '--graphite-port', String(carbon.port)];
    flags.push('--storage-schemas', schemas);
    let server = await Server.start(flags, dataDir);
    const socket = dgram.createSocket('udp4');
    let sent = 0;
    const load = setInterval(() => {
      socket.send('hits:3|c', server.port('statsd udp'), '127.0.0.1');
      sent += 3;
    }, 10);
    const queued = async (): Promise<number> => {
      const page = await (await server.get('/metrics')).text();
      return Number(/^tallyd_graphite_queued (\d+)$/m.exec(page)?.[1]);
    };
    const stored = async (): Promise<Point[]> =>
      (await server.render('stats_counts.hits', '-5min')).get('stats_counts.hits') ?? [];
    /** What tallyd stored and carbon has not, or otherwise. */
    const wrong = (own: readonly Point[]): Point[] => {
      const theirs = carbon.points('stats_counts.hits');
      return own.filter(({ time, value }) => {
        const known = theirs.get(time);
        return known === undefined ? !carbon.forgot(time) : known !== value;
      });
    };
    try {
      // Away from the start, then once more, when tallyd itself is restarted meanwhile.
      await server.until(async () => (await queued()) >= 4, 'flushes wait');
      const waited = await stored();
      await carbon.start();
      // It gets them at once and writes them in its own time: a stop before that is its own loss.
      await server.until(() => wrong(waited).length === 0, 'carbon has those that waited');
      await carbon.stop();
      await server.until(async () => (await queued()) >= 4, 'flushes wait again');
      clearInterval(load);
      await server.signal('SIGTERM');
      server = await Server.start(flags, dataDir);
      await carbon.start();
      const own = await stored();
      await server.until(() => wrong(own).length === 0, 'carbon has written all').catch(() => {});
      assert.equal(wrong(own), []);
      assert.ok(own.length >= 4, `${own.length} intervals`);
      let sum = 0;
      for (const { value } of own) sum += value ?? 0;
      assert.is(sum, sent);
    } finally {
      clearInterval(load);
      socket.close();
      await server.remove();
      await carbon.remove();
    }
  };
  it(name, body, { timeoutMs: 120_000 });
});
