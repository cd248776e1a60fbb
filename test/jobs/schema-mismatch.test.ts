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
  return Object.assign(store, { asked });
}

describe('series that differ from the rules', (it) => {
  const lists = Array.from({ length: 1000 }, (_, i) => (i % 4 === 0 ? '1m:1h' : '10s:1h'));

  it('are counted in slices, with a hint', async () => {
    const store = storeOf(lists);
    const differing = new SchemaMismatch(store, rulesOf({ '': 'sum 10s:1h' }, 0.3));
    assert.is(differing.count, undefined);
    assert.is(differing.hint, undefined);
    await differing.run();
    assert.is(differing.count, 250);
    assert.match(differing.hint!, /^250 series .*retention plan/);
    assert.ok(store.asked.length >= 10);
  });

  it('are counted anew when the rules change, also in the middle', async () => {
    const differing = new SchemaMismatch(storeOf(lists), rulesOf({ '': 'sum 10s:1h' }, 0.3));
    const first = differing.run();
    differing.setRules(rulesOf({ '': 'sum 1m:1h' }, 0.3));
    await first;
    assert.is(differing.count, undefined);
    await differing.run();
    assert.is(differing.count, 750);
    differing.setRules(rulesOf({ '': 'sum 1m:1h', s: 'max 1m:1h' }, 0.3));
    const last = differing.run();
    differing.stop();
    await last;
    assert.is(differing.count, 750);
  });

  it('need no hint when there are none', async () => {
    const differing = new SchemaMismatch(storeOf(['1m:1h']), rulesOf({ '': 'sum 1m:1h' }, 0.3));
    await differing.run();
    assert.equal([differing.count, differing.hint], [0, undefined]);
  });
});
