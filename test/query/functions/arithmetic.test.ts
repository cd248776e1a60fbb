import { describe } from '../../support/suite.ts';
import { evaluates, given, refuses } from './table.ts';

const a = [given('a', [1, null, -2.5])];
const nulls = [given('n', [null, null])];

describe('arithmetic on each datapoint', (it) => {
  it('keeps nulls and shows the constant as %g', async () => {
    await evaluates('scale', [a, 2], ['scale(a,2): 2 _ -5']);
    await evaluates('scale', [a, 123456789], ['scale(a,1.23457e+08): 123456789 _ -308641972.5']);
    await evaluates('scale', [nulls, 2], ['scale(n,2): _ _']);
    await evaluates('offset', [a, -0.5], ['offset(a,-0.5): 0.5 _ -3']);
    await evaluates('offset', [nulls, 1], ['offset(n,1): _ _']);
    await evaluates('absolute', [a], ['absolute(a): 1 _ 2.5']);
    await evaluates('invert', [[given('a', [2, 0, null, -4])]], ['invert(a): 0.5 _ _ -0.25']);
  });

  it('shows the constant of add without its fraction, and adds all of it', async () => {
    await evaluates('add', [a, 0.4], ['add(a,0): 1.4 _ -2.1']);
    await evaluates('add', [a, -2.9], ['add(a,-2): -1.9 _ -5.4']);
    await refuses('add', [a, Infinity], /inf read where a finite number is expected/);
  });

  it('moves and stretches by the lowest and highest datapoint', async () => {
    await evaluates('offsetToZero', [a], ['offsetToZero(a): 3.5 _ 0']);
    await evaluates('offsetToZero', [nulls], ['offsetToZero(n): _ _']);
    await evaluates('minMax', [[given('a', [2, 4, null, 10])]], ['minMax(a): 0 0.25 _ 1']);
    await evaluates('minMax', [[given('a', [7, 7])]], ['minMax(a): 0 0']);
    await evaluates('minMax', [nulls], ['minMax(n): _ _']);
  });

  it('rounds halves to even, and names the precision only when given', async () => {
    const halves = [given('a', [0.5, 1.5, 2.5, -0.5, null])];
    await evaluates('round', [halves], ['round(a): 0 2 2 0 _']);
    await evaluates('round', [halves, 0], ['round(a,0): 0 2 2 0 _']);
    await evaluates('round', [[given('a', [25, 35, 0.125])], -1], ['round(a,-1): 20 40 0']);
    await evaluates('round', [[given('a', [0.125, 2.675])], 2], ['round(a,2): 0.12 2.67']);
  });

  it('scales by the step, to six decimals', async () => {
    const fast = [given('a', [1, null, 3], { step: 7 })];
    await evaluates('scaleToSeconds', [fast, 1], ['scaleToSeconds(a,1) @0/7: 0.142857 _ 0.428571']);
    await evaluates('scaleToSeconds', [a, 3600.9], ['scaleToSeconds(a,3600): 60.015 _ -150.0375']);
  });
});

describe('powers and logarithms of each datapoint', (it) => {
  it('gives null outside the domain and over the largest number', async () => {
    await evaluates('exp', [[given('a', [0, 1, null, 1000])]], [`exp(a): 1 ${Math.E} _ _`]);
    await evaluates('log', [[given('a', [100, 1, 0, -1, null])], 10], ['log(a, 10): 2 0 _ _ _']);
    await evaluates('log', [[given('a', [8])], 2], ['log(a, 2): 3']);
    await evaluates('logit', [[given('a', [0.5, 0, 1, 2, -1, null])]], ['logit(a): 0 _ _ _ _ _']);
    await evaluates('sigmoid', [[given('a', [0, null, -1e9])]], ['sigmoid(a): 0.5 _ 0']);
    await evaluates('squareRoot', [[given('a', [9, -1, null])]], ['squareRoot(a): 3 _ _']);
    await evaluates('pow', [[given('a', [3, -8, 0, null, 1e200])], 2], ['pow(a,2): 9 64 0 _ _']);
    await evaluates('pow', [[given('a', [4, -4, 0])], -0.5], ['pow(a,-0.5): 0.5 _ _']);
  });

  it('refuses bases that have no logarithm', async () => {
    for (const base of [1, 0, -2])
      await refuses('log', [nulls, base], /expected above 0 and not 1/);
  });
});
