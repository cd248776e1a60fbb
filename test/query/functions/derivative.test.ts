import { describe } from '../../support/suite.ts';
import { evaluates, given } from './table.ts';

const counter = [given('c', [10, 15, null, 30, 5, 8])];
const nulls = [given('n', [null, null])];

describe('differences and sums over time', (it) => {
  it('is null where either neighbour is', async () => {
    await evaluates('derivative', [counter], ['derivative(c): _ 5 _ _ -25 3']);
    await evaluates('derivative', [nulls], ['derivative(n): _ _']);
  });

  it('takes a falling counter for a reset, or for a wrap at the limits given', async () => {
    const f = 'nonNegativeDerivative';
    await evaluates(f, [counter], [`${f}(c): _ 5 _ _ _ 3`]);
    await evaluates(f, [counter, 99], [`${f}(c): _ 5 _ _ 75 3`]);
    await evaluates(f, [counter, 99, 2], [`${f}(c): _ 5 _ _ 73 3`]);
    await evaluates(f, [counter, undefined, 2], [`${f}(c): _ 5 _ _ 3 3`]);
    await evaluates(f, [nulls, 99, 0], [`${f}(n): _ _`]);
  });

  it('forgets readings outside the limits', async () => {
    const f = 'nonNegativeDerivative';
    const wild = [given('c', [10, 500, 20, 25, -3, 30, 31])];
    await evaluates(f, [wild, 100, 0], [`${f}(c): _ _ _ 5 _ _ 1`]);
  });

  it('divides by the step, to six decimals', async () => {
    const slow = given('s', [0, 1, 8], { step: 7 });
    await evaluates(
      'perSecond',
      [[...counter, slow]],
      ['perSecond(c): _ 0.083333 _ _ _ 0.05', 'perSecond(s) @0/7: _ 0.142857 1'],
    );
    await evaluates('perSecond', [[given('c', [90, 10])], 99], ['perSecond(c): _ 0.333333']);
  });

  it('adds up over gaps', async () => {
    await evaluates('integral', [counter], ['integral(c): 10 25 _ 55 60 68']);
    await evaluates('integral', [nulls], ['integral(n): _ _']);
  });
});
