/**
 * A soak in simulated time: `npm run soak`. Series with values that follow from their number and
 * time go round the longest small ring again and again, the store is opened anew every few wraps, a
 * reader fetches all the while. At each wrap every point of every archive is compared, and the file
 * must stay exactly as large as it was when the rings were filled (wrap 0, and the first, in which
 * its last chunk is compacted). `--series N --wraps N --reopen N`.
 */
import fs from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type LmdbStore, openLmdbStore } from '../src/storage/lmdb/lmdb-store.ts';
import { openEnvironment } from '../src/storage/lmdb/db/environment.ts';
import { parseRetentions } from '../src/storage/retention/retentions.ts';
import { FALLBACK_AGGREGATION, RetentionRules } from '../src/storage/retention/rules.ts';
import type { FlushBatch } from '../src/wire/sample-batch.ts';
import { flushFrame } from '../test/support/frame.ts';

const RETENTIONS = '10s:1h,1m:4h';
const STEP = 10;
const MAP_BYTES = 2 ** 34;
const EPOCH = 1_699_999_980; // a multiple of the coarser step
const COARSE_STEP = 60;
/** Of the coarser archive, which takes longer to go round: its four chunks and the spare one. */
const WRAP_FLUSHES = (5 * 3600) / STEP;

const { values: options } = parseArgs({
  options: {
    series: { type: 'string', default: '2000' },
    wraps: { type: 'string', default: '21' },
    reopen: { type: 'string', default: '2' },
  },
});
const seriesCount = Number(options.series);
const wraps = Number(options.wraps);
const names = Array.from({ length: seriesCount }, (_, i) => `soak.host${i % 50}.s${i}`);
const dataDir = fs.mkdtempSync(path.join(tmpdir(), 'tallyd-soak-'));
let reads = 0;
let points = 0;
let bad = 0;
let known = false;

try {
  await soak();
} finally {
  fs.rmSync(dataDir, { recursive: true });
}

async function soak(): Promise<void> {
  const { model } = cpus()[0]!;
  console.log(`${seriesCount} series, ${RETENTIONS}, ${wraps} wraps of ${WRAP_FLUSHES} flushes`);
  console.log(`${model}, Node ${process.version}`);
  console.log('wrap  file bytes  points compared  bad  reads beside  CPU ms a flush');
  let store = await open();
  let flatSize = 0;
  for (let wrap = 0; wrap <= wraps; wrap++) {
    const cpuBefore = process.cpuUsage();
    await writeWrap(store, wrap);
    const { user, system } = process.cpuUsage(cpuBefore);
    await verify(store, (wrap + 1) * WRAP_FLUSHES - 1);
    if (wrap % Number(options.reopen) === 0) {
      await store.close();
      store = await open();
      known = false;
      await verify(store, (wrap + 1) * WRAP_FLUSHES - 1);
    }
    const { fileBytes, corruptRecords } = store.health();
    bad += corruptRecords;
    if (wrap <= 1) flatSize = fileBytes;
    const cells = [wrap, fileBytes, points, bad, reads];
    const cpuMs = (user + system) / 1000 / WRAP_FLUSHES;
    console.log([...cells.map((cell) => String(cell).padStart(10)), cpuMs.toFixed(2)].join('  '));
    if (fileBytes !== flatSize) {
      bad += 1;
      console.log(`the file was ${flatSize} bytes after the first wrap, now ${fileBytes}`);
      flatSize = fileBytes;
    }
  }
  await store.close();
  console.log(bad === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exitCode = bad === 0 ? 0 : 1;
}

function open(): Promise<LmdbStore> {
  const source = { file: undefined, line: 0, section: 'soak', pattern: '' };
  const archives = parseRetentions(RETENTIONS);
  const aggregation = { aggregationMethod: 'sum' as const, xFilesFactor: 0, source };
  return openLmdbStore({
    dataDir,
    rules: new RetentionRules(
      [{ source, archives }],
      [{ ...FALLBACK_AGGREGATION, ...aggregation }],
    ),
    mapSizeBytes: MAP_BYTES,
    maxPendingFlushes: 60,
    maxSeries: seriesCount,
    onLog: (level, message) => console.log(`${level}: ${message}`),
  });
}

/** One wrap of flushes, two under way at a time, beside a reader without end. */
async function writeWrap(store: LmdbStore, wrap: number): Promise<void> {
  let done = false;
  const reader = (async () => {
    while (!done) {
      reads += await readSome(store);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const underWay: Promise<unknown>[] = [];
  for (let i = 0; i < WRAP_FLUSHES; i++) {
    if (wrap <= 1 && i % 50 === 0) holdSnapshot(i / 50);
    underWay.push(store.append(frameOf(wrap * WRAP_FLUSHES + i)));
    if (underWay.length >= 2) await underWay.shift();
  }
  await Promise.all(underWay);
  done = true;
  await reader;
}

/**
 * While the rings fill, snapshots are held over more flushes than the reader ever reads beside: at a
 * thousand times the real pace it may see several go by, and pages that it needs cannot be used.
 */
function holdSnapshot(number: number): void {
  const snapshot = openEnvironment(dataDir, MAP_BYTES).root.useReadTransaction();
  setTimeout(() => snapshot.done(), 20 + (number % 7) * 10);
}

/** A hundred neighbours at whatever time the store is; their values must be right or not there yet. */
async function readSome(store: LmdbStore): Promise<number> {
  const now = store.health().lastDurableFlush;
  const first = (reads * 97) % Math.max(1, seriesCount - 100);
  const ids = names.slice(first, first + 100).flatMap((name) => store.lookup(name)?.id ?? []);
  const found = await store.fetch(ids, now - 1800, now, now);
  found.forEach((one, k) => {
    one?.values.forEach((value, j) => {
      const flush = (one.start + j * STEP - EPOCH) / STEP;
      if (flush >= 0 && value !== valueOf(first + k, flush)) bad += 1;
    });
  });
  return 1;
}

/** Every point of both archives. */
async function verify(store: LmdbStore, last: number): Promise<void> {
  const now = EPOCH + last * STEP;
  const ids = names.map((name) => store.lookup(name)!.id);
  for (const [age, step] of [
    [3600, STEP],
    [4 * 3600, COARSE_STEP],
  ] as const) {
    for (let first = 0; first < ids.length; first += 200) {
      const found = await store.fetch(ids.slice(first, first + 200), now - age, now, now);
      found.forEach((one, k) => {
        const { start, values } = one!;
        for (let j = 0; j < values.length; j++) {
          points += 1;
          if (values[j] !== expected(first + k, start + j * step, step, last)) bad += 1;
        }
      });
    }
  }
}

/** Whole numbers, so that sums are exact. */
function valueOf(i: number, flush: number): number {
  return i % 2 === 0 ? flush * 16 + (i % 16) : (flush * 7919 + i * 104_729) % 65_536;
}

function expected(i: number, time: number, step: number, last: number): number {
  let sum = 0;
  for (let at = time; at < time + step; at += STEP) {
    const flush = (at - EPOCH) / STEP;
    if (flush >= 0 && flush <= last) sum += valueOf(i, flush);
  }
  return sum;
}

function frameOf(flush: number): FlushBatch {
  const born = known ? [] : names;
  known = true;
  return flushFrame(
    { time: EPOCH + flush * STEP, step: STEP, sequence: flush + 1 },
    Uint32Array.from(names.keys()),
    Float64Array.from(names, (_, i) => valueOf(i, flush)),
    born,
  );
}
