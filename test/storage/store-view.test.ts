/** What a view of a store answers while names come and go. */
import { Catalogue } from '../../src/storage/index/catalogue.ts';
import { SketchedNames } from '../../src/storage/index/sketched-names.ts';
import type { StoreReader } from '../../src/storage/roles.ts';
import { viewStore } from '../../src/storage/store-view.ts';
import { atOnce } from '../../src/lib/in-steps.ts';
import { SKETCH_TIMER } from '../../src/wire/statistics.ts';
import { assert, describe } from '../support/suite.ts';

describe('a view of a store', (it) => {
  const isOpen = (name: string): boolean => name.startsWith('open');
  /** A store that says of which number its answer is, and lets `change` happen while it reads. */
  const readingStore = (change: () => void): StoreReader => {
    const read = async (ids: readonly number[]): Promise<unknown[]> => {
      await Promise.resolve();
      change();
      return ids.map((id) => `values of ${id}`);
    };
    return { fetch: read, fetchSketches: read } as unknown as StoreReader;
  };

  it('gives each series its own values, and none to one that vanished while they were read', async () => {
    const series = new Catalogue();
    ['shut.x', 'open.a', 'open.b'].forEach((name, id) => series.insert(name, id));
    const store = readingStore(() => series.remove('open.a'));
    const view = atOnce(viewStore({ store, series, sketched: new SketchedNames() }, isOpen));
    const fetched: unknown[] = await view.fetch([0, 1, 2], 0, 10, 10);
    assert.equal(fetched, [undefined, undefined, 'values of 2']);
  });

  it('shows nothing of a series that took over a number while it was read', async () => {
    const series = new Catalogue();
    series.insert('open.a', 1);
    const sketched = new SketchedNames();
    sketched.insert(SKETCH_TIMER, 'open.t', 7);
    const store = readingStore(() => {
      series.remove('open.a');
      series.insert('shut.y', 1);
      sketched.remove(SKETCH_TIMER, 'open.t');
      sketched.insert(SKETCH_TIMER, 'open.u', 7);
    });
    const view = atOnce(viewStore({ store, series, sketched }, isOpen));
    const asked = [view.fetch([1], 0, 10, 10), view.fetchSketches([7], 0, 10, 10)];
    const fetched: unknown[] = await Promise.all(asked);
    assert.equal(fetched, [[undefined], [undefined]]);
  });
});
