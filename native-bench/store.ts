/**
 * What the store claims, measured: `npm run bench:store`. Flushes of 100,000 series and a million,
 * reads, finds, a restart and the file's size, beside python3-whisper on the same retentions in the
 * same run. CPU time where it can be, since the machine may be shared. Figures are printed with
 * their aims; the exit code is 0 whatever they are.
 *
 *     npm run bench:store -- [--quick] [--series 100000] [--many 1000000] [--only flush,read,many,density]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FINE_POINTS, RETENTIONS, STEP } from './store-load.ts';
import type {
  DensityFigures,
  FlushFigures,
  PartOptions,
  ReadFigures,
  Spread,
  StartFigures,
} from './store-part.ts';

interface WhisperFigures {
  pointsACpuSecond: number;
  oneMs: number;
  manyMs: number;
  oneCpuMs: number;
  manyCpuMs: number;
  bytesASlot: number;
}

interface Row {
  what: string;
  tallyd: string;
  whisper?: string;
  ratio?: string;
  aim: string;
  met: boolean;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = '/usr/bin/python3';
const READS = 1000;
/** The finest ring full, and a chunk or two more. */
const FLUSHES = FINE_POINTS + 120;
const PARTS = ['flush', 'read', 'many', 'density'];

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    series: { type: 'string', default: '100000' },
    many: { type: 'string', default: '1000000' },
    only: { type: 'string', default: PARTS.join(',') },
  },
});
const { quick } = flags;
const series = quick ? Math.min(20_000, Number(flags.series)) : Number(flags.series);
const many = quick ? Math.min(100_000, Number(flags.many)) : Number(flags.many);
const parts = new Set(flags.only.split(','));
const rows: Row[] = [];
const notes: string[] = [];

function runPart<Figures>(part: string, options: PartOptions): Promise<Figures> {
  mkdirSync(options.folder, { recursive: true });
  const script = path.join(HERE, 'store-part.ts');
  const args = ['--import', 'tsx', script, part, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out) as Figures);
      else reject(new Error(`${part} ended with code ${code}`));
    });
  });
}

function runWhisper(folder: string): WhisperFigures | undefined {
  if (spawnSync(PYTHON, ['-c', 'import whisper']).status !== 0) {
    console.log('python3-whisper is not installed: no comparison');
    return undefined;
  }
  mkdirSync(folder);
  const script = path.join(HERE, 'store_whisper.py');
  const args = [script, folder, String(quick ? 200 : 1000), String(READS)];
  return JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8' })) as WhisperFigures;
}

async function measureFlushes(folder: string, whisper: WhisperFigures | undefined) {
  const options: PartOptions = { folder, series, flushes: FLUSHES, readable: series };
  const { cpuMs, wallMs, pointsACpuSecond, bytesWrittenAPoint, fileBytes } =
    await runPart<FlushFigures>('flush', options);
  rows.push(
    atMost(`${series} series: CPU a flush`, cpuMs.mean, 'ms', 15),
    atMost(`${series} series: 99th of 100 flushes, in means`, cpuMs.p99 / cpuMs.mean, 'x', 5),
    atMost(`${series} series: bytes written a point`, bytesWrittenAPoint, 'B', 16),
  );
  notes.push(
    `a flush of ${series}: CPU ${figuresOf(cpuMs)}; wall ${figuresOf(wallMs)}; ` +
      `file ${Math.round(fileBytes / 2 ** 20)} MB after ${FLUSHES} flushes`,
  );
  if (whisper !== undefined) {
    const ratio = pointsACpuSecond / whisper.pointsACpuSecond;
    rows.push({
      what: 'points a CPU second, one update each',
      tallyd: thousands(pointsACpuSecond),
      whisper: thousands(whisper.pointsACpuSecond),
      ratio: ratio.toFixed(0),
      aim: '>= 150 x',
      met: ratio >= 150,
    });
  }
}

async function measureReads(folder: string, whisper: WhisperFigures | undefined) {
  const options: PartOptions = { folder, series, flushes: FLUSHES, readable: series };
  const { one, oneMs, spread, neighbours } = await runPart<ReadFigures>('read', options);
  rows.push(
    versus('1 series x 6 h, median', one.wallMs, whisper?.oneMs, 1),
    versus(`${READS} series x 6 h, far apart`, spread.wallMs, whisper?.manyMs, 1.5),
    versus(`${READS} series x 6 h, neighbours`, neighbours.wallMs, whisper?.manyMs, 1.5),
  );
  notes.push(
    `1 series x 6 h: ${figuresOf(oneMs)}`,
    `CPU of reads, 1, ${READS} far apart and neighbours: ` +
      `${one.cpuMs.toFixed(2)}, ${spread.cpuMs.toFixed(1)}, ${neighbours.cpuMs.toFixed(1)} ms; ` +
      `whisper ${whisper?.oneCpuMs.toFixed(2) ?? '?'}, ${whisper?.manyCpuMs.toFixed(1) ?? '?'} ms`,
  );
}

async function measureMany(folder: string) {
  const flushes = quick ? 80 : 190;
  const options: PartOptions = { folder, series: many, flushes, readable: many };
  const figures = await runPart<FlushFigures>('flush', options);
  const { cpuMs, wallMs, birthsMs, rssMb, rssAnonMb } = figures;
  rows.push(
    atMost(`${many} series: a flush of the interval`, wallMs.mean / (STEP * 10), '%', 5),
    atMost(`${many} series: memory`, rssMb, 'MB', 2560),
  );
  notes.push(
    `a flush of ${many}: CPU ${figuresOf(cpuMs)}; wall ${figuresOf(wallMs)}; first ` +
      `flush with all births ${(birthsMs / 1000).toFixed(1)} s; ${Math.round(rssAnonMb)} MB of the ` +
      `memory are not pages of the file`,
  );
  const started = await runPart<StartFigures>('start', options);
  rows.push(
    atMost(`${many} names: start`, started.openMs / 1000, 's', 10),
    atMost(`find servers.*.cpu.*, ${started.hits} hits, median`, started.findMs.p50, 'ms', 20),
  );
  notes.push(
    `start: CPU ${(started.openCpuMs / 1000).toFixed(1)} s, ${Math.round(started.rssMb)} MB then; ` +
      `find ${figuresOf(started.findMs)}, CPU ${started.find.cpuMs.toFixed(1)} ms`,
  );
}

async function measureDensity(folder: string, whisper: WhisperFigures | undefined) {
  const options: PartOptions = { folder, series: quick ? 200 : 2000, flushes: 0, readable: 0 };
  const { bytesASlot } = await runPart<DensityFigures>('density', options);
  const row = atMost(`file bytes a point, ${RETENTIONS} full`, bytesASlot, 'B', 3);
  if (whisper !== undefined) {
    row.whisper = `${whisper.bytesASlot.toFixed(2)} B`;
    row.ratio = (whisper.bytesASlot / bytesASlot).toFixed(1);
  }
  rows.push(row);
}

function atMost(what: string, value: number, unit: string, most: number): Row {
  const tallyd = `${value.toFixed(value < 100 ? 2 : 0)} ${unit}`;
  return { what, tallyd, aim: `<= ${most} ${unit}`, met: value <= most };
}

function versus(what: string, ms: number, whisperMs: number | undefined, aim: number): Row {
  const row: Row = { what, tallyd: `${ms.toFixed(2)} ms`, aim: `>= ${aim} x`, met: false };
  if (whisperMs === undefined) return row;
  const ratio = whisperMs / ms;
  return {
    ...row,
    whisper: `${whisperMs.toFixed(2)} ms`,
    ratio: ratio.toFixed(2),
    met: ratio >= aim,
  };
}

function figuresOf({ mean, p50, p99, max }: Spread): string {
  const [a, b, c, d] = [mean, p50, p99, max].map((ms) => ms.toFixed(ms < 10 ? 2 : 1));
  return `mean ${a} median ${b} p99 ${c} max ${d} ms`;
}

function thousands(value: number): string {
  return `${Math.round(value / 1000)}k`;
}

function printTable(): void {
  const cells = rows.map((row) => [
    row.what,
    row.tallyd,
    row.whisper ?? '',
    row.ratio ?? '',
    row.aim,
    row.met ? 'met' : 'missed',
  ]);
  const table = [['', 'tallyd', 'whisper', 'ratio', 'aim', ''], ...cells];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((line) => line[i]!.length)));
  for (const line of table) {
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
  }
}

const commit = spawnSync('git', ['describe', '--always', '--dirty'], {
  encoding: 'utf8',
  cwd: HERE,
});
const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}, ${memory}`;
const load = `load ${loadavg()[0]!.toFixed(1)} before`;
console.log(`store, ${machine}, Node ${process.version}, ${commit.stdout.trim()}, ${load}`);
const folder = mkdtempSync(path.join(tmpdir(), 'tallyd-bench-store-'));
try {
  const flushed = path.join(folder, 'flush');
  const whisper = runWhisper(path.join(folder, 'whisper'));
  if (parts.has('flush')) await measureFlushes(flushed, whisper);
  if (parts.has('flush') && parts.has('read')) {
    // Once more, right before: a shared machine does not stay the same for minutes.
    await measureReads(flushed, runWhisper(path.join(folder, 'whisper again')));
  }
  rmSync(flushed, { recursive: true, force: true });
  if (parts.has('density')) await measureDensity(path.join(folder, 'density'), whisper);
  if (parts.has('many')) await measureMany(path.join(folder, 'many'));
  printTable();
  for (const note of notes) console.log(note);
  console.log('bytes written are those handed to the kernel (wchar of /proc/self/io)');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
