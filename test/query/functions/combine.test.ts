import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const a = given('a', [1, null, 3]);
const b = given('b', [4, 5, null]);
const nulls = given('n', [null, null]);
/** Ten-second values, from 30: six of them make one of the minute. */
const fast = given('f', [1, 2, 3, 4, 5, null, 10, 20], { start: 30, step: 10 });

describe('many series into one', (it) => {
  it('skips nulls, by every aggregate', async () => {
    await evaluates('sumSeries', [[a, b]], ['sumSeries(a,b): 5 5 3']);
    await evaluates('sum', [[a], [b]], ['sumSeries(a,b): 5 5 3']);
    await evaluates('averageSeries', [[a, b]], ['averageSeries(a,b): 2.5 5 3']);
    await evaluates('avg', [[a, b]], ['averageSeries(a,b): 2.5 5 3']);
    await evaluates('maxSeries', [[a, b]], ['maxSeries(a,b): 4 5 3']);
    await evaluates('minSeries', [[a, b]], ['minSeries(a,b): 1 5 3']);
    await evaluates('diffSeries', [[a, b]], ['diffSeries(a,b): -3 5 3']);
    await evaluates('rangeOfSeries', [[a, b]], ['rangeOfSeries(a,b): 3 0 0']);
    await evaluates('stddevSeries', [[a, b]], ['stddevSeries(a,b): 1.5 0 0']);
    await evaluates('multiplySeries', [[a, b]], ['multiplySeries(a,b): 4 _ _']);
    await evaluates('multiplySeries', [[a]], ['a: 1 _ 3']);
    await evaluates('powSeries', [[a], [b]], ['powSeries(a,b): 1 _ _']);
    await evaluates('aggregate', [[a, b], 'median'], ['medianSeries(a,b): 2.5 5 3']);
    await evaluates('aggregate', [[a, b], 'avg_zero'], ['avg_zeroSeries(a,b): 2.5 2.5 1.5']);
    await evaluates('aggregate', [[a, b], 'count'], ['countSeries(a,b): 2 1 1']);
    await evaluates('aggregate', [[a, b], 'last'], ['lastSeries(a,b): 4 5 3']);
    await evaluates('aggregate', [[a, b], 'sumSeries'], ['sumSeries(a,b): 5 5 3']);
    await refuses('aggregate', [[a, b], 'mode'], /"mode" read, expected one of average avg/);
    await refuses('aggregate', [[], 'mode'], /"mode" read/);
  });

  it('is null where all are, and 0 of nothing nowhere', async () => {
    for (const func of ['sum', 'count', 'avg_zero', 'multiply', 'stddev']) {
      const [answer] = await call('aggregate', [[nulls, nulls], func]);
      assert.ok(answer?.values.every(Number.isNaN), func);
    }
    await evaluates('sumSeries', [], []);
    await evaluates('powSeries', [[]], []);
    await evaluates('countSeries', [[nulls, a]], ['countSeries(n,a): 2 2 2']);
    await evaluates('countSeries', [[]], []);
    await evaluates('countSeries', [], ['0 @0/300: 0 0 0']);
  });

  it('asks for the share of known values that xFilesFactor says', async () => {
    await evaluates('aggregate', [[a, b], 'sum', 0.6], ['sumSeries(a,b): 5 _ _']);
    await evaluates('aggregate', [[a, b], 'sum', 0.5], ['sumSeries(a,b): 5 5 3']);
    await evaluates(
      'sumSeries',
      [[a, b]],
      ['sumSeries(a,b): 5 _ _'],
      contextOf({ xFilesFactor: 1 }),
    );
  });

  it('consolidates finer steps, each from its own first value', async () => {
    await evaluates('sumSeries', [[a, fast]], ['sumSeries(a,f): 4 15 3']);
    const coarse = { ...fast, consolidateBy: 'max' };
    await evaluates('sumSeries', [[coarse, a]], ['sumSeries(f,a): 6 20 3']);
    const late = given('l', [1, 2], { start: 90 });
    await evaluates('maxSeries', [[late, fast]], ['maxSeries(l,f) @30/60: 3 15']);
    const odd = given('o', [1, 2, 3, 4, 5, 6], { step: 40 });
    await evaluates('sumSeries', [[a, odd]], ['sumSeries(a,o) @0/120: 3 8']);
  });

  it('keeps the tags that all have alike, and traces the aggregate', async () => {
    const tagged = (server: string): typeof a => ({
      ...a,
      tags: { name: 'cpu', dc: 'x', server },
      pathExpression: 'seriesByTag("name=cpu")',
    });
    const [answer] = await call('sumSeries', [[tagged('1'), tagged('2')]]);
    assert.equal(answer?.tags, { name: 'cpu', dc: 'x', aggregatedBy: 'sum' });
    assert.is(answer?.pathExpression, 'sumSeries(seriesByTag("name=cpu"))');
    const [other] = await call('maxSeries', [[a, b]]);
    assert.equal(other?.tags, { name: 'maxSeries(a,b)', aggregatedBy: 'max' });
  });
});

describe('two lists, pair by pair', (it) => {
  it('aggregates first with first, second with second', async () => {
    await evaluates(
      'sumSeriesLists',
      [
        [a, b],
        [b, nulls],
      ],
      ['sumSeries(a,b): 5 5 3', 'sumSeries(b,n): 4 5 _'],
    );
    await evaluates('diffSeriesLists', [[a], [b]], ['diffSeries(a,b): -3 5 3']);
    await evaluates('multiplySeriesLists', [[a], [b]], ['multiplySeries(a,b): 4 _ _']);
    await evaluates('aggregateSeriesLists', [[a], [b], 'max', 1], ['maxSeries(a,b): 4 _ _']);
    await refuses('sumSeriesLists', [[a, b], [a]], /lists of 2 and 1 series read/);
  });

  it('divides, with null for zero and null', async () => {
    const zero = given('z', [0, 2, null]);
    await evaluates('divideSeries', [[b], [zero]], ['divideSeries(b,z): _ 2.5 _']);
    await evaluates(
      'divideSeries',
      [[a, b], []],
      ['divideSeries(a,MISSING): _ _ _', 'divideSeries(b,MISSING): _ _ _'],
    );
    await evaluates('divideSeries', [[], [a]], []);
    await evaluates('divideSeries', [[fast], [a]], ['divideSeries(f,a): 3 _ _']);
    await refuses(
      'divideSeries',
      [[a], [a, b]],
      /divisorSeries has 2 series, expected exactly one/,
    );
    await evaluates(
      'divideSeriesLists',
      [
        [a, b],
        [b, zero],
      ],
      ['divideSeries(a,b): 0.25 _ _', 'divideSeries(b,z): _ 2.5 _'],
    );
    await refuses('divideSeriesLists', [[a], []], /lists of 1 and 0 series read/);
  });
});

describe('groups by wildcard positions', (it) => {
  const list = ['x.1.user', 'x.2.user', 'x.1.idle'].map((name, i) => given(name, [i + 2, null]));
  it('names groups by the parts left', async () => {
    await evaluates('sumSeriesWithWildcards', [list, 1], ['x.user: 5 _', 'x.idle: 4 _']);
    await evaluates('averageSeriesWithWildcards', [list, 1, 2], ['x: 3 _']);
    await evaluates('multiplySeriesWithWildcards', [list, 1], ['x.user: 6 _', 'x.idle: 4 _']);
    await evaluates('aggregateWithWildcards', [list, 'max', 2, 1], ['x: 4 _']);
    await evaluates(
      'sumSeriesWithWildcards',
      [list],
      list.map((one) => `${one.name}: ${one.values[0]} _`),
    );
  });
});
