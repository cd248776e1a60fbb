import type { Series } from '../../../src/query/series/series.ts';
import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const hosts = ['h.a.user', 'h.a.idle', 'h.b.idle', 'h.b.user'].map((name, i) =>
  given(name, [i + 1]),
);

describe('targets made from names', (it) => {
  it('mapSeries sorts series into lists, reduceSeries calls a function on each', async () => {
    const lists = (await call('mapSeries', [hosts, 1])) as unknown as Series[][];
    assert.equal(
      lists.map((list) => list.map((one) => one.name)),
      [
        ['h.a.user', 'h.a.idle'],
        ['h.b.idle', 'h.b.user'],
      ],
    );
    await evaluates(
      'reduceSeries',
      [lists, 'divideSeries', 2, 'user', 'idle'],
      ['h.a.reduce.divideSeries: 0.5', `h.b.reduce.divideSeries: ${4 / 3}`],
    );
    await evaluates('reduceSeries', [lists, 'sumSeries', 2, 'nosuch'], []);
    await evaluates('reduceSeries', [[], 'sumSeries', 2, 'user'], []);
  });

  it('reduceSeries leaves out what is not there', async () => {
    await evaluates(
      'reduce',
      [[[hosts[0]!]], 'sumSeries', 2, 'idle', 'user'],
      ['h.a.reduce.sumSeries: 1'],
    );
  });

  it('applyByNode evaluates a target for each different start', async () => {
    const asked: string[] = [];
    const context = contextOf({
      evaluate: async (target) => {
        asked.push(target);
        return [given(target, [7])];
      },
    });
    await evaluates(
      'applyByNode',
      [hosts, 1, 'max(%.*,%)'],
      ['max(h.a.*,h.a): 7', 'max(h.b.*,h.b): 7'],
      context,
    );
    await evaluates('applyByNode', [hosts, 0, 'f(%)', '% all'], ['h all: 7'], context);
    assert.equal(asked, ['max(h.a.*,h.a)', 'max(h.b.*,h.b)', 'f(h)']);
    const [applied] = await call('applyByNode', [hosts, 1, 'f(%)'], context);
    assert.is(applied!.pathExpression, 'h.a');
    await evaluates('applyByNode', [[], 1, 'f(%)'], []);
  });

  it('useSeriesAbove takes another series for each that goes above', async () => {
    const context = contextOf({ evaluate: async (target) => [given(target, [0])] });
    await evaluates(
      'useSeriesAbove',
      [hosts, 2, '\\.(user|idle)$', '.\\1s'],
      ['h.b.idles: 0', 'h.b.users: 0'],
      context,
    );
    await evaluates('useSeriesAbove', [[given('n', [null])], 0, 'n', 'm'], [], context);
    await refuses('useSeriesAbove', [hosts, 2, '(a', ''], /pattern "\(a"/);
  });

  it('group and fallbackSeries pick lists', async () => {
    const [a, b] = [[given('a', [1])], [given('b', [null])]];
    await evaluates('group', [a, [], b], ['a: 1', 'b: _']);
    await evaluates('group', [], []);
    await evaluates('fallbackSeries', [a, b], ['a: 1']);
    await evaluates('fallbackSeries', [[], b], ['b: _']);
  });

  it('seriesByTag asks for its expressions', async () => {
    const asked: unknown[] = [];
    const context = contextOf({
      seriesByTag: async (expressions) => {
        asked.push(expressions);
        return [given('x;a=b', [1])];
      },
    });
    await evaluates('seriesByTag', ['name=x', 'a!=c'], ['x;a=b: 1'], context);
    assert.equal(asked, [['name=x', 'a!=c']]);
  });
});

describe('interpolation and settings', (it) => {
  it('interpolate draws lines over gaps inside the series', async () => {
    const gaps = [given('a', [null, 1, null, null, 4, null])];
    await evaluates('interpolate', [gaps], ['interpolate(a): _ 1 2 3 4 _']);
    await evaluates('interpolate', [gaps, 1], ['interpolate(a): _ 1 _ _ 4 _']);
    await evaluates('interpolate', [[given('n', [null, null])]], ['interpolate(n): _ _']);
  });

  it('integralByInterval starts over at each interval of the window', async () => {
    const series = [given('a', [1, 2, null, 4, 5], { start: 60 })];
    await evaluates(
      'integralByInterval',
      [series, '2min'],
      ["integralByInterval(a,'2min') @60/60: 1 2 2 4 9"],
    );
    await refuses('integralByInterval', [series, '0s'], /expected one above zero/);
    await evaluates('integralByInterval', [[], '1h'], []);
  });

  it('consolidateBy and cumulative name the function', async () => {
    const series = [given('a', [1])];
    const [max] = await call('consolidateBy', [series, 'max']);
    assert.equal(
      [max!.name, max!.pathExpression, max!.consolidateBy],
      ['consolidateBy(a,"max")', 'consolidateBy(a,"max")', 'max'],
    );
    const [sum] = await call('cumulative', [series]);
    assert.equal([sum!.name, sum!.consolidateBy], ['consolidateBy(a,"sum")', 'sum']);
    await refuses('consolidateBy', [series, 'nosuch'], /"nosuch" read, expected one of/);
  });

  it('setXFilesFactor sets it for the series and the request', async () => {
    const context = contextOf();
    const [set] = await call('xFilesFactor', [[given('a', [1])], 0.5], context);
    assert.equal([set!.name, set!.xFilesFactor, context.xFilesFactor], ['a', 0.5, 0.5]);
    assert.equal(set!.tags, { name: 'a', xFilesFactor: '0.5' });
  });
});
