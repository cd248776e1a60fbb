/**
 * A series that takes a deleted one's place: what is older than that is hidden there, so points of
 * such a time are refused aloud, and a history that is sent from its beginning gets a place of its
 * own.
 */
import fs from 'node:fs';
import type { Store } from '../../../src/storage/roles.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';
import { rulesOf } from '../rules-of.ts';
import { values } from '../store-maker.ts';
import { points } from '../../support/points.ts';
import { openIn, temporaryFolder } from './open.ts';

const NOW = 1_700_000_000;
const HISTORY = 40;

/** A store in which the places of two series with values of 5 are free. */
async function withFreePlaces(body: (store: Store) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const store = await openIn(folder, rulesOf({ '': '10s:1h,1m:6h' }));
  try {
    for (let i = HISTORY; i >= 0; i--) {
      await store.append(points(['a', 'b'], [NOW - i * 10, NOW - i * 10], [5, 5]), NOW);
    }
    await store.delete(['a', 'b']);
    await body(store);
  } finally {
    await store.close();
    fs.rmSync(folder, { recursive: true });
  }
}

describe('series in the place of deleted ones', (it) => {
  it('a history sent in order is stored whole', async () => {
    await withFreePlaces(async (store) => {
      for (let i = HISTORY; i >= 0; i--) {
        const report = await store.append(points(['new'], [NOW - i * 10], [i]), NOW);
        assert.is(report.stored, 1);
      }
      const found = await values(store, 'new', NOW - HISTORY * 10 - 10, NOW, NOW);
      assertValues(
        found,
        Array.from({ length: HISTORY + 1 }, (_, i) => HISTORY - i),
      );
    });
  });

  it('points of a time before the place was free are refused and counted', async () => {
    await withFreePlaces(async (store) => {
      await store.append(points(['new'], [NOW], [1]), NOW);
      const times = [NOW - 200, NOW - 200, NOW + 10];
      const late = points(['new', 'new', 'new'], times, [2, 3, 4]);
      const { stored, tooOld } = await store.append(late, NOW + 10);
      assert.equal([stored, tooOld], [1, 2]);
      assertValues(await values(store, 'new', NOW - 20, NOW + 10, NOW + 10), [NaN, 1, 4]);
    });
  });
});
