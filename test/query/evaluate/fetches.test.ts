import fc from 'fast-check';
import { Fetches } from '../../../src/query/evaluate/fetches.ts';
import { evaluateLimits, RequestLimit } from '../../../src/query/evaluate/request-limit.ts';
import { MemoryStore } from '../../model/memory-store.ts';
import { DEFAULT_RULES } from '../../../src/storage/retention/default-rules.ts';
import type { Fetched, Store } from '../../../src/storage/roles.ts';
import { assert, assertValues, describe, rounds } from '../../support/suite.ts';
import { columnStore } from '../support/column-store.ts';

const NOW = 1_700_000_007;
const limit = (): RequestLimit =>
  new RequestLimit(evaluateLimits({ seriesMax: 100, pointsMax: 100_000 }));

/** Series `a.0` … `a.3` of two archives each, every second one coarser. */
async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore(DEFAULT_RULES);
  for (let i = 0; i < 4; i++) {
    const step = i % 2 === 0 ? 10 : 20;
    const archives = [
      { step, points: 600 / step },
      { step: 60, points: 60 },
    ];
    const data = archives.map((archive) => {
      const newest = NOW - (NOW % archive.step);
      const times = Float64Array.from({ length: archive.points }, (_, at) => {
        return newest - archive.step * (archive.points - 1 - at);
      });
      return { step: archive.step, times, values: times.map((time) => time % 977) };
    });
    const info = { name: `a.${i}`, archives, aggregationMethod: 'average' as const };
    await store.importSeries({ ...info, xFilesFactor: 0 }, data);
  }
  return store;
}

/** A store that counts the datapoints that it was asked for. */
async function counting() {
  const store = await filled();
  const read = { points: 0 };
  const fetch: Store['fetch'] = async (...args) => {
    const found = await MemoryStore.prototype.fetch.apply(store, args);
    for (const one of found) read.points += one?.values.length ?? 0;
    return found;
  };
  return { store: Object.assign(store, { fetch }), read };
}

describe('fetches of a request', (it) => {
  const selection = { path: 'a.*' };

  it('are the same whether a part was read before or not', async () => {
    const store = await filled();
    const past = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 90 }));
    await fc.assert(
      fc.asyncProperty(past, past, fc.integer({ min: -90, max: 900 }), async (a, b, ago) => {
        const until = NOW - ago;
        const windows = [NOW - Math.min(a, b), NOW - Math.max(a, b)].filter((from) => from < until);
        const fetches = new Fetches(store, NOW, limit());
        for (const from of windows) {
          const alone = await new Fetches(store, NOW, limit()).seriesOf(selection, from, until);
          const found = await fetches.seriesOf(selection, from, until);
          assert.equal(found.map(shape), alone.map(shape));
          for (const [i, { fetched }] of found.entries()) {
            assertValues(fetched.values, alone[i]!.fetched.values, 0);
          }
        }
      }),
      { numRuns: rounds(700, 2000) },
    );
  });

  it('read a window that reaches further back only where it does', async () => {
    const { store, read } = await counting();
    const fetches = new Fetches(store, NOW, limit());
    await fetches.seriesOf(selection, NOW - 300, NOW);
    const first = read.points;
    await fetches.seriesOf(selection, NOW - 360, NOW);
    assert.is(read.points - first, 6 + 3 + 6 + 3);
  });

  it('count what a wider window holds against the limit, wherever it came from', async () => {
    const column = { step: 10, values: Array.from({ length: 100 }, (_, i) => i) };
    const store = columnStore({ 'a.b': column });
    const fetches = new Fetches(store, 1000, new RequestLimit(evaluateLimits({ pointsMax: 100 })));
    await fetches.seriesOf({ path: 'a.b' }, 500, 900);
    let message = '';
    await fetches.seriesOf({ path: 'a.b' }, 100, 900).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, 'over 100 datapoints read by one request');
  });
});

function shape({ id, name, fetched }: { id: number; name: string; fetched: Fetched }): unknown {
  const { start, end, step, archiveIndex } = fetched;
  return { id, name, start, end, step, archiveIndex };
}
