import { assert, describe } from '../../support/suite.ts';
import { call, evaluates, given, refuses } from './table.ts';

const a = given('a', [15, 20, null, 35, 40, 50]);
const nulls = given('n', [null, null]);
const fast = given('f', [1, 3, 5, 7], { step: 30 });

describe('percentiles', (it) => {
  it('draws a flat line at one, not for series without datapoints', async () => {
    await evaluates('nPercentile', [[a, nulls], 50], ['nPercentile(a, 50): 35 35 35 35 35 35']);
    await evaluates('nPercentile', [[a], 100], ['nPercentile(a, 100): 50 50 50 50 50 50']);
    await refuses('nPercentile', [[a], 0], /percentile 0 read, expected above 0/);
    const [answer] = await call('nPercentile', [[a], 12.5]);
    assert.equal(answer?.tags, { name: 'a', nPercentile: '12.5' });
  });

  it('takes one across series, at the common step', async () => {
    const f = 'percentileOfSeries';
    const list = [given('x', [1, 10]), given('y', [2, null]), given('z', [3, null])];
    await evaluates(f, [list, 50], [`${f}(x,50): 2 10`]);
    await evaluates(f, [list, 40, true], [`${f}(x,40): ${1 + (0.4 * 4 - 1)} 10`]);
    await evaluates(f, [[list[0]!, fast], 99], [`${f}(x,99): 2 10`]);
    await evaluates(f, [[nulls], 50], [`${f}(n,50): _ _`]);
    await refuses(f, [list, -1], /percentile -1 read/);
  });

  it('nulls datapoints beyond one', async () => {
    await evaluates(
      'removeAbovePercentile',
      [[a, nulls], 50],
      ['removeAbovePercentile(a, 50): 15 20 _ 35 _ _', 'removeAbovePercentile(n, 50): _ _'],
    );
    await evaluates(
      'removeBelowPercentile',
      [[a, nulls], 50],
      ['removeBelowPercentile(a, 50): _ _ _ 35 40 50', 'removeBelowPercentile(n, 50): _ _'],
    );
    const [kept, empty] = await call('removeAbovePercentile', [[a, nulls], 50]);
    assert.equal(kept?.tags, { name: 'a', nPercentile: '50.0' });
    assert.equal(empty?.tags, { name: 'n' });
  });

  it('keeps the series outside a band', async () => {
    const list = [1, 2, 3, 4, 5].map((value) => given(`s${value}`, [value, value]));
    // Ranks 1.2 and 4.8 of five are the second and the fifth; the ends of the band are outside.
    const outer = ['s1: 1 1', 's2: 2 2', 's5: 5 5'];
    await evaluates('averageOutsidePercentile', [list, 80], outer);
    await evaluates('averageOutsidePercentile', [list, 20], outer);
    await evaluates('removeBetweenPercentile', [list, 80], outer);
    await evaluates('removeBetweenPercentile', [list, 20], outer);
    await evaluates('averageOutsidePercentile', [[...list, nulls], 80], [...outer, 'n: _ _']);
    await evaluates('removeBetweenPercentile', [[...list, nulls], 80], outer);
    await evaluates(
      'removeBetweenPercentile',
      [[given('x', [1, 1]), fast], 50],
      ['x: 1 1', 'f @0/30: 1 3 5 7'],
    );
  });
});

describe('the deviation of a window', (it) => {
  it('starts with what there is, and wants a share of the window known', async () => {
    await evaluates('stdev', [[given('a', [1, 3, 5, null, null])], 2], ['stdev(a,2): 0 1 1 0 _']);
    await evaluates(
      'stdev',
      [[given('a', [1, 3, 5, null, null])], 2, 1],
      ['stdev(a,2): _ 1 1 _ _'],
    );
    await evaluates('stdev', [[nulls], 3], ['stdev(n,3): _ _']);
  });
});
