import { SchemaMismatch } from '../../src/jobs/schema-mismatch.ts';
import { parseRetentions } from '../../src/storage/retention/retentions.ts';
import { MemoryStore } from '../model/memory-store.ts';
import { modelStore } from '../model/model-store.ts';
import { rulesOf } from '../storage/rules-of.ts';
import { assert, describe } from '../support/suite.ts';

function storeOf(lists: string[]) {
  const asked: number[] = [];
  const store = modelStore({
    names: lists.map((_, id) => `s${id}`),
    info: (id) => ({
      name: `s${id}`,
      archives: parseRetentions(lists[id]!),
      aggregationMethod: 'sum',
      // As an imported file says 0.3.
      xFilesFactor: Math.fround(0.3),
    }),
    seriesFrom(id, count) {
      asked.push(count);
      return MemoryStore.prototype.seriesFrom.call(store, id, count);
    },
  });
  return Object.assign(store, { asked, retained: 0 });
}

const NOW = 1_700_000_000;
const NEVER = new AbortController().signal;

describe('series that differ from the rules', (it) => {
  const lists = Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? '1m:1h' : '10s:1h'));

  it('are counted in slices, with a hint', async () => {
    const store = storeOf(lists);
    const mismatch = new SchemaMismatch(store, rulesOf({ '': 'sum 10s:1h' }, 0.3));
    assert.is(mismatch.count, undefined);
    assert.is(mismatch.hint, undefined);
    await mismatch.run(NOW, NEVER);
    assert.is(mismatch.count, 250);
    assert.match(mismatch.hint!, /^250 series .*retention plan/);
    assert.ok(store.asked.length >= 10);
  });

  it('are counted anew when the rules change, also in the middle', async () => {
    const mismatch = new SchemaMismatch(storeOf(lists), rulesOf({ '': 'sum 10s:1h' }, 0.3));
    const end = new AbortController();
    const first = mismatch.run(NOW, end.signal);
    mismatch.setRules(rulesOf({ '': 'sum 1m:1h' }, 0.3));
    end.abort();
    await first;
    assert.is(mismatch.count, undefined);
    await mismatch.run(NOW, NEVER);
    assert.is(mismatch.count, 750);
    mismatch.setRules(rulesOf({ '': 'sum 1m:1h', s: 'max 1m:1h' }, 0.3));
    await mismatch.run(NOW, end.signal);
    assert.is(mismatch.count, 750);
  });

  it('are counted once an hour, and when some were kept otherwise', async () => {
    const store = storeOf(['1m:1h']);
    const mismatch = new SchemaMismatch(store, rulesOf({ '': 'sum 1m:1h' }, 0.3));
    const counts = async (now: number, asked: number): Promise<void> => {
      await mismatch.run(now, NEVER);
      assert.is(store.asked.length, asked, `at ${now - NOW}`);
    };
    await counts(NOW, 1);
    await counts(NOW + 3599, 1);
    await counts(NOW + 3600, 2);
    store.retained = 1;
    await counts(NOW + 3660, 3);
    await counts(NOW + 3720, 3);
    await counts(NOW - 3600, 4);
  });

  it('need no hint when there are none', async () => {
    const mismatch = new SchemaMismatch(storeOf(['1m:1h']), rulesOf({ '': 'sum 1m:1h' }, 0.3));
    await mismatch.run(NOW, NEVER);
    assert.equal([mismatch.count, mismatch.hint], [0, undefined]);
  });
});
