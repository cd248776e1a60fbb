import fc from 'fast-check';
import { atOnce } from '../../../src/lib/in-steps.ts';
import { reducerOf, AGGREGATOR_NAMES } from '../../../src/query/series/aggregate.ts';
import { slidingCount, slidingOf } from '../../../src/query/series/sliding.ts';
import { assertValues, describe } from '../../support/suite.ts';

/** Each window on its own: what the one-pass ways have to equal. */
function naive(values: Float64Array, points: number, func: string): number[] {
  const aggregate = reducerOf(func);
  const answers: number[] = [];
  for (let end = points + 1; end <= values.length; end++) {
    const known = values.slice(end - points, end).filter((value) => !Number.isNaN(value));
    answers.push(known.length === 0 ? NaN : aggregate(known));
  }
  return answers;
}

describe('sliding windows', (it) => {
  const value = fc.oneof(fc.constant(NaN), fc.integer({ min: -50, max: 50 }), fc.double());
  const column = fc.array(value, { maxLength: 40 }).map((all) => Float64Array.from(all));
  const finite = column.map((all) => all.map((one) => (Math.abs(one) > 1e6 ? 0.1 : one)));

  for (const func of AGGREGATOR_NAMES) {
    it(`${func} equals the aggregate of each window`, () => {
      fc.assert(
        fc.property(finite, fc.integer({ min: 1, max: 12 }), (values, points) => {
          const counts = slidingCount(values, points);
          const answers = atOnce(slidingOf(func)(values, points));
          const known = answers.map((answer, i) => (counts[i]! > 0 ? answer : NaN));
          assertValues(known, naive(values, points, func), 0);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('sums long windows to the last digits, whatever was in them before', () => {
    const values = Float64Array.from({ length: 2000 }, (_, i) =>
      i % 7 === 0 ? NaN : i % 100 === 0 ? 1e12 : (i % 13) / 10,
    );
    for (const func of ['sum', 'average']) {
      assertValues(atOnce(slidingOf(func)(values, 300)), naive(values, 300, func), 1e-15);
    }
  });

  it('forgets an infinity that has left the window', () => {
    const values = new Float64Array(700).fill(1);
    values[5] = Infinity;
    const sums = atOnce(slidingOf('sum')(values, 300));
    assertValues(sums.slice(-1), [300]);
  });
});
