import fc from 'fast-check';
import { foldRows } from '../../../src/query/functions/rows.ts';
import { reducerOf } from '../../../src/query/series/aggregate.ts';
import { normalize } from '../../../src/query/series/consolidate.ts';
import { makeSeries } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';

const TURN = { pause: async () => {} };

describe('aggregates of rows', (it) => {
  const value = fc.oneof(
    fc.constantFrom(NaN, NaN, 0, -0, 0.1, Infinity, -Infinity),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );
  const columns = fc.array(fc.array(value, { maxLength: 12 }), { minLength: 1, maxLength: 11 });
  const share = fc.constantFrom(0, 0.5, 1);

  for (const func of ['sum', 'total', 'average', 'avg', 'max', 'min', 'median', 'count']) {
    it(`${func} is that of each row, from the first series to the last`, async () => {
      await fc.assert(
        fc.asyncProperty(columns, share, async (all, xFilesFactor) => {
          const series = all.map((values, i) => {
            return makeSeries({
              name: `${i}`,
              start: 0,
              step: 1,
              values: Float64Array.from(values),
            });
          });
          const found = await foldRows(TURN, (await normalize(TURN, series))!, func, xFilesFactor);
          const expected = Array.from(found, (_, i) => {
            const known = all.map((one) => one[i] ?? NaN).filter((one) => !Number.isNaN(one));
            const enough = known.length > 0 && known.length / all.length >= xFilesFactor;
            return enough ? reducerOf(func)(known) : NaN;
          });
          for (const [i, one] of expected.entries()) {
            // 0 and -0 are one sum here: a row of -0 alone adds up to it, from the left to 0.
            assert.is(Object.is(found[i], one) || found[i] === one, true, `${found[i]} ${one}`);
          }
        }),
        { numRuns: 500 },
      );
    });
  }
});
