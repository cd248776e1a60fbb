import { describe } from '../../support/suite.ts';
import { evaluates, given, refuses } from './table.ts';

const low = given('low', [1, 2, null]);
const high = given('high', [null, 9, 8]);
const fast = given('fast', [5, 5, 5, 5, 5, 5], { step: 30 });
const nulls = given('nulls', [null, null]);
const all = [low, high, fast, nulls];
const lines: Record<string, string> = {
  low: 'low: 1 2 _',
  high: 'high: _ 9 8',
  fast: 'fast @0/30: 5 5 5 5 5 5',
  nulls: 'nulls: _ _',
};
const keeps = async (
  name: string,
  args: (string | number | boolean)[],
  kept: string,
): Promise<void> =>
  evaluates(name, [all, ...args], kept === '' ? [] : kept.split(' ').map((one) => lines[one]!));

describe('series filtered by one number', (it) => {
  it('counts a series without datapoints as below', async () => {
    await keeps('averageAbove', [5], 'high');
    await keeps('averageBelow', [5], 'low fast nulls');
    await keeps('currentAbove', [4], 'high fast');
    await keeps('currentBelow', [5], 'low fast nulls');
    await keeps('maximumAbove', [5], 'high');
    await keeps('maximumBelow', [5], 'low fast nulls');
    await keeps('minimumAbove', [1], 'high fast');
    await keeps('minimumBelow', [1], 'low nulls');
  });

  it('compares by all six operators', async () => {
    await keeps('filterSeries', ['max', '=', 5], 'fast');
    await keeps('filterSeries', ['max', '!=', 5], 'low high nulls');
    await keeps('filterSeries', ['sum', '>', 17], 'fast');
    await keeps('filterSeries', ['sum', '>=', 17], 'high fast');
    await keeps('filterSeries', ['median', '<', 5], 'low nulls');
    await keeps('filterSeries', ['count', '<=', 2], 'low high nulls');
    await refuses(
      'filterSeries',
      [all, 'max', '=>', 1],
      /operator "=>" read, expected one of != < <=/,
    );
    await refuses('filterSeries', [all, 'mode', '>', 1], /aggregation function "mode" read/);
  });
});

describe('the first few', (it) => {
  it('ranks by an aggregate, no datapoints lowest, equals in order', async () => {
    await keeps('highest', [], 'high');
    await keeps('highest', [3, 'max'], 'high fast low');
    await keeps('lowest', [2], 'nulls low');
    await keeps('highestAverage', [1], 'high');
    await keeps('highestCurrent', [2], 'high fast');
    await keeps('highestMax', [9], 'high fast low nulls');
    await keeps('lowestAverage', [2], 'nulls low');
    await keeps('lowestCurrent', [3], 'nulls low fast');
    await keeps('lowest', [0], '');
    await evaluates('highest', [[low, { ...low, name: 'twin' }], 2], ['low: 1 2 _', 'twin: 1 2 _']);
  });

  it('cuts the list', async () => {
    await keeps('limit', [2], 'low high');
    await keeps('limit', [-1], 'low high fast');
    await keeps('limit', [0], '');
    await keeps('mostDeviant', [2], 'low high');
    await keeps('mostDeviant', [9], 'low high fast');
  });
});

describe('series filtered by name or emptiness', (it) => {
  it('finds a pattern anywhere in the name', async () => {
    await keeps('grep', ['l'], 'low nulls');
    await keeps('grep', ['^(fast|high)$'], 'high fast');
    await keeps('exclude', ['[sh]$'], 'low fast');
    await refuses('grep', [all, '['], /pattern "\["/);
    await refuses('exclude', [all, 'a(?!b)'], /lookahead/);
  });

  it('drops what has too few datapoints', async () => {
    await keeps('removeEmptySeries', [], 'low high fast');
    await keeps('removeEmptySeries', [0.7], 'fast');
    await keeps('removeEmptySeries', [0], 'low high fast');
  });

  it('keeps each name once', async () => {
    await evaluates(
      'unique',
      [[low, high], [low], [nulls]],
      [lines['low']!, lines['high']!, lines['nulls']!],
    );
    await evaluates('unique', [], []);
  });
});

describe('orders', (it) => {
  it('sorts by aggregates, stable in both directions', async () => {
    await keeps('sortBy', [], 'nulls low fast high');
    await keeps('sortBy', ['last', true], 'high fast low nulls');
    await keeps('sortByMaxima', [], 'high fast low nulls');
    await keeps('sortByMinima', [], 'low fast high');
    await keeps('sortByTotal', [], 'fast high low nulls');
    const twins = [low, { ...low, name: 'twin' }];
    for (const reverse of [false, true]) {
      await evaluates('sortBy', [twins, 'max', reverse], ['low: 1 2 _', 'twin: 1 2 _']);
    }
  });

  it('sorts names by code point or naturally', async () => {
    const named = (...names: string[]): typeof all => names.map((name) => given(name, []));
    const sorted = async (
      input: string[],
      output: string[],
      ...options: boolean[]
    ): Promise<void> =>
      evaluates(
        'sortByName',
        [named(...input), ...options],
        output.map((name) => `${name}: `),
      );
    await sorted(['b', 'a10', 'a9', 'B'], ['B', 'a10', 'a9', 'b']);
    await sorted(['b', 'a10', 'a9', 'B'], ['B', 'a9', 'a10', 'b'], true);
    await sorted(['b', 'a10', 'a9', 'B'], ['b', 'a10', 'a9', 'B'], true, true);
    await sorted(['a007', 'a7', 'a08'], ['a007', 'a7', 'a08'], true);
    await sorted(['😀', '\uff5e', 'z'], ['z', '\uff5e', '😀']);
  });
});
