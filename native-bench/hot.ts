/**
 * From byte to counter: CPU time and allocation per metric for each shape of traffic.ts, beside the
 * same algorithm in C (hot.c, compiled here with gcc -O3) on the same bytes. Prints the best slice of
 * each (some 9,200 metrics), since the machine may be shared, and what a shape costs beside plain30.
 * A figure that is not what goals.ts holds it to is marked MISSED.
 *
 *     npm run bench                    all shapes, 1,000 to 1,000,000 names, with a JSON beside it
 *     npm run bench:hot -- [--shapes plain30,tags8] [--names 1000,100000] [--json FILE]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { missedOf, type Row } from './goals.ts';
import { Aggregator } from '../src/ingest/aggregate/aggregator.ts';
import { dialectCode } from '../src/config/dialects.ts';
import { DEFAULT_CONFIG } from '../src/config/load.ts';
import { makeTraffic, SHAPE_NAMES, SLACK_BYTES, type Traffic } from './traffic.ts';

const LINES = 460_000;
const ROUNDS = 10;
/** Metrics between two looks at the clock: a slice of a millisecond or two may stay undisturbed. */
const SLICE_METRICS = 9200;

interface Result {
  ns: number;
  /** Counters added up: shows that both did the same work. */
  sum: number;
  bad: number;
}

const EXTENDED = dialectCode('extended');

function sliceOf({ ends, metrics }: Traffic): number {
  return Math.min(ends.length, Math.ceil((SLICE_METRICS * ends.length) / metrics));
}

function runTypeScript(traffic: Traffic): Result & { allocated: number } {
  const { bytes, ends, metrics } = traffic;
  const aggregator = new Aggregator(DEFAULT_CONFIG.aggregation, {
    wantSketches: false,
    hashSeed: 0x1234567,
  });
  const slice = sliceOf(traffic);
  const inSlice = (slice * metrics) / ends.length;
  let ns = Infinity;
  let allocated = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    let from = 0;
    for (let first = 0; first + slice <= ends.length; first += slice) {
      const started = process.cpuUsage();
      for (let i = first; i < first + slice; i++) {
        const to = ends[i]!;
        aggregator.packet(bytes, from, to, EXTENDED, false);
        from = to;
      }
      const { user, system } = process.cpuUsage(started);
      ns = Math.min(ns, ((user + system) * 1000) / inSlice);
    }
    for (let i = ends.length - (ends.length % slice); i < ends.length; i++) {
      aggregator.packet(bytes, i === 0 ? 0 : ends[i - 1]!, ends[i]!, EXTENDED, false);
    }
    allocated = Math.min(allocated, (process.memoryUsage().heapUsed - heap) / metrics);
  }
  let sum = 0;
  for (const [name, value] of aggregator.inspect('counters')) {
    if (!name.startsWith('statsd.')) sum += value as number;
  }
  return { ns, allocated, sum, bad: aggregator.health().badLinesSeen };
}

function runC(traffic: Traffic, folder: string): Result {
  const { bytes, ends, metrics } = traffic;
  const file = path.join(folder, 'lines');
  const endsFile = path.join(folder, 'ends');
  writeFileSync(file, bytes.subarray(0, bytes.length - SLACK_BYTES));
  writeFileSync(endsFile, ends);
  const args = [file, endsFile, metrics, ROUNDS, sliceOf(traffic)].map(String);
  return JSON.parse(execFileSync(path.join(folder, 'hot'), args, { encoding: 'utf8' })) as Result;
}

function compile(folder: string): boolean {
  const source = new URL('hot.c', import.meta.url).pathname;
  const args = ['-O3', '-march=native', '-o', path.join(folder, 'hot'), source];
  return spawnSync('gcc', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function measure(shape: (typeof SHAPE_NAMES)[number], names: number, folder?: string): Row {
  const traffic = makeTraffic(shape, { names, lines: LINES });
  const { ns, allocated, sum, bad } = runTypeScript(traffic);
  const lineBytes = traffic.bytes.length / traffic.lines;
  const row: Row = { shape, names, lineBytes, ns, allocated };
  if (folder === undefined) return row;
  const c = runC(traffic, folder);
  if (Math.abs(c.sum - sum) > 1e-6 * Math.abs(c.sum) || c.bad !== bad) {
    throw new Error(`${shape}: not the same work: ${JSON.stringify({ sum, bad, c })}`);
  }
  return { ...row, cNs: c.ns };
}

const COLUMNS = [
  'shape',
  'names',
  'B a line',
  'ns a metric',
  'B of heap',
  'of plain30',
  'C ns',
  'of C',
];

function print(cells: readonly string[]): void {
  const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(11) : cell.padStart(11)));
  console.log(padded.join(' ').trimEnd());
}

function printRow(row: Row, rows: readonly Row[]): void {
  const { shape, names, lineBytes, ns, allocated, cNs } = row;
  const base = rows.find((other) => other.shape === 'plain30' && other.names === names);
  const missed = missedOf(row, rows);
  print([
    shape,
    String(names),
    lineBytes.toFixed(0),
    ns.toFixed(0),
    allocated.toFixed(2),
    base === undefined ? '' : (ns / base.ns).toFixed(2),
    cNs === undefined ? '' : cNs.toFixed(0),
    cNs === undefined ? '' : (ns / cNs).toFixed(2),
    missed.length === 0 ? '' : ` MISSED: ${missed.join(', ')}`,
  ]);
}

const { values: flags } = parseArgs({
  options: {
    shapes: { type: 'string', default: SHAPE_NAMES.join(',') },
    names: { type: 'string', default: '1000,100000' },
    json: { type: 'string' },
  },
});
const wanted = flags.shapes.split(',');
const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
const commit = git.stdout.trim();
const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`hot path, Node ${process.version}, ${machine}, commit ${commit}`);
const folder = mkdtempSync(path.join(tmpdir(), 'tallyd-hot-'));
const rows: Row[] = [];
try {
  const compiled = compile(folder);
  if (!compiled) console.log('gcc is not there: no comparison with C');
  print(COLUMNS);
  for (const names of flags.names.split(',').map(Number)) {
    for (const shape of SHAPE_NAMES.filter((name) => wanted.includes(name))) {
      const row = measure(shape, names, compiled ? folder : undefined);
      rows.push(row);
      printRow(row, rows);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (flags.json !== undefined) {
  const results = rows.map((row) => ({ ...row, missed: missedOf(row, rows) }));
  const report = { node: process.version, machine, commit, rows: results };
  writeFileSync(flags.json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`written to ${flags.json}`);
}
