/** What may be given in parts answers the same, whatever the parts are; and others run in between. */
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import type { FunctionSpec } from '../../../src/query/functions/spec.ts';
import { evaluateTargets } from '../../../src/query/evaluate/evaluate.ts';
import { partsOf } from '../../../src/query/evaluate/parts.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';
import { columnStore } from '../support/column-store.ts';
import { callOf, FROM, SECONDS, STORE, UNTIL } from '../support/registry-calls.ts';
import { given } from '../functions/table.ts';

function plain(series: readonly Series[]): unknown[] {
  return series.map((one) => ({ ...one, values: Array.from(one.values, String) }));
}

async function answerOf(target: string, partPoints: number): Promise<unknown[]> {
  const window = { from: FROM, until: UNTIL, now: SECONDS };
  const limits = { partPoints };
  return plain(await evaluateTargets(STORE, { targets: [target], ...window, limits }));
}

describe('functions over parts of a list', (it) => {
  it('answer as over the whole', async () => {
    let count = 0;
    const perSeries = [...FUNCTIONS.values()].filter((spec) => spec.isPerSeries);
    assert.ok(perSeries.length >= 49, `${perSeries.length} functions may have their list in parts`);
    for (const spec of perSeries) {
      for (const folder of ['mixed', 'null']) {
        for (const isFull of [false, true]) {
          const target = callOf(spec, folder, isFull);
          const whole = await answerOf(target, Infinity);
          assert.equal(await answerOf(target, 1), whole, target);
          assert.equal(await answerOf(target, 400), whole, target);
          count += whole.length;
        }
      }
    }
    assert.ok(count > 300, `${count} series were compared`);
  });

  it('keep the order, and have a series at least', () => {
    const series = [103, 2, 100, 1, 1, 500].map((length, i) =>
      given(`s${i}`, Array(length).fill(i)),
    );
    const parts = [...partsOf(series, 305)].map((part) => part.map(({ name }) => name));
    assert.equal(parts, [['s0', 's1'], ['s2', 's3'], ['s4'], ['s5']]);
    assert.equal([...partsOf([], 305)], []);
  });

  it('end in the middle of a call when nobody waits for them', async () => {
    const values = Array<number>(100).fill(1);
    const names = Array.from({ length: 20 }, (_, i) => `a.${i}`);
    const columns = Object.fromEntries(names.map((name) => [name, { step: 1, values }]));
    const parts: number[] = [];
    const sluggish: FunctionSpec['call'] = (_context, list: Series[]) => {
      parts.push(list.length);
      // As a part of datapoints that takes more than a slice.
      for (const end = performance.now() + 20; performance.now() < end;);
      return list;
    };
    const functions = FUNCTIONS as Map<string, FunctionSpec>;
    functions.set('sluggish', { ...FUNCTIONS.get('log')!, name: 'sluggish', call: sluggish });
    const request = { targets: ['sluggish(a.*)'], from: 0, until: 98, now: 100 };
    const limits = { partPoints: 400 };
    const isWanted = (): boolean => parts.length < 3;
    let message = 'it was evaluated';
    try {
      await evaluateTargets(columnStore(columns), { ...request, limits, isWanted });
    } catch (error) {
      ({ message } = error as Error);
    } finally {
      functions.delete('sluggish');
    }
    assert.match(message, /^sluggish: the request was given up by its sender/);
    assert.equal(parts, [2, 2, 2]);
  });
});
