import { describe } from '../../support/suite.ts';
import { evaluates, given, refuses } from './table.ts';

const a = given('s.a', [1, null, 3, 5]);
const b = given('s.b', [3, 5, 0, null]);
const fast = given('s.f', [1, 3, 2, null], { step: 30 });

describe('percentages', (it) => {
  it('of a number', async () => {
    await evaluates('asPercent', [[a], 50], ['asPercent(s.a,50): 2 _ 6 10']);
    await evaluates('pct', [[a], 0.5], ['asPercent(s.a,0.5): 200 _ 600 1000']);
    await evaluates('asPercent', [[a], 0], ['asPercent(s.a,0): _ _ _ _']);
    await refuses('asPercent', [[a], 'half'], /total "half" read, expected a number/);
  });

  it('of the sum of all', async () => {
    await evaluates(
      'asPercent',
      [[a, b]],
      [
        'asPercent(s.a,sumSeries(s.a,s.b)): 25 _ 100 100',
        'asPercent(s.b,sumSeries(s.a,s.b)): 75 100 0 _',
      ],
    );
    await evaluates('asPercent', [[given('n', [null, 0])]], ['asPercent(n,sumSeries(n)): _ _']);
  });

  it('of one series, or of as many matched in the order of names', async () => {
    await evaluates(
      'asPercent',
      [[a, b], [b]],
      [`asPercent(s.a,s.b): ${(1 / 3) * 100} _ _ _`, 'asPercent(s.b,s.b): 100 100 _ _'],
    );
    await evaluates(
      'asPercent',
      [
        [b, a],
        [given('t.b', [6, 1, 1, 1]), given('t.a', [2, 2, 2, 2])],
      ],
      ['asPercent(s.a,t.a): 50 _ 150 250', 'asPercent(s.b,t.b): 50 500 0 _'],
    );
    await refuses(
      'asPercent',
      [
        [a, b, a],
        [a, b],
      ],
      /total of 2 series read, expected 1 or as many/,
    );
    await refuses('asPercent', [[a], []], /total of 0 series read/);
  });

  it('of the sum of a group, or of totals matched by nodes', async () => {
    const list = ['x.u', 'x.i', 'y.u'].map((name, i) => given(name, [i + 1]));
    await evaluates(
      'asPercent',
      [list, undefined, 0],
      [
        `asPercent(x.u,sumSeries(x.u,x.i)): ${(1 / 3) * 100}`,
        `asPercent(x.i,sumSeries(x.u,x.i)): ${(2 / 3) * 100}`,
        'asPercent(y.u,y.u): 100',
      ],
    );
    await evaluates(
      'asPercent',
      [list, [given('x.t', [4]), given('z.t', [9])], 0],
      [
        'asPercent(x.u,x.t): 25',
        'asPercent(x.i,x.t): 50',
        'asPercent(y.u,MISSING): _',
        'asPercent(MISSING,z.t): _',
      ],
    );
    await evaluates('asPercent', [[], undefined, 0], []);
    await refuses('asPercent', [list, 100, 0], /total 100 read, expected a series list or None/);
  });

  it('with mixed steps consolidates, and leaves start and step as they came', async () => {
    await evaluates(
      'asPercent',
      [[a, fast]],
      [
        `asPercent(s.a,sumSeries(s.a,s.f)): ${(1 / 3) * 100} _ 100 100`,
        `asPercent(s.f,sumSeries(s.a,s.f)) @0/30: ${(2 / 3) * 100} 100 _ _`,
      ],
    );
    await evaluates('asPercent', [[fast], [a]], ['asPercent(s.f,s.a): 200 _ _ _']);
  });
});

describe('weighted averages', (it) => {
  it('matches by nodes, and is null where no weight is known', async () => {
    const averages = [given('h1.mean', [10, 20, null]), given('h2.mean', [30, 40, 50])];
    const weights = [given('h1.count', [1, 1, 1]), given('h2.count', [3, 0, null])];
    await evaluates(
      'weightedAverage',
      [averages, weights, 0],
      ['weightedAverage(h1.mean,h2.mean, h1.count,h2.count, 0): 25 20 _'],
    );
    await evaluates('weightedAverage', [averages, weights, 1], []);
    await evaluates('weightedAverage', [[], [], 0], []);
    await refuses('weightedAverage', [averages, [a], 0], /2 averages and 1 weights read/);
  });
});
