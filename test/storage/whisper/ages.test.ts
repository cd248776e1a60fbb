/**
 * Files that ended at very different times: all archives come in as they are, whatever their age,
 * and stay so while others of the same retentions go on.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openLmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { verifyFile } from '../../../src/storage/lmdb/check/verify.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import { parseRetentions } from '../../../src/storage/retention/retentions.ts';
import type { Store } from '../../../src/storage/roles.ts';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { temporaryFolder } from '../lmdb/open.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';
import { selectSeries } from './selected.ts';

/** A multiple of the coarser step. */
const NEWEST = 1_699_999_980;
const ARCHIVES = parseRetentions('10s:2h,1m:1d');
/** Seconds before NEWEST at which hosts ended: now, a chunk, hours, beyond all archives, years. */
const AGES = [0, 600, 660, 3600, 7200, 90_000, 40 * 86_400, 2 * 365 * 86_400 + 60];
const SERIES_EACH = 40;

/** Files of every age side by side, in one folder. */
function writeTree(folder: string): void {
  for (let i = 0; i < AGES.length * SERIES_EACH; i++) {
    const newest = NEWEST - AGES[i % AGES.length]!;
    const data = ARCHIVES.map(({ step, points }) => ({
      step,
      times: Float64Array.from({ length: points }, (_, j) => newest - (points - 1 - j) * step),
      values: Float64Array.from({ length: points }, (_, j) => i * 10_000 + step + j / 8),
    }));
    const whole = { archives: ARCHIVES, aggregationMethod: 'sum' as const, xFilesFactor: 0, data };
    const file = path.join(folder, 'hosts', `h${String(i).padStart(3, '0')}.wsp`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, writeWhisper(whole));
  }
}

function openStore(dataDir: string) {
  return openLmdbStore({
    dataDir,
    rules: DEFAULT_RULES,
    mapSizeBytes: 2 ** 30,
    maxPendingFlushes: 4,
    maxSeries: 1000,
    onLog: (_level, message) => assert.unreachable(message),
  });
}

/** Exports the series and compares file by file. */
async function assertAsIn(store: Store, tree: string, out: string, glob = 'hosts.*') {
  await exportWhisper(store, selectSeries(store, glob), out);
  const files = findWhisperFiles(out);
  for (const file of files) {
    const [before, after] = [tree, out].map((root) =>
      readWhisper(fs.readFileSync(path.join(root, file))),
    );
    assert.equal(after, before, file);
  }
  fs.rmSync(out, { recursive: true });
  return files.length;
}

describe('whisper files of very different age', (it) => {
  let folder = '';
  it.before(() => {
    folder = temporaryFolder();
    writeTree(path.join(folder, 'tree'));
  });
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it.slow('come in whole, though they share their rings', async () => {
    const [tree, dataDir, out] = ['tree', 'data', 'out'].map((name) => path.join(folder, name));
    const store = await openStore(dataDir!);
    const { damaged, partial } = await importWhisper(store, tree!, { now: NEWEST });
    assert.equal([damaged, partial], [[], []]);
    const files = AGES.length * SERIES_EACH;
    assert.is(await assertAsIn(store, tree!, out!), files);
    await store.close();

    const again = await openStore(dataDir!);
    try {
      assert.is(await assertAsIn(again, tree!, out!), files);
      // A living one goes on for a whole round of its finest ring; those that ended stay.
      for (let time = NEWEST + 10; time <= NEWEST + 7500; time += 10) {
        await again.append(frameOf(time, { 'hosts.h000': time }));
      }
      for (let i = 1; i < AGES.length; i++) {
        // By their own block: those a chunk older than the living share it with nobody younger.
        const glob = `hosts.h${String(i + AGES.length).padStart(3, '0')}`;
        assert.is(await assertAsIn(again, tree!, out!, glob), 1, glob);
      }
      // More of them, after the restart.
      const later = path.join(folder, 'later');
      fs.mkdirSync(path.join(later, 'more'), { recursive: true });
      for (const [i, file] of findWhisperFiles(tree!).entries()) {
        fs.copyFileSync(path.join(tree!, file), path.join(later, 'more', `m${i}.wsp`));
      }
      await importWhisper(again, later, { now: NEWEST });
      assert.is(await assertAsIn(again, later, out!, 'more.*'), files);
    } finally {
      await again.close();
    }
    const faults: string[] = [];
    await verifyFile(path.join(dataDir!, 'data.mdb'), {
      onFault: ({ what }) => void faults.push(what),
      onProgress: () => {},
    });
    assert.equal(faults, []);
  });
});
