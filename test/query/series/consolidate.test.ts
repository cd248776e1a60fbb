import {
  consolidate,
  leastCommonMultiple,
  normalize,
} from '../../../src/query/series/consolidate.ts';
import { makeSeries, type Series } from '../../../src/query/series/series.ts';
import { assert, assertValues, describe } from '../../support/suite.ts';

function given(values: (number | null)[], changes: Partial<Series> = {}): Series {
  return makeSeries({
    name: 'a',
    start: 60,
    step: 60,
    values: Float64Array.from(values, (value) => value ?? NaN),
    ...changes,
  });
}

const TURN = { pause: async () => {} };

describe('consolidation', (it) => {
  const values = [1, 2, null, 4, null, null, 7];

  it('folds by each function, the last bucket from what there is', () => {
    const expected: Record<string, (number | null)[]> = {
      average: [1.5, 4, 7],
      avg: [1.5, 4, 7],
      avg_zero: [1, 4 / 3, 7],
      sum: [3, 4, 7],
      total: [3, 4, 7],
      max: [2, 4, 7],
      min: [1, 4, 7],
      first: [1, 4, 7],
      last: [2, 4, 7],
      current: [2, 4, 7],
    };
    for (const [consolidateBy, folded] of Object.entries(expected)) {
      assertValues(consolidate(given(values, { consolidateBy }), 3).values, folded);
    }
  });

  it('widens the step and counts the points in each value', () => {
    const folded = consolidate(consolidate(given(values), 2), 2);
    assert.is(folded.step, 240);
    assert.is(folded.valuesPerPoint, 4);
    assert.is(folded.start, 60);
  });

  it('needs the share of known values that xFilesFactor says, of a whole bucket', () => {
    assertValues(consolidate(given(values, { xFilesFactor: 0.5 }), 3).values, [1.5, null, null]);
    assertValues(consolidate(given([null, null]), 2).values, [null]);
  });

  it('leaves a series alone that is fine already', () => {
    const series = given(values);
    assert.is(consolidate(series, 1), series);
  });

  it('refuses a function that it does not know', () => {
    assert.throws(
      () => consolidate(given(values, { consolidateBy: 'nosuch' }), 2),
      /"nosuch" read, expected one of/,
    );
  });
});

describe('common steps', (it) => {
  it('are the least common multiple', () => {
    assert.is(leastCommonMultiple(10, 60), 60);
    assert.is(leastCommonMultiple(40, 60), 120);
    assert.is(leastCommonMultiple(7, 1), 7);
  });

  it('fold each series from its own first point', async () => {
    const fine = given([1, 2, 3, 4], { start: 30, step: 30 });
    const coarse = given([10, 20], { start: 60, step: 60 });
    const rows = await normalize(TURN, [fine, coarse]);
    assert.equal([rows?.start, rows?.end, rows?.step, rows?.rowCount], [30, 150, 60, 2]);
    assertValues(rows!.series[0]!.values, [1.5, 3.5]);
    assertValues(rows!.series[1]!.values, [10, 20]);
  });

  it('of nothing are nothing', async () => assert.is(await normalize(TURN, []), undefined));
});
