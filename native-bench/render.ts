/**
 * What answering costs: `npm run bench:render`. Debian's graphite-web (one worker, no caches) and
 * tallyd (`noCache`) answer the same requests over the same whisper data in one run, one after the
 * other, warmed, four requests at once; ratios are of requests a second. Needs Debian's graphite-web;
 * says so where it is missing. `-- --only png` runs those with that in their name.
 *
 *     1,000 series 10s:6h,1m:7d       sums, groups, moving averages, a dashboard of 40 panels, pictures
 *     100,000 more names, no data     finds
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { picturesAtOnce } from './pictures-at-once.ts';
import { cpuSecondsOf } from './process-time.ts';
import { parseRetentions } from '../src/storage/retention/retentions.ts';
import { writeWhisper } from '../src/storage/whisper/write.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MAIN = path.join(HERE, '../src/main.ts');
const PYTHON = '/usr/bin/python3';
const CENTRES = 10;
const HOSTS = 100;
const FIND_HOSTS = 1000;
const FIND_METRICS = 100;
const PANELS = 40;
/** As many as a browser opens to one host. */
const PANEL_CONNECTIONS = 6;
/** One kind of request is repeated for so long, and at least so often. */
const MEASURE_MS = 4000;
const REPEATS_MIN = 12;
/** Requests under way at once: what a client takes for itself is not the server's time. */
const CONNECTIONS = 4;
const WARM_ROUNDS = 3;
const BURSTS = 5;
const HEALTH_EVERY_MS = 2;

interface Server {
  name: string;
  port: number;
  pid: number;
  statsdPort?: number;
  stop(): Promise<void>;
}

interface Shape {
  name: string;
  aim: number;
  /** Requests of one go; more than one are sent over several connections. */
  paths: string[];
  /** Whether the answer is a picture. */
  isPicture?: boolean;
  /** Whether the slowest of a go counts, not the number of requests. */
  burst?: boolean;
}

const now = Math.floor(Date.now() / 60_000) * 60;

function render(target: string, from: string): string {
  const query = new URLSearchParams({ target, from, format: 'json', maxDataPoints: '1000' });
  return `/render?${query.toString()}&noCache=1`;
}

function picture(target: string, from: string): string {
  const query = new URLSearchParams({ target, from, width: '800', height: '400' });
  return `/render?${query.toString()}&noCache=1`;
}

const SHAPES: Shape[] = [
  {
    name: 'png of 10 series x 6 h',
    aim: 10,
    paths: [picture('servers.dc0.web00*.load', '-6h')],
    isPicture: true,
  },
  {
    name: 'png of 100 series x 7 d',
    aim: 10,
    paths: [picture('servers.dc0.*.load', '-7d')],
    isPicture: true,
  },
  {
    name: 'sumSeries, 1,000 series x 6 h',
    aim: 10,
    paths: [render('sumSeries(servers.*.*.load)', '-6h')],
  },
  {
    name: 'groupByNode, 1,000 series x 6 h',
    aim: 10,
    paths: [render("groupByNode(servers.*.*.load,1,'sum')", '-6h')],
  },
  {
    name: 'movingAverage, 200 series x 7 d',
    aim: 10,
    paths: [render("movingAverage(servers.dc{0,1}.*.load,'1hour')", '-7d')],
  },
  {
    name: `dashboard of ${PANELS} panels, p99 of a panel`,
    aim: 10,
    paths: Array.from({ length: PANELS }, (_, i) =>
      render(`aliasByNode(servers.dc${i % CENTRES}.web0${Math.floor(i / CENTRES)}*.load,2)`, '-6h'),
    ),
    burst: true,
  },
  {
    name: 'find, 1,000 of 100,000 names',
    aim: 50,
    paths: ['/metrics/find?query=find.*.metric07&format=treejson'],
  },
  { name: 'find, one folder of 1,000', aim: 50, paths: ['/metrics/find?query=find.*'] },
  {
    name: "find, a mix as Grafana's editor asks",
    aim: 50,
    paths: [
      'servers.*', // a folder of ten
      'find.*', // one of a thousand
      'find.host0500.*', // one of a hundred
      'find.*99*', // a word, 19 of a thousand
      'find.host05*.metric4*', // 1,000 of 100,000
      'find.host0500.metric42', // one name
    ].map((query) => `/metrics/find?query=${query}`),
  },
];

const { values: flags } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const chosen = SHAPES.filter(({ name }) => name.includes(flags.only));

function makeWhisper(folder: string): void {
  const archives = parseRetentions('10s:6h,1m:7d');
  const centres = chosen.every(({ isPicture }) => isPicture === true) ? 1 : CENTRES;
  for (let i = 0; i < centres * HOSTS; i++) {
    const data = archives.map(({ step, points }) => {
      const times = Float64Array.from({ length: points }, (_, p) => now - step * (points - 1 - p));
      const values = times.map((time) => Math.round(5000 + 4000 * Math.sin(time / 3600 + i)) / 100);
      return { step, times, values };
    });
    const host = `web${String(i % HOSTS).padStart(3, '0')}`;
    const file = path.join(folder, 'servers', `dc${Math.floor(i / HOSTS)}`, host, 'load.wsp');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const head = { archives, aggregationMethod: 'average' as const, xFilesFactor: 0.5 };
    fs.writeFileSync(file, writeWhisper({ ...head, data }));
  }
  if (!chosen.some(({ name }) => name.startsWith('find'))) return;
  const tiny = parseRetentions('1m:2m');
  const empty = { archives: tiny, aggregationMethod: 'average' as const, xFilesFactor: 0.5 };
  const none = { step: 60, times: new Float64Array(0), values: new Float64Array(0) };
  const unfilled = writeWhisper({ ...empty, data: [none] });
  for (let host = 0; host < FIND_HOSTS; host++) {
    const at = path.join(folder, 'find', `host${String(host).padStart(4, '0')}`);
    fs.mkdirSync(at, { recursive: true });
    for (let metric = 0; metric < FIND_METRICS; metric++) {
      fs.writeFileSync(path.join(at, `metric${String(metric).padStart(2, '0')}.wsp`), unfilled);
    }
  }
}

async function startGraphite(storage: string): Promise<Server> {
  const child = spawn(PYTHON, [path.join(HERE, 'graphite_web.py'), storage], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const port = Number(await firstLine(child));
  return { name: 'graphite-web', port, pid: child.pid!, stop: () => ended(child, 'SIGTERM') };
}

async function startTallyd(dataDir: string): Promise<Server> {
  const flags = ['--port=0', '--mgmt-port=0', '--carbon-port=0', '--carbon-pickle-port=0'];
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', MAIN, 'start', ...flags, '--http-port=0', '--data-dir', dataDir],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  for await (const line of createInterface({ input: child.stderr })) {
    const port = /http [^ ,"]*:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stderr.resume();
    const stop = (): Promise<void> => ended(child, 'SIGTERM');
    const statsdPort = Number(/statsd udp [^ ,"]*:(\d+)/.exec(line)?.[1]);
    return { name: 'tallyd', port: Number(port), statsdPort, pid: child.pid!, stop };
  }
  throw new Error('tallyd ended before it was up');
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line; // piped
  throw new Error('graphite-web ended before it was up');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** Connections are kept where the server keeps them, as Grafana does. */
const agent = new http.Agent({ keepAlive: true });

/** The whole answer. */
function ask(port: number, url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: url, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${url}: ${response.statusCode}`));
      });
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

interface Answered {
  target?: string;
  datapoints?: unknown[];
}

/** Both must have answered the same series with as many datapoints: no bench of empty answers. */
async function compare(shape: Shape, servers: readonly Server[]): Promise<string> {
  const { name, paths } = shape;
  if (shape.isPicture) return comparePictures(shape, servers);
  let total = 0;
  let totalPoints = 0;
  for (const url of paths) {
    const sizes: string[] = [];
    for (const { port } of servers) {
      const found = JSON.parse((await ask(port, url)).toString('utf8')) as Answered[];
      const points = found.reduce((sum, { datapoints }) => sum + (datapoints?.length ?? 0), 0);
      sizes.push(`${found.length} with ${points} datapoints`);
      total += found.length;
      totalPoints += points;
    }
    if (sizes.some((size) => size !== sizes[0] || size.startsWith('0'))) {
      throw new Error(`${name}: answers differ or are empty: ${sizes.join(' and ')}`);
    }
  }
  return `${total / servers.length} with ${totalPoints / servers.length} datapoints`;
}

/** Of pictures both must have drawn one of the same size. */
async function comparePictures(
  { name, paths }: Shape,
  servers: readonly Server[],
): Promise<string> {
  for (const { port, name: server } of servers) {
    const png = await ask(port, paths[0]!); // there are some
    const size = `${png.readUInt32BE(16)} x ${png.readUInt32BE(20)}`;
    // One without lines would be a few kilobytes.
    if (size !== '800 x 400' || png.length < 10_000) {
      throw new Error(`${name}: ${server} drew ${size}, ${png.length} bytes`);
    }
  }
  return '800 x 400 dots each';
}

/**
 * Milliseconds a request with a few at once, warmed; of a burst the 99th percentile of its panels
 * over all bursts.
 */
async function measure(
  { port, pid }: Server,
  { paths, burst, isPicture }: Shape,
): Promise<{ ms: number; cpuMs: number }> {
  // Code that draws is compiled while it runs: long ago on a server that stays up.
  const warmUntil = performance.now() + (isPicture === true ? MEASURE_MS : 0);
  for (let round = 0; round < WARM_ROUNDS || performance.now() < warmUntil; round++) {
    await panels(port, paths);
  }
  const before = cpuSecondsOf(pid);
  const cpuOf = (requests: number): number => ((cpuSecondsOf(pid) - before) * 1000) / requests;
  if (burst === true) {
    const times: number[] = [];
    for (let round = 0; round < BURSTS; round++) times.push(...(await panels(port, paths)));
    times.sort((a, b) => a - b);
    const ms = times[Math.ceil(times.length * 0.99) - 1]!; // there are some
    return { ms, cpuMs: cpuOf(times.length) };
  }
  const started = performance.now();
  let count = 0;
  const connection = async (): Promise<void> => {
    while (count < REPEATS_MIN || performance.now() - started < MEASURE_MS) {
      await ask(port, paths[count++ % paths.length]!); // there are some
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return { ms: (performance.now() - started) / count, cpuMs: cpuOf(count) };
}

/** All panels at once, as a browser loads them; times count from the opening of the dashboard. */
async function panels(port: number, paths: readonly string[]): Promise<number[]> {
  const started = performance.now();
  const times: number[] = [];
  const waiting = [...paths];
  const connection = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      await ask(port, url);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: PANEL_CONNECTIONS }, connection));
  return times;
}

/** Milliseconds of requests to /health while others run, the slowest last. */
async function healthBeside(port: number, others: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const started = performance.now();
      await ask(port, '/health');
      times.push(performance.now() - started);
      await delay(HEALTH_EVERY_MS);
    }
  })();
  await others();
  isOver = true;
  await asking;
  return times.sort((a, b) => a - b);
}

function peakMegabytes(pid: number): string {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return `${Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)} MB`;
}

function hasGraphite(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import graphite, whisper'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  if (!hasGraphite()) {
    console.log('skipped: this bench compares with the Debian package graphite-web, not installed');
    return;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-bench-render-'));
  const servers: Server[] = [];
  try {
    const whisper = path.join(folder, 'whisper');
    console.error('writing whisper files …');
    makeWhisper(whisper);
    const dataDir = path.join(folder, 'data');
    console.error('importing them …');
    const verb = ['import', 'whisper', whisper, '--data-dir', dataDir];
    execFileSync(process.execPath, ['--import', 'tsx', MAIN, ...verb], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    servers.push(await startGraphite(folder), await startTallyd(dataDir));
    const rows = [];
    for (const shape of chosen) {
      console.error(`${shape.name}: ${await compare(shape, servers)}`);
      const found = [];
      for (const server of servers) {
        console.error(`  ${server.name} …`);
        found.push(await measure(server, shape));
      }
      const [theirs, ours] = found as [(typeof found)[0], (typeof found)[0]]; // of two servers
      const ratio = theirs.ms / ours.ms;
      rows.push({
        request: shape.name,
        'graphite-web ms': theirs.ms.toFixed(1),
        'tallyd ms': ours.ms.toFixed(2),
        ratio: ratio.toFixed(1),
        'CPU ms a request': `${theirs.cpuMs.toFixed(1)} and ${ours.cpuMs.toFixed(1)}`,
        aim: `>= ${shape.aim}`,
        met: ratio >= shape.aim ? 'yes' : 'no',
      });
    }
    console.log(`${os.cpus().length} x ${os.cpus()[0]?.model}, Node ${process.version}`);
    console.table(rows);
    const [, tallyd] = servers;
    const burst = chosen.find((shape) => shape.burst);
    const { port, pid } = tallyd!;
    if (burst !== undefined) {
      const health = await healthBeside(port, async () => {
        for (let round = 0; round < BURSTS; round++) await panels(port, burst.paths);
      });
      const p99 = health[Math.ceil(health.length * 0.99) - 1]!; // there are some
      console.log(`tallyd: /health while dashboards are loaded: p99 ${p99.toFixed(1)} ms`);
    }
    const subject = { pid, statsdPort: tallyd!.statsdPort!, ask: (url: string) => ask(port, url) };
    const one = picture('servers.dc0.web00*.load', '-6h');
    for (const line of await picturesAtOnce(subject, one)) console.log(line);
    for (const { name, pid } of servers) console.log(`${name}: peak memory ${peakMegabytes(pid)}`);
  } finally {
    agent.destroy();
    for (const server of servers) await server.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

await main();
