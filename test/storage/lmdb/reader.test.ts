/** What changes about series while they are read, between two turns of the event loop. */
import fs from 'node:fs';
import { openEnvironment } from '../../../src/storage/lmdb/db/environment.ts';
import { packSeries } from '../../../src/storage/lmdb/db/series-columns.ts';
import { Reader } from '../../../src/storage/lmdb/read/reader.ts';
import { frameOf } from '../../support/frame.ts';
import { assert, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
/** So many rows that a group has the fewest series: 32. */
const WINDOW = 86_000;

const MOVED = {
  classId: 1,
  column: 3,
  since: 0,
  merge: 0,
  method: 0,
  xFilesFactor: 0.5,
  previous: [],
};

describe('reader', (it) => {
  it('answers nothing for series that are deleted or moved to another class meanwhile', async () => {
    const dataDir = temporaryFolder();
    const names = Array.from({ length: 80 }, (_, i) => `s${i}`);
    const store = await openIn(dataDir, rulesOf({ '': '10s:1d' }));
    await store.append(frameOf(NOW, Object.fromEntries(names.map((name, i) => [name, i]))));
    const ids = names.map((name) => store.lookup(name)!.id);
    await store.close();
    const environment = openEnvironment(dataDir, 2 ** 26);
    try {
      const reader = new Reader(environment, true);
      const answering = reader.fetch(ids, NOW - WINDOW, NOW, NOW);
      const moved = { ...MOVED, id: ids[78]! };
      reader.apply({
        gone: ['s79'],
        names: ['s78'],
        packed: packSeries([moved]),
        classes: [{ classId: 1, archives: [{ step: 60, points: 60 }] }],
      });
      const answers = await answering;
      assert.is(answers[79], undefined);
      assert.is(answers[78], undefined);
      assert.is(answers[77]!.values.at(-1), 77);
    } finally {
      await environment.root.close();
      fs.rmSync(dataDir, { recursive: true });
    }
  });

  it('finds what it knew while a commit with many names is taken over', async () => {
    const dataDir = temporaryFolder();
    const store = await openIn(dataDir, rulesOf({ '': '10s:1d' }));
    const names = Array.from({ length: 600 }, (_, i) => `m;host=h${i}`);
    await store.append(frameOf(NOW, Object.fromEntries(names.map((name, i) => [name, i]))));
    const ids = names.map((name) => store.lookup(name)!.id);
    await store.close();
    const environment = openEnvironment(dataDir, 2 ** 26);
    try {
      const reader = new Reader(environment, true);
      // The last two change their ids, as where both were deleted and made again.
      const newIds = [...ids.slice(0, -2), ids.at(-1)!, ids.at(-2)!];
      const packed = packSeries(newIds.map((id, i) => ({ ...MOVED, id, column: i })));
      const classes = [{ classId: 1, archives: [{ step: 60, points: 60 }] }];
      let turns = 0;
      for (const _ of reader.applying({ gone: [], names, packed, classes }, NOW)) {
        turns += 1;
        for (const [i, id] of ids.slice(0, -2).entries())
          assert.is(reader.info(id)?.name, names[i]);
      }
      assert.ok(turns >= 4, `${turns} turns`);
      assert.equal(
        newIds.map((id) => reader.info(id)?.name),
        names,
      );
    } finally {
      await environment.root.close();
      fs.rmSync(dataDir, { recursive: true });
    }
  });
});
