import { assert, assertValues, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const context = contextOf({ from: 100, until: 300 });

describe('lines', (it) => {
  it('constantLine has three points over the window', async () => {
    await evaluates('constantLine', [5], ['5.0 @100/100: 5 5 5'], context);
    await evaluates(
      'constantLine',
      [1.5],
      ['1.5 @100/99: 1.5 1.5 1.5'],
      contextOf({ from: 100, until: 299 }),
    );
  });

  it('constantLine has a step above zero in the shortest window', async () => {
    await evaluates(
      'constantLine',
      [5],
      ['5.0 @100/1: 5 5 5'],
      contextOf({ from: 100, until: 101 }),
    );
  });

  it('threshold has a label and a colour', async () => {
    const [line] = await call('threshold', [5, 'most', 'red'], context);
    assert.equal([line!.name, line!.options], ['most', { color: 'red' }]);
    await evaluates('threshold', [5], ['5.0 @100/100: 5 5 5'], context);
  });

  it('aggregateLine is at an aggregate of the series', async () => {
    const series = [given('a', [1, null, 4])];
    await evaluates(
      'aggregateLine',
      [series],
      ['aggregateLine(a, 2.5) @100/100: 2.5 2.5 2.5'],
      context,
    );
    await evaluates(
      'aggregateLine',
      [series, 'max', true],
      ['aggregateLine(a, 4): 4 4 4'],
      context,
    );
    await evaluates(
      'aggregateLine',
      [[given('n', [null])]],
      ['aggregateLine(n, None) @100/100: _ _ _'],
      context,
    );
    const [none] = await call('aggregateLine', [[given('n', [null])]], context);
    assert.equal(none!.tags, { name: 'None' });
    await evaluates('aggregateLine', [[]], [], context);
    await refuses('aggregateLine', [series, 'nosuch'], /"nosuch" read/, context);
  });

  it('verticalLine stands at a time inside the window', async () => {
    const [line] = await call('verticalLine', ['200', 'deploy', 'blue'], context);
    assert.equal([line!.name, line!.start, line!.end], ['deploy', 200, 200]);
    assert.equal(line!.options, { drawAsInfinite: true, color: 'blue' });
    await refuses('verticalLine', ['99'], /time 99 read, expected one from 100 to 300/, context);
    await refuses('verticalLine', ['301'], /time 301 read/, context);
  });

  it('areaBetween takes exactly two series and the name of the upper', async () => {
    const [lower, upper] = await call('areaBetween', [[given('a', [1]), given('b', [2])]]);
    assert.equal([lower!.name, upper!.name], ['areaBetween(b)', 'areaBetween(b)']);
    assert.equal(lower!.options, { stacked: true, invisible: true });
    assert.equal(upper!.options, { stacked: true });
    for (const series of [[], [given('a', [1])], [1, 2, 3].map((n) => given(`${n}`, [n]))]) {
      await refuses('areaBetween', [series], /expected exactly two/);
    }
  });

  it('linearRegression is the straight line closest to the series, or to another time', async () => {
    const series = [given('a', [0, 0, 0], { start: 100, step: 100 })];
    const source = [given('a', [1, null, 3, 4], { start: 0, step: 50 })];
    const windows: unknown[] = [];
    const asked = contextOf({
      from: 100,
      until: 300,
      refetch: async (_argument, window) => {
        windows.push(window);
        return source;
      },
    });
    const [line] = await call('linearRegression', [series, '20', '220'], asked);
    assert.is(line!.name, 'linearRegression(a, 20, 220)');
    assertValues(line!.values, [3, 5, 7], 1e-12);
    await call('linearRegression', [series], asked);
    assert.equal(windows, [
      { from: 20, until: 220 },
      { from: 100, until: 300 },
    ]);
    await evaluates('linearRegression', [series], [], contextOf({}, [given('a', [1, null])]));
    await evaluates('linearRegression', [[]], []);
  });
});

describe('series from the clock', (it) => {
  const window = contextOf({ from: 100, until: 220 });

  it('are times, sines and walks', async () => {
    await evaluates('timeFunction', ['t'], ['t @100/60: 100 160'], window);
    await evaluates('time', ['t', 50], ['t @100/50: 100 150 200'], window);
    await evaluates('identity', ['t'], ['t @100/60: 100 160'], window);
    const [sine] = await call('sinFunction', ['s', 2], window);
    assertValues(sine!.values, [2 * Math.sin(100), 2 * Math.sin(160)]);
    assert.is(sine!.integers, false);
  });

  it('walk the same way for the same name and window, by half a step at most', async () => {
    const walk = async (name: string): Promise<Float64Array> => {
      const [series] = await call('randomWalk', [name, 1], window);
      return series!.values;
    };
    const [first, again, other] = [await walk('a'), await walk('a'), await walk('b')];
    assertValues(first, again);
    assert.is(first[0], 0);
    assert.is.not(first[1], other[1]);
    for (let i = 1; i < first.length; i++) assert.ok(Math.abs(first[i]! - first[i - 1]!) <= 0.5);
  });

  it('refuse a step that is none', async () => {
    for (const name of ['time', 'sin', 'randomWalk']) {
      const args = name === 'sin' ? ['x', 1, 0] : ['x', 0];
      await refuses(name, args, /step 0 read, expected seconds above zero/, window);
    }
  });

  it('events are counted second by second', async () => {
    const asked: unknown[] = [];
    const events = contextOf({
      from: 100,
      until: 104,
      events: async (tags) => {
        asked.push(tags);
        return [100, 102.5, 102, 99, 104].map((when) => ({ when }));
      },
    });
    await evaluates('events', ['a', 'b'], ['events("a", "b") @100/1: 1 _ 2 _'], events);
    await evaluates('events', ['*'], ['events("*") @100/1: 1 _ 2 _'], events);
    assert.equal(asked, [['a', 'b'], []]);
  });
});
