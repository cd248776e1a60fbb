/** Points by numbers of names: what a store has of them is what it has of the same points by name. */
import fs from 'node:fs';
import { Random } from '../../../src/cli/random.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { type KnownNames, NumberedNames } from '../../../src/storage/index/series-refs.ts';
import type { NumberedPoints, PointReport } from '../../../src/wire/sample-batch.ts';
import { numberedPoints } from '../../support/points.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { openIn, temporaryFolder } from '../lmdb/open.ts';
import { rulesOf } from '../rules-of.ts';
import { points, values } from '../store-maker.ts';

const RULES = rulesOf({ '^fine': '1s:5m,10s:1h', '.': '10s:10m,1m:2h' });
const START = 1_700_000_000;
const NAMES = Array.from({ length: 9 }, (_, i) => `${i % 2 === 0 ? 'fine' : 'coarse'}.m${i}`);

function batch(born: string[], numbers: number[], isReset = false): NumberedPoints {
  const zeros = new Float64Array(numbers.length);
  const columns = { numbers: Uint32Array.from(numbers), times: zeros, values: zeros };
  return { kind: 'points', slot: 0, isReset, born, ...columns };
}

describe('numbered names', (it) => {
  it('finds ids, and tells each unknown name once', () => {
    const ids = new Map([['a', 7]]);
    const known: KnownNames = { removals: 0, get: (name) => ids.get(name) ?? -1 };
    const names = new NumberedNames();
    names.learn(batch(['a', 'b'], []));
    names.learn(batch(['t;z=1;y=2'], []));
    const first = names.resolve(Uint32Array.of(1, 0, 2, 1, 2), known);
    assert.equal([...first.ids], [-1, 7, -2, -1, -2]);
    assert.equal(first.names, ['b', 't;y=2;z=1']);
    ids.set('b', 3);
    assert.equal([...names.resolve(Uint32Array.of(1, 2), known).ids], [3, -1]);
  });

  it('forgets ids when a name was removed, and numbers when they start again', () => {
    const ids = new Map([['a', 7]]);
    let removals = 0;
    const known: KnownNames = {
      get removals() {
        return removals;
      },
      get: (name) => ids.get(name) ?? -1,
    };
    const names = new NumberedNames();
    names.learn(batch(['a'], []));
    assert.equal([...names.resolve(Uint32Array.of(0), known).ids], [7]);
    ids.delete('a');
    removals += 1;
    assert.equal(names.resolve(Uint32Array.of(0), known).names, ['a']);
    names.learn(batch(['c'], [], true));
    assert.equal(names.resolve(Uint32Array.of(0), known).names, ['c']);
  });

  it('stores what points by name store, in and out of order', () => compareStores(0));

  it('stores what points by name store, through deletions', () => compareStores(0.1));
});

/**
 * Rounds of points into stores by number and by name. The memory store gives every series a place of
 * its own, so it is the model only while nothing is deleted.
 */
async function compareStores(deletions: number): Promise<void> {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  const numbered = await openIn(folders[0], RULES);
  const named = await openIn(folders[1], RULES);
  const memory = new MemoryStore(RULES);
  const [names, memoryNames] = [new NumberedNames(), new NumberedNames()];
  const random = new Random(11);
  let now = START;
  for (let round = 0; round < 60; round++) {
    now += random.whole(40);
    const { sent, times, given } = somePoints(random, now);
    const next = numberedPoints(sent, times, given);
    names.learn(next);
    memoryNames.learn(next);
    const report: PointReport = await named.appendPoints(points(sent, times, given), now);
    const ofMemory = await memory.appendNumbered(next, memoryNames, now);
    if (deletions === 0) assert.equal(ofMemory, report);
    assert.equal(await numbered.appendNumbered(next, names, now), report);
    if (!random.chance(deletions)) continue;
    const gone = [NAMES[random.whole(NAMES.length)]!];
    assert.is(await numbered.delete(gone), await named.delete(gone));
    await memory.delete(gone);
  }
  const model = deletions === 0 ? memory : named;
  assert.equal(numbered.allNames(), model.allNames());
  for (const name of model.allNames()) {
    for (const from of [now - 300, now - 3000]) {
      const expected = await values(model, name, from, now, now);
      assertValues(await values(numbered, name, from, now, now), expected);
    }
  }
  for (const store of [numbered, named, memory]) await store.close();
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
