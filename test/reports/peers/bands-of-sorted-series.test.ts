/** The bands are learned over a longer time, over which a sort may come out otherwise. */
import { assert, describe } from '../../support/suite.ts';
import { evaluated } from './series-of-one-window.ts';

describe('holtWintersAberration of sorted series', (it) => {
  it('compares each series with its own bands', async () => {
    // Highest in the window, and lowest before it.
    const values = (base: number, late: number): number[] =>
      Array.from({ length: 40 }, (_, i) => (i <= 20 ? base : late) + (i % 2));
    const columns = {
      'a.x': { step: 60, values: values(1, 50) },
      'a.y': { step: 60, values: values(100, 10) },
    };
    const window = { from: 1200, until: 1800 };
    const call = (inner: string): string => `holtWintersAberration(${inner},3,"20min","2min")`;
    const sorted = await evaluated(columns, call('sortByTotal(a.*)'), window);
    assert.equal(
      sorted.map(({ name }) => name),
      ['holtWintersAberration(a.x)', 'holtWintersAberration(a.y)'],
    );
    for (const [i, name] of ['a.x', 'a.y'].entries()) {
      const [alone] = await evaluated(columns, call(name), window);
      assert.equal([...sorted[i]!.values], [...alone!.values]);
    }
  });
});
