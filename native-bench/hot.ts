/**
 * From byte to counter: CPU time and allocation per metric at 1,000 and 100,000 names, beside the
 * same algorithm in C (hot.c, compiled here with gcc -O3). Traffic: 60 % counters, 30 % timers,
 * 10 % gauges, 46 lines a packet. Prints the best slice of each (9,200
 * metrics), since the machine may be shared.
 * Run: npm run bench:hot
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { Aggregator } from '../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../src/config/load.ts';

const LINES_A_PACKET = 46;
const PACKETS = 22_000;
const LINES = PACKETS * LINES_A_PACKET;
const ROUNDS = 12;
/** Packets between two looks at the clock: a slice of some milliseconds that may stay undisturbed. */
const SLICE = 200;
const SLACK = 64;

interface Traffic {
  bytes: Buffer;
  ends: Uint32Array;
}

interface Result {
  ns: number;
  /** Counters added up: shows that both did the same work. */
  sum: number;
  bad: number;
}

/** Lines of about 30 bytes, names drawn at random; the same for both. */
function makeTraffic(names: number): Traffic {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const packets: string[] = [];
  for (let first = 0; first < LINES; first += LINES_A_PACKET) {
    const lines: string[] = [];
    for (let i = 0; i < LINES_A_PACKET; i++) {
      const name = random(names);
      const type = name % 10 < 6 ? 'c' : name % 10 < 9 ? 'ms' : 'g';
      lines.push(`web${name % 7}.api.${name}.hits:${random(100_000) / 10}|${type}`);
    }
    packets.push(`${lines.join('\n')}\n`);
  }
  let end = 0;
  const ends = Uint32Array.from(packets, (packet) => (end += packet.length));
  return { bytes: Buffer.concat([Buffer.from(packets.join('')), Buffer.alloc(SLACK)]), ends };
}

const EXTENDED = dialectCode('extended');

function runTypeScript({ bytes, ends }: Traffic): Result & { allocated: number } {
  const aggregator = new Aggregator(DEFAULT_CONFIG.aggregation, {
    wantSketches: false,
    hashSeed: 0x1234567,
  });
  let ns = Infinity;
  let allocated = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    let from = 0;
    for (let first = 0; first < PACKETS; first += SLICE) {
      const started = process.cpuUsage();
      for (let i = first; i < first + SLICE; i++) {
        const to = ends[i]!;
        aggregator.packet(bytes, from, to, EXTENDED, false);
        from = to;
      }
      const { user, system } = process.cpuUsage(started);
      ns = Math.min(ns, ((user + system) * 1000) / (SLICE * LINES_A_PACKET));
    }
    allocated = Math.min(allocated, (process.memoryUsage().heapUsed - heap) / LINES);
  }
  let sum = 0;
  for (const [name, value] of aggregator.inspect('counters')) {
    if (!name.startsWith('statsd.')) sum += value as number;
  }
  return { ns, allocated, sum, bad: aggregator.health().badLinesSeen };
}

function runC({ bytes, ends }: Traffic, folder: string): Result {
  const file = path.join(folder, 'lines');
  const endsFile = path.join(folder, 'ends');
  writeFileSync(file, bytes.subarray(0, bytes.length - SLACK));
  writeFileSync(endsFile, ends);
  const args = [file, endsFile, String(LINES_A_PACKET), String(ROUNDS)];
  return JSON.parse(execFileSync(path.join(folder, 'hot'), args, { encoding: 'utf8' })) as Result;
}

function compile(folder: string): boolean {
  const source = new URL('hot.c', import.meta.url).pathname;
  const args = ['-O3', '-march=native', '-o', path.join(folder, 'hot'), source];
  return spawnSync('gcc', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout;
const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`hot path, Node ${process.version}, ${machine}, commit ${commit.trim()}`);
const folder = mkdtempSync(path.join(tmpdir(), 'tallyd-hot-'));
try {
  const compiled = compile(folder);
  if (!compiled) console.log('gcc is not there: no comparison with C');
  for (const names of [1000, 100_000]) {
    const traffic = makeTraffic(names);
    const js = runTypeScript(traffic);
    const line = `${names} names: ${js.ns.toFixed(0)} ns and ${js.allocated.toFixed(2)} bytes a metric`;
    if (!compiled) {
      console.log(line);
      continue;
    }
    const c = runC(traffic, folder);
    if (Math.abs(c.sum - js.sum) > 1e-6 * Math.abs(c.sum) || c.bad !== js.bad) {
      throw new Error(`not the same work: ${JSON.stringify({ js, c })}`);
    }
    console.log(`${line}; C ${c.ns.toFixed(0)} ns; ratio ${(js.ns / c.ns).toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
