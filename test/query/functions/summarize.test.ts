import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const ramp = [given('a', [1, 2, 3, 4, 5], { start: 120 })];
const nulls = [given('n', [null, null])];

describe('coarser steps', (it) => {
  it('summarize counts intervals from the epoch', async () => {
    await evaluates('summarize', [ramp, '3min'], ['summarize(a, "3min", "sum") @0/180: 1 9 5']);
    await evaluates(
      'summarize',
      [ramp, '3min', 'max', true],
      ['summarize(a, "3min", "max", true) @120/180: 3 5'],
    );
    await evaluates('summarize', [nulls, '2min'], ['summarize(n, "2min", "sum") @0/120: _ _']);
    await evaluates('summarize', [[], '2min'], []);
  });

  it('a datapoint at the very end, as of a flat line, is in no interval', async () => {
    const line = [given('5.0', [5, 5, 5], { end: 120 })];
    await evaluates('summarize', [line, '2min'], ['summarize(5.0, "2min", "sum") @0/120: 10 _']);
    const [smart] = await call('smartSummarize', [line, '50s', 'count']);
    assert.equal([...smart!.values], [1, 1, NaN]);
    assert.is(smart!.end, 150);
  });

  it('summarize to a finer step leaves gaps', async () => {
    const [one] = ramp;
    await evaluates(
      'summarize',
      [[{ ...one!, end: 240 }], '30s', 'last', true],
      ['summarize(a, "30s", "last", true) @120/30: 1 _ 2 _'],
    );
  });

  it('summarize wants the share of a whole interval that xFilesFactor says', async () => {
    const strict = [{ ...ramp[0]!, xFilesFactor: 0.6 }];
    await evaluates('summarize', [strict, '3min'], ['summarize(a, "3min", "sum") @0/180: _ 9 _']);
  });

  it('smartSummarize starts at the first datapoint, or reads from a calendar unit on', async () => {
    await evaluates(
      'smartSummarize',
      [ramp, '2min'],
      ['smartSummarize(a, "2min", "sum") @120/120: 3 7 5'],
    );
    let asked = NaN;
    const context = contextOf({
      from: 7300,
      refetch: async (_argument, { from }) => {
        asked = from!;
        return [given('a', [asked])];
      },
    });
    const aligned = ['smartSummarize(a, "2min", "sum") @0/120: 7200'];
    await evaluates('smartSummarize', [ramp, '2min', 'sum', 'hours'], aligned, context);
    await refuses('smartSummarize', [ramp, '2min', 'sum', 'bogus'], /expected a unit/, context);
  });

  it('hitcount takes values as rates and ends at the end', async () => {
    const flat = [given('a', [2, 2, 2], { start: 60 })];
    await evaluates('hitcount', [flat, '2min'], ['hitcount(a, "2min") @0/120: 120 240']);
    await evaluates('hitcount', [flat, '90s'], ['hitcount(a, "90s") @60/90: 180 180']);
    await evaluates('hitcount', [flat, '30s'], ['hitcount(a, "30s") @60/30: 60 60 60 60 60 60']);
    await evaluates('hitcount', [nulls, '1min'], ['hitcount(n, "1min"): _ _']);
    await evaluates('hitcount', [[], '1min'], []);
  });

  it('hitcount can start at a whole unit', async () => {
    const context = contextOf({
      from: 3700,
      refetch: async (_argument, { from }) => [given('a', [1, 1, 1], { start: from! + 60 })],
    });
    await evaluates(
      'hitcount',
      [ramp, '2min', true],
      ['hitcount(a, "2min", true) @3720/120: 120 60'],
      context,
    );
    await evaluates(
      'hitcount',
      [ramp, '1h', true],
      ['hitcount(a, "1h", true) @3660/3600: 180'],
      context,
    );
    await evaluates(
      'hitcount',
      [ramp, '1d', true],
      ['hitcount(a, "1d", true) @60/86400: 180'],
      context,
    );
  });

  it('refuse intervals that are none', async () => {
    for (const func of ['summarize', 'smartSummarize', 'hitcount']) {
      await refuses(func, [ramp, '0min'], /expected one above zero/);
      await refuses(func, [ramp, '-5min'], /expected one above zero/);
      await refuses(func, [ramp, 'bogus'], /expected a number and a unit/);
    }
  });
});
