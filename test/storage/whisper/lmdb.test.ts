/** Whisper files into the embedded store and out again. */
import fs from 'node:fs';
import path from 'node:path';
import { openLmdbStore } from '../../../src/storage/lmdb/lmdb-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import { exportWhisper } from '../../../src/storage/whisper/export.ts';
import { importWhisper } from '../../../src/storage/whisper/import.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { assert, describe } from '../../support/suite.ts';
import { recordedSeries, unpackWhisperTree } from './data-set.ts';
import { selectSeries } from './selected.ts';

const LATER = 1_900_000_000;

function openStore(dataDir: string) {
  return openLmdbStore({
    dataDir,
    rules: DEFAULT_RULES,
    mapSizeBytes: 2 ** 28,
    maxPendingFlushes: 4,
    maxSeries: 1000,
    onLog: (_level, message) => assert.unreachable(message),
  });
}

describe('whisper files and the embedded store', (it) => {
  let folder = '';
  let tree = '';
  it.before(() => void ({ folder, tree } = unpackWhisperTree()));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it.slow('come out as they went in, also after a restart', async () => {
    const dataDir = path.join(folder, 'data');
    const store = await openStore(dataDir);
    const into = await importWhisper(store, tree, { now: LATER });
    assert.equal(into.damaged, []);
    await store.close();

    const again = await openStore(dataDir);
    try {
      for (const { name, archives } of recordedSeries()) {
        const newest = archives.map(({ data }) => data.at(-1)?.[0] ?? 0);
        assert.equal(again.newestTimes(again.lookup(name)!.id), newest, name);
      }
      const out = path.join(folder, 'out');
      const back = await exportWhisper(again, selectSeries(again, '**'), out);
      assert.equal([back.series, back.points], [into.series, into.points]);
      assert.equal(findWhisperFiles(out), findWhisperFiles(tree));
      for (const file of findWhisperFiles(tree)) {
        const [before, after] = [tree, out].map((root) =>
          readWhisper(fs.readFileSync(path.join(root, file))),
        );
        assert.equal(after, before, file);
      }
    } finally {
      await again.close();
    }
  });
});
