/** carbonapi's functions, with numbers worked by hand (or by the formula named beside them). */
import { assert, assertValues, describe } from '../../support/suite.ts';
import { FUNCTIONS } from '../../../src/query/functions/registry.ts';
import type { Value } from '../../../src/query/functions/spec.ts';
import type { Series } from '../../../src/query/series/series.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const a = given('a', [1, null, 3]);
const b = given('b', [4, 5, null]);
const nulls = given('n', [null, null]);

async function answers(name: string, args: Value[], expected: (number | null)[]): Promise<void> {
  const [answer] = await call(name, args);
  assertValues(answer?.values ?? [], expected, 1e-9);
}

describe('other names', (it) => {
  it('do as their models do, and are none of Graphite', async () => {
    await evaluates('count', [[a, b]], ['countSeries(a,b): 2 2 2']);
    await evaluates('diff', [[a, b]], ['diffSeries(a,b): -3 5 3']);
    await evaluates('multiply', [[a, b]], ['multiplySeries(a,b): 4 _ _']);
    await evaluates('stddev', [[a, b]], ['stddevSeries(a,b): 1.5 0 0']);
    await evaluates('isNotNull', [[a]], ['isNonNull(a): 1 0 1']);
    await evaluates('toUpperCase', [[a]], ['A: 1 _ 3']);
    await evaluates('toLowerCase', [[given('AB', [1])], 1], ['Ab: 1']);
    for (const name of 'count diff multiply stddev isNotNull toUpperCase toLowerCase'.split(' ')) {
      assert.is(FUNCTIONS.get(name)?.origin, 'carbonapi', name);
    }
  });

  it('rank by minimum and maximum', async () => {
    await evaluates('highestMin', [[a, b, nulls], 1], ['b: 4 5 _']);
    await evaluates('lowestMin', [[a, b], 1], ['a: 1 _ 3']);
    await evaluates('lowestMax', [[b, a], 1], ['a: 1 _ 3']);
  });

  it('decode Base64', async () => {
    const coded = [given('c2VydmVy.Y3B1.load!', [1])];
    await evaluates('aliasByBase64', [coded, 2], ['c2VydmVy.cpu.load!: 1']);
    await evaluates('aliasByBase64', [coded, 3], ['c2VydmVy.Y3B1.load!: 1']);
    await evaluates('aliasByBase64', [[given('bWV0cmljLm5hbWU=', [1])]], ['metric.name: 1']);
  });

  it('drop what is only zero', async () => {
    const zeros = given('z', [0, null, 0]);
    await evaluates('removeZeroSeries', [[a, zeros, nulls]], ['a: 1 _ 3']);
    await evaluates('removeZeroSeries', [[a, given('m', [0, 0, 5])], 0.5], ['a: 1 _ 3']);
  });
});

describe('over time', (it) => {
  it('forgets exponentially', async () => {
    const series = [given('x', [10, 20, null, 0])];
    await evaluates(
      'ewma',
      [series, 0.5],
      ['exponentialWeightedMovingAverage(x,0.5): 10 15 _ 7.5'],
    );
  });

  it('sums up to a reset', async () => {
    const series = [given('x', [1, 2, 3, null, 5])];
    const reset = [given('r', [0, null, 1, 1, 0])];
    await evaluates('integralWithReset', [series, reset], ['integralWithReset(x,r): 1 3 0 _ 5']);
    await refuses('integralWithReset', [series, [a]], /x and a differ in step or length/);
    await refuses('integralWithReset', [series, []], /resettingSeries has 0 series, expected one/);
  });

  it('raises list to list', async () => {
    await evaluates('powSeriesLists', [[a], [b]], ['powSeries(a,b): 1 _ _']);
    await refuses('powSeriesLists', [[a], []], /lists of 1 and 0 series/);
  });

  it('cuts the middle', async () => {
    const ten = [given('x', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])];
    await evaluates('lowPass', [ten, 40], ['lowPass(x,40): 0 1 _ _ _ _ _ _ 8 9']);
    await evaluates('lpf', [ten, 0], ['lowPass(x,0): _ _ _ _ _ _ _ _ _ _']);
  });

  it('fits polynomials, and draws them on', async () => {
    await answers('polyfit', [[given('x', [1, null, 5, 7])]], [1, 3, 5, 7]);
    await answers('polyfit', [[given('x', [0, 1, 4, 9])], 2, '2min'], [0, 1, 4, 9, 16, 25]);
    await answers('polyfit', [[given('x', [1, 2, 2])]], [7 / 6, 10 / 6, 13 / 6]);
    await answers('polyfit', [[given('x', [null, 3])]], [null, null]);
    await refuses('polyfit', [[a], 0], /degree 0 read, expected 1 to 20/);
  });
});

describe('objectives', (it) => {
  const series = [given('x', [1, 5, null, 9, 9, 1, null, null])];
  it('counts the share of known datapoints per interval', async () => {
    const name = 'slo(x, 2min, above, 4) @0/120';
    await evaluates('slo', [series, '2min', 'above', 4], [`${name}: 0.5 1 0.5 _`]);
    await evaluates(
      'slo',
      [series, '2min', 'belowOrEqual', 5],
      ['slo(x, 2min, belowOrEqual, 5) @0/120: 1 0 0.5 _'],
    );
    await refuses('slo', [series, '2min', 'over', 4], /method "over" read, expected one of above/);
    await refuses('slo', [series, '0s', 'above', 4], /interval "0s" has no length/);
  });

  it('tells the seconds left', async () => {
    await answers(
      'sloErrorBudget',
      [series, '3min', 'above', 4, 0.5],
      [0, (2 / 3 - 0.5) * 180, null],
    );
  });

  it('reads a longer interval as a whole', async () => {
    const asked: unknown[] = [];
    const context = contextOf({
      refetch: async (argument, window) => {
        asked.push(argument, window);
        return [given('x', [1, 1, 1, 9], { start: -3000 })];
      },
    });
    await evaluates(
      'slo',
      [series, '1h', 'above', 4],
      ['slo(x, 1h, above, 4) @0/3600: 0.25'],
      context,
    );
    assert.equal(asked, [0, { from: -3000 }]);
  });
});

describe('the usual', (it) => {
  const past: Record<number, Series[]> = {
    [-86_400]: [given('x', [1, 2, null], { start: -86_400 })],
    [-172_800]: [given('x', [3, 2, null], { start: -172_800 })],
    [-259_200]: [given('x', [8, 0, null], { start: -259_200 })],
  };
  const context = contextOf({ refetch: async (_, { from }) => past[from!] ?? [] });
  const now = [given('x', [6, 4, 5])];

  it('is the median of past selves', async () => {
    await evaluates('baseline', [now, '1d', 0, 4], ['baseline(x): 3 2 _'], context);
    await evaluates('baseline', [now, '-1d', 1, 3], ['baseline(x): 2 2 _'], context);
    await evaluates('baseline', [now, '1d', 1, 4, 30], [], context);
    await evaluates('baseline', [now, '1d', 1, 4, 40, 2.5], ['baseline(x): 3 2 _'], context);
    await evaluates('baseline', [now, '1d', 1, 4, 40, 2.6], [], context);
  });

  it('is what a series is compared with', async () => {
    await evaluates(
      'baselineAberration',
      [now, '1d', 1, 4],
      ['baselineAberration(x): 2 2 _'],
      context,
    );
    await evaluates('baselineAberration', [[a], '1d', 1, 4], [], context);
  });
});

describe('likeness', (it) => {
  const up = given('up', [1, 2, 3, 4]);
  const down = given('down', [4, 3, 2, 1]);
  const bend = given('bend', [1, 2, 3, 1]);
  const flat = given('flat', [5, 5, 5, 5]);

  it('is correlation over a window', async () => {
    await answers('pearson', [[up], [down], 3], [null, null, -1, -1]);
    await answers('pearson', [[up], [bend], 4], [null, null, null, 0.5 / Math.sqrt(5 * 2.75)]);
    await answers('pearson', [[up], [flat], 2], [null, null, null, null]);
    await refuses('pearson', [[up, down], [up], 2], /2 series read, expected exactly one/);
    await refuses('pearson', [[up], [down], 0], /windowSize 0 read/);
  });

  it('finds the closest', async () => {
    const find = async (direction: string, expected: string[]): Promise<void> => {
      const found = await call('pearsonClosest', [[up], [flat, bend, down], 2, direction]);
      assert.equal(
        found.map((one) => one.name),
        expected,
      );
    };
    await find('abs', ['down', 'bend']);
    await find('pos', ['bend']);
    await find('neg', ['down']);
    await refuses('pearsonClosest', [[up], [down], 1, 'any'], /direction "any" read/);
  });

  it('is the chance of one distribution', async () => {
    const window = (values: number[]): Series[] => [given('w', values)];
    await answers(
      'ksTest2',
      [window([1, 2, 3, 4]), window([4, 3, 2, 1]), 4],
      [null, null, null, 1],
    );
    // D = 1, n = 4: lambda = (sqrt 2 + 0.12 + 0.11 / sqrt 2) * 1, and two terms of the series.
    const lambda = Math.SQRT2 + 0.12 + 0.11 / Math.SQRT2;
    const chance = 2 * (Math.exp(-2 * lambda ** 2) - Math.exp(-8 * lambda ** 2));
    await answers(
      'ksTest2',
      [window([1, 2, 3, 4]), window([9, 8, 7, 6]), 4],
      [null, null, null, chance],
    );
  });
});

describe('many at once', (it) => {
  it('finds Tukey outliers, most first', async () => {
    const calm = given('calm', [1, 2, 3, 2, 1, 2, 3, 2]);
    const wild = given('wild', [50, 2, 60, 2, 2, 1, 3, 2]);
    const spike = given('spike', [2, 2, 2, 2, 2, 2, 2, 70]);
    const list = [calm, spike, wild];
    const found = async (...args: Value[]): Promise<string[]> =>
      (await call('tukeyAbove', [list, ...args])).map((one) => one.name);
    assert.equal(await found(1.5, 5), ['wild', 'spike']);
    assert.equal(await found(1.5, 1), ['wild']);
    assert.equal(await found(1.5, 5, 2), ['spike']);
    assert.equal(await found(1.5, 5, '-4min'), ['wild']);
    const deep = given('deep', [-90, 3, 3, 3, 3, 3, 3, 3]);
    const [deepest, ...others] = await call('tukeyBelow', [[...list, deep], 3, 2]);
    assert.is(deepest?.name, 'deep');
    assert.is(others.length, 0);
    await refuses('tukeyAbove', [list, 0, 1], /basis 0 and n 1 read, expected both above 0/);
  });

  it('subtracts neighbours for a heat map', async () => {
    const buckets = [given('le.9', [5, 9]), given('le.1', [1, null]), given('le.5', [4, 4])];
    await evaluates('heatMap', [buckets], ['heatMap(le.5,le.1): 3 _', 'heatMap(le.9,le.5): 1 5']);
    await refuses('heatMap', [[a, nulls]], /differ in step or length/);
  });

  it('lays versions over each other', async () => {
    const series = ['app.64.hits', 'app.65.hits', 'app.x.hits'].map((name) => given(name, [1, 2]));
    const marks = [
      given('m.64_0', [1, null, null, null]),
      given('m.64_1', [null, 1, null, null]),
      given('m.65_0', [null, null, null, 1]),
      given('m.text', [1, 1, 1, 1]),
    ];
    await evaluates(
      'timeShiftByMetric',
      [series, marks, 1],
      ['timeShiftByMetric(app.64.hits) @120/60: 1 2', 'timeShiftByMetric(app.65.hits): 1 2'],
    );
    await refuses('timeShiftByMetric', [series, marks.slice(0, 2), 1], /1 version marks read/);
  });
});

describe('frequencies', (it) => {
  it('are amplitudes and phases', async () => {
    const wave = given('w', [1, 0, -1, 0, 1, 0, -1, 0]);
    await answers('fft', [[wave], 'abs'], [0, 0, 4, 0, 0, 0, 4, 0]);
    const both = await call('fft', [[given('x', [1, 2, 3])]]);
    assert.equal(
      both.map((one) => one.name),
      ['fft(x,abs)', 'fft(x,phase)'],
    );
    assertValues(both[0]!.values, [6, Math.sqrt(3), Math.sqrt(3)], 1e-9);
    assertValues(both[1]!.values, [0, (5 / 6) * Math.PI, (-5 / 6) * Math.PI], 1e-9);
    await refuses('fft', [[a], 'real'], /mode "real" read/);
  });

  it('come back as the series, at any length', async () => {
    for (const length of [1, 2, 7, 8, 60, 97]) {
      const series = given(
        'x',
        Array.from({ length }, (_, i) => Math.sin(i * i) + i / 10),
      );
      const [sizes, phases] = await call('fft', [[series]]);
      const [back] = await call('ifft', [[sizes!], [phases!]]);
      assertValues(back!.values, Array.from(series.values), 1e-9);
    }
    await evaluates('ifft', [[given('x', [4, 0])]], ['ifft(x): 2 2']);
  });
});
