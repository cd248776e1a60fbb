/**
 * One part of the store benchmark in a process of its own, so that CPU time and memory are that
 * part's alone: `store-part.ts <part> <JSON of PartOptions>`. Progress on stderr, figures as one
 * line of JSON on stdout. Started by store.ts.
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type LmdbStore, openLmdbStore } from '../src/storage/lmdb/lmdb-store.ts';
import { BatchMemory } from '../src/wire/batch-memory.ts';
import { COARSE_POINTS, FINE_POINTS, Load, RULES, START, STEP, nameOf } from './store-load.ts';

export interface PartOptions {
  folder: string;
  series: number;
  flushes: number;
  /** Names of the series that reads are about are drawn from 0 up to this. */
  readable: number;
}

export interface Spread {
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

export interface FlushFigures {
  birthsMs: number;
  cpuMs: Spread;
  wallMs: Spread;
  pointsACpuSecond: number;
  bytesWrittenAPoint: number;
  fileBytes: number;
  rssMb: number;
  rssAnonMb: number;
}

/** Milliseconds of one call by the wall and of CPU, in all threads. */
export interface Cost {
  wallMs: number;
  cpuMs: number;
}

export interface ReadFigures {
  one: Cost;
  oneMs: Spread;
  spread: Cost;
  neighbours: Cost;
}

export interface StartFigures {
  openMs: number;
  openCpuMs: number;
  rssMb: number;
  hits: number;
  find: Cost;
  findMs: Spread;
}

export interface DensityFigures {
  bytesASlot: number;
}

const READ_ROUNDS = 7;
const READ_SERIES = 1000;

async function openStore(folder: string, thread: boolean): Promise<LmdbStore> {
  return openLmdbStore({
    dataDir: folder,
    rules: RULES,
    mapSizeBytes: 2 ** 38,
    maxPendingFlushes: 1000,
    maxSeries: 10_000_000,
    thread,
    onLog: (level, message) => process.stderr.write(`${level}: ${message}\n`),
  });
}

/**
 * One flush a transaction, all in turn, through the store worker; CPU is that of all threads. The
 * first flush brings the names and is not in the figures.
 */
async function flush({ folder, series, flushes }: PartOptions): Promise<FlushFigures> {
  const store = await openStore(folder, true);
  const load = new Load(series);
  const first = load.next(START);
  const born = performance.now();
  await store.append(first);
  const birthsMs = performance.now() - born;
  const cpu: number[] = [];
  const wall: number[] = [];
  let points = 0;
  let bytes = 0;
  // Compaction is in step once two chunks are full; before that flushes are too cheap to count.
  const warm = Math.min(130, Math.floor(flushes / 2));
  const shared = new BatchMemory();
  for (let i = 1; i <= flushes; i++) {
    // As ingest hands its flushes over.
    const frame = shared.share(load.next(START + i * STEP));
    const written = writtenBytes();
    const { user, system } = process.cpuUsage();
    const started = performance.now();
    await store.append(frame);
    const ms = performance.now() - started;
    const used = process.cpuUsage({ user, system });
    shared.give(frame.slot);
    if (i > warm) {
      wall.push(ms);
      cpu.push((used.user + used.system) / 1000);
      points += frame.refs.length;
      bytes += writtenBytes() - written;
    }
    if (i % 50 === 0 || i === flushes) progress(`flush ${i} of ${flushes}`);
  }
  const { rssMb, rssAnonMb } = memory();
  await store.close();
  const cpuMs = spread(cpu);
  return {
    birthsMs,
    cpuMs,
    wallMs: spread(wall),
    pointsACpuSecond: points / ((cpuMs.mean * cpu.length) / 1000),
    bytesWrittenAPoint: bytes / points,
    fileBytes: fileBytes(folder),
    rssMb,
    rssAnonMb,
  };
}

/** Six hours of one series, of 1000 drawn at random and of 1000 neighbours. */
async function read({ folder, readable, flushes }: PartOptions): Promise<ReadFigures> {
  const store = await openStore(folder, false);
  const now = START + flushes * STEP;
  const from = now - STEP * FINE_POINTS;
  const idOf = (series: number): number => store.lookup(nameOf(series))!.id;
  const one: Cost[] = [];
  const stride = Math.max(1, Math.floor(readable / 300));
  // Twice, as whisper: what a dashboard that refreshes meets, whose pages are mapped.
  for (let series = 0; series < 2 * readable; series += stride) {
    const id = idOf(series % readable);
    const cost = await costOf(() => store.fetch([id], from, now, now));
    if (series >= readable) one.push(cost);
  }
  progress('one by one');
  const group = Math.min(READ_SERIES, readable);
  const spaced = Array.from({ length: group }, (_, i) => idOf(Math.floor((i * readable) / group)));
  const adjacent = Array.from({ length: group }, (_, i) => idOf(i));
  const best = async (ids: number[]): Promise<Cost> => {
    const rounds: Cost[] = [];
    for (let i = 0; i < READ_ROUNDS; i++) {
      rounds.push(await costOf(() => store.fetch(ids, from, now, now)));
    }
    return {
      wallMs: Math.min(...rounds.map(({ wallMs }) => wallMs)),
      cpuMs: Math.min(...rounds.map(({ cpuMs }) => cpuMs)),
    };
  };
  const figures: ReadFigures = {
    one: medianOf(one),
    oneMs: spread(one.map(({ wallMs }) => wallMs)),
    spread: await best(spaced),
    neighbours: await best(adjacent),
  };
  await store.close();
  return figures;
}

/** Opens a store full of names, as a restart does, and looks for many of them. */
async function start({ folder }: PartOptions): Promise<StartFigures> {
  const { user, system } = process.cpuUsage();
  const started = performance.now();
  const store = await openStore(folder, true);
  const openMs = performance.now() - started;
  const used = process.cpuUsage({ user, system });
  const finds: Cost[] = [];
  let hits = 0;
  for (let i = 0; i < 15; i++) {
    finds.push(
      await costOf(() => {
        hits = store.find('servers.*.cpu.*').length;
      }),
    );
  }
  const { rssMb } = memory();
  await store.close();
  const openCpuMs = (used.user + used.system) / 1000;
  const findMs = spread(finds.map(({ wallMs }) => wallMs));
  return { openMs, openCpuMs, rssMb, hits, find: medianOf(finds), findMs };
}

/** Fills both archives to the last slot, many flushes a transaction: what the file takes then. */
async function density({ folder, series }: PartOptions): Promise<DensityFigures> {
  const store = await openStore(folder, false);
  const load = new Load(series);
  const flushes = COARSE_POINTS * 6 + 120;
  const batch = 60;
  for (let i = 0; i < flushes; i += batch) {
    const appended: Promise<unknown>[] = [];
    for (let j = i; j < i + batch; j++) appended.push(store.append(load.next(START + j * STEP)));
    await Promise.all(appended);
    if (i % (batch * 20) === 0) progress(`7 days of ${series} series: flush ${i} of ${flushes}`);
  }
  await store.close();
  return { bytesASlot: fileBytes(folder) / (series * (FINE_POINTS + COARSE_POINTS)) };
}

async function costOf(work: () => unknown): Promise<Cost> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

function medianOf(costs: readonly Cost[]): Cost {
  return {
    wallMs: spread(costs.map(({ wallMs }) => wallMs)).p50,
    cpuMs: spread(costs.map(({ cpuMs }) => cpuMs)).p50,
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { mean, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Bytes handed to the kernel by this process: pages are written once each, so the disk's too. */
function writtenBytes(): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

/** Resident memory, and the part that is not pages of the mapped data file. */
function memory(): { rssMb: number; rssAnonMb: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mb = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return { rssMb: mb('VmRSS'), rssAnonMb: mb('RssAnon') };
}

function fileBytes(folder: string): number {
  return statSync(path.join(folder, 'data.mdb')).size;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const PARTS: Record<string, (options: PartOptions) => Promise<unknown>> = {
  flush,
  read,
  start,
  density,
};

const [part, options] = process.argv.slice(2);
const figures = await PARTS[part!]!(JSON.parse(options!) as PartOptions); // told by store.ts
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
console.log(JSON.stringify(figures));
