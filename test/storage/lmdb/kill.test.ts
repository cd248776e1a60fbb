import { spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import type { LmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { scriptArgs } from '../../support/program.ts';
import { assert, describe, rounds } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const ROUNDS = rounds(1, 5);
const SERIES = 300;
const EPOCH = 1_700_000_000;

/** Runs a child that appends from `first` on and kills it after `frames` more, plus `delayMs`. */
async function killAfter(
  dataDir: string,
  first: number,
  frames: number,
  delayMs: number,
): Promise<number> {
  const args = scriptArgs(import.meta.url, './kill-child').concat(
    dataDir,
    String(first),
    String(SERIES),
  );
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = first - 1;
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (line === 'open') continue;
    acknowledged = Number(line);
    if (acknowledged === first + frames) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve));
  }
  assert.is(child.signalCode, 'SIGKILL');
  return acknowledged;
}

/** Every point up to `last` that the archives reach must be there; a later one may be. */
async function verify(store: LmdbStore, last: number): Promise<number> {
  const newest = (store.health().lastDurableFlush - EPOCH) / 10;
  assert.ok(newest >= last, `frame ${last} was acknowledged, the newest found is ${newest}`);
  const now = EPOCH + newest * 10;
  const ids = Array.from({ length: SERIES }, (_, i) => store.lookup(`kill.s${i}`)!.id);
  const fine = await store.fetch(ids, now - 1200, now, now);
  const coarse = await store.fetch(ids, now - 7200, now, now);
  for (let i = 0; i < SERIES; i++) {
    const { start, values } = fine[i]!;
    values.forEach((value, j) => {
      const number = (start + j * 10 - EPOCH) / 10;
      if (number >= 0 && value !== number * 1000 + i) {
        assert.unreachable(`series ${i}, frame ${number}: ${value}`);
      }
    });
    const { start: coarseStart, values: sums } = coarse[i]!;
    sums.forEach((value, j) => {
      let expected = 0;
      for (let time = coarseStart + j * 60; time < coarseStart + j * 60 + 60; time += 10) {
        const number = (time - EPOCH) / 10;
        if (number >= 0 && number <= newest) expected += number * 1000 + i;
      }
      if ((value || 0) !== expected) {
        assert.unreachable(
          `series ${i}, minute ${coarseStart + j * 60}: ${value}, not ${expected}`,
        );
      }
    });
  }
  assert.is(store.health().corruptRecords, 0);
  return newest;
}

describe('kill -9', (it) => {
  const dataDir = temporaryFolder();
  it.after(() => fs.rmSync(dataDir, { recursive: true }));

  it(
    'loses no acknowledged flush',
    async () => {
      let next = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const last = await killAfter(dataDir, next, 60 + round * 17, round * 1.7);
        const store = await openIn(dataDir, rulesOf({ '': 'sum 10s:20m,1m:2h' }));
        try {
          next = (await verify(store, last)) + 1;
        } finally {
          await store.close();
        }
      }
      assert.ok(next > ROUNDS * 60);
    },
    { timeoutMs: 60_000 },
  );
});
