import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { decodeSketch } from '../../../src/sketch/codec.ts';
import { Sketch } from '../../../src/sketch/log-linear.ts';
import { statistic } from '../../../src/sketch/statistics.ts';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { STAT_EDGE_P } from '../../../src/wire/statistics.ts';
import { scriptArgs } from '../../support/program.ts';
import { assert, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';
import { EPOCH, TIMERS, valuesOf } from './sketch-kill-values.ts';

const ROUNDS = 4;
/** Before a kill. */
const FLUSHES = 70;

/** Runs a child that appends from `first` on and kills it after `flushes` more, plus `delayMs`. */
async function killAfter(
  dataDir: string,
  first: number,
  flushes: number,
  delayMs: number,
): Promise<number> {
  const args = [...scriptArgs(import.meta.url, './sketch-kill-child'), dataDir, String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = first - 1;
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (line === 'open') continue;
    acknowledged = Number(line);
    if (acknowledged === first + flushes) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve));
  }
  assert.is(child.signalCode, 'SIGKILL');
  return acknowledged;
}

function sketchOf(i: number, from: number, until: number): Sketch {
  const sketch = new Sketch();
  for (let number = Math.max(0, from); number < until; number++) {
    for (const value of valuesOf(number, i)) sketch.add(value);
  }
  return sketch;
}

/** Every sketch, and every statistic of minutes, up to `last` must be there; a later may be. */
async function verify(store: LmdbStore, last: number): Promise<number> {
  const newest = (store.health().lastDurableFlush - EPOCH) / 10;
  assert.ok(newest >= last, `flush ${last} was acknowledged, the newest found is ${newest}`);
  const now = EPOCH + newest * 10;
  const refs = store.findSketched('kill.*');
  assert.is(refs.length, TIMERS.length);
  for (const [age, step] of [
    [3600, 10],
    [7200, 60],
  ] as const) {
    const found = await store.fetchSketches(
      refs.map(({ id }) => id),
      now - age,
      now,
      now,
    );
    refs.forEach(({ name }, n) => {
      const { start, sketches } = found[n]!;
      sketches.forEach((bytes, j) => {
        const from = (start + j * step - EPOCH) / 10;
        const expected = sketchOf(
          TIMERS.indexOf(name),
          from,
          Math.min(from + step / 10, newest + 1),
        );
        const [count, sum] =
          bytes === undefined ? [0, 0] : [decodeSketch(bytes).count, decodeSketch(bytes).sum];
        assert.equal(
          [count, sum],
          [expected.count, expected.total === 0 ? 0 : expected.sum],
          `${name} ${from}`,
        );
      });
    });
  }
  await verifyMinutes(store, newest, now);
  assert.is(store.health().corruptRecords, 0);
  return newest;
}

async function verifyMinutes(store: LmdbStore, newest: number, now: number): Promise<void> {
  for (const [i, name] of TIMERS.entries()) {
    const { id } = store.lookup(`${name}.upper_90`)!;
    const [found] = await store.fetch([id], now - 7200, now, now);
    found!.values.forEach((value, j) => {
      const from = (found!.start + j * 60 - EPOCH) / 10;
      const all = sketchOf(i, from, Math.min(from + 6, newest + 1));
      const expected = all.total === 0 ? NaN : statistic(all, STAT_EDGE_P, 90, 60);
      assert.ok(Object.is(value, expected), `${name} minute ${from}: ${value}, not ${expected}`);
    });
  }
}

describe('kill -9 with sketches', (it) => {
  const dataDir = temporaryFolder();
  it.after(() => fs.rmSync(dataDir, { recursive: true }));

  it.slow(
    'loses none of an acknowledged flush',
    async () => {
      let next = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const last = await killAfter(dataDir, next, FLUSHES + round * 13, round * 1.9);
        const store = await openIn(dataDir, rulesOf({ '': '10s:1h,1m:1d' }));
        try {
          next = (await verify(store, last)) + 1;
        } finally {
          await store.close();
        }
      }
      assert.ok(next > ROUNDS * FLUSHES);
    },
    { timeoutMs: 90_000 },
  );
});
