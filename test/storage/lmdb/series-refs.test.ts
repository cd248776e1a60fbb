/** What refs stand for: a store has of samples by ref what it has of the same samples by name. */
import fs from 'node:fs';
import { Random } from '../../../src/cli/random.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { NO_SERIES, SeriesRefs } from '../../../src/storage/lmdb/write/series-refs.ts';
import { dictionaryOf } from '../../../src/wire/dictionary.ts';
import { MERGE_SUM } from '../../../src/wire/merge.ts';
import { NamedBatch } from '../../../src/wire/named-batch.ts';
import { packTexts } from '../../../src/wire/packed-strings.ts';
import {
  PRODUCER_RULES,
  type SampleReport,
  type SeriesDictionary,
} from '../../../src/wire/sample-batch.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { openIn, temporaryFolder } from './open.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { points } from '../../support/points.ts';

const RULES = rulesOf({ '^fine': '1s:5m,10s:1h', '.': '10s:10m,1m:2h' });
const START = 1_700_000_000;
const NAMES = Array.from({ length: 9 }, (_, i) => `${i % 2 === 0 ? 'fine' : 'coarse'}.m${i}`);

function dictionary(refs: number[], names: string[]): SeriesDictionary {
  return dictionaryOf(Uint32Array.from(refs), packTexts(names), MERGE_SUM);
}

describe('refs of series', (it) => {
  it('have a name until there is a series, and again when it is gone', () => {
    const refs = new SeriesRefs();
    refs.declare(dictionary([3, 5000], ['a', 'b']), 0, 'a');
    refs.declare(dictionary([3, 5000], ['a', 'b']), 1, 'b');
    assert.equal([refs.series[3], refs.nameOf(3), refs.merges[5000]], [NO_SERIES, 'a', MERGE_SUM]);
    refs.link(3, 7);
    refs.link(5000, 8);
    assert.equal([refs.series[3], refs.nameOf(3)], [7, undefined]);
    refs.unlink(new Map([[8, 'b']]));
    assert.equal([refs.series[3], refs.series[5000], refs.nameOf(5000)], [7, NO_SERIES, 'b']);
  });

  it('stand for nothing once they are retired, or start over', () => {
    const refs = new SeriesRefs();
    for (const [i, name] of ['a', 'b'].entries()) refs.declare(dictionary([i], [name]), 0, name);
    refs.link(0, 7);
    refs.retire(0);
    refs.retire(100_000);
    assert.equal([refs.series[0], refs.nameOf(0), refs.nameOf(1)], [NO_SERIES, undefined, 'b']);
    refs.clear();
    assert.equal([refs.nameOf(1), [...refs.declared()]], [undefined, []]);
  });
});

describe('samples by ref', (it) => {
  it('store what samples with all their names store, in and out of order', () => compareStores(0));

  it('store what samples with all their names store, through deletions', () => compareStores(0.1));
});

/**
 * Rounds of points into stores, with names that are declared once and with names that come each time.
 * The memory store gives every series a place of
 * its own, so it is the model only while nothing is deleted.
 */
async function compareStores(deletions: number): Promise<void> {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  const byRef = await openIn(folders[0], RULES);
  const named = await openIn(folders[1], RULES);
  const memory = new MemoryStore(RULES);
  const samples = new NamedBatch(PRODUCER_RULES, 5);
  const random = new Random(11);
  let now = START;
  for (let round = 0; round < 60; round++) {
    now += random.whole(40);
    const { sent, times, given } = somePoints(random, now);
    sent.forEach((name, i) => samples.put(samples.refOf(name), times[i]!, given[i]!));
    const next = samples.finish();
    const report: SampleReport = await named.append(points(sent, times, given), now);
    const ofMemory = await memory.append(next, now);
    if (deletions === 0) assert.equal(ofMemory, report);
    assert.equal(await byRef.append(next, now), report);
    if (!random.chance(deletions)) continue;
    const gone = [NAMES[random.whole(NAMES.length)]!];
    assert.is(await byRef.delete(gone), await named.delete(gone));
    await memory.delete(gone);
  }
  const model = deletions === 0 ? memory : named;
  assert.equal(byRef.allNames(), model.allNames());
  for (const name of model.allNames()) {
    for (const from of [now - 300, now - 3000]) {
      const expected = await values(model, name, from, now, now);
      assertValues(await values(byRef, name, from, now, now), expected);
    }
  }
  for (const store of [byRef, named, memory]) await store.close();
  for (const folder of folders) fs.rmSync(folder, { recursive: true });
}

/** Mostly in order; some late, some too late, some of the future. */
function somePoints(random: Random, now: number) {
  const sent: string[] = [];
  const times: number[] = [];
  const given: number[] = [];
  let time = now;
  for (let left = 1 + random.whole(60); left > 0; left--) {
    sent.push(NAMES[random.whole(NAMES.length)]!);
    if (random.chance(0.2)) time = now - random.whole(random.chance(0.1) ? 9000 : 900);
    else if (random.chance(0.3)) time = now + random.whole(12) - 2;
    times.push(time);
    given.push(random.chance(0.02) ? NaN : random.whole(1000));
  }
  return { sent, times, given };
}
