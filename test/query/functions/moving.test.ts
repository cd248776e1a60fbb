import { assert, describe } from '../../support/suite.ts';
import { call, contextOf, evaluates, given, refuses } from './table.ts';

const shown = [given('a', [3, 4, 5], { start: 180 })];
/** The same with two minutes before it. */
const wider = [given('a', [1, 2, 3, 4, 5], { start: 60 })];

describe('sliding windows', (it) => {
  it('read the window before, by points of the coarsest step or by time', async () => {
    const windows: (number | undefined)[] = [];
    const context = contextOf({
      from: 180,
      refetch: async (argument, { from }) => {
        assert.is(argument, 0);
        windows.push(from);
        return wider;
      },
    });
    await evaluates(
      'movingAverage',
      [shown, 2],
      ['movingAverage(a,2) @180/60: 2.5 3.5 4.5'],
      context,
    );
    await evaluates('movingSum', [shown, '2min'], ['movingSum(a,"2min") @180/60: 5 7 9'], context);
    const coarse = [given('a', [1], { step: 300 }), given('b', [1])];
    await call('movingMax', [coarse, 2], context);
    assert.equal(windows, [60, 60, -420]);
  });

  it('take every aggregation, of known values only', async () => {
    const context = contextOf({}, [given('a', [1, null, 4, 2, null])]);
    const first = async (func: string): Promise<number[]> => {
      const [answer] = await call('movingWindow', [shown, 3, func], context);
      return Array.from(answer!.values);
    };
    assert.equal(await first('average'), [3, 3]);
    assert.equal(await first('avg_zero'), [3, 3]);
    assert.equal(await first('max'), [4, 4]);
    assert.equal(await first('min'), [2, 2]);
    assert.equal(await first('median'), [3, 3]);
    assert.equal(await first('count'), [2, 2]);
    assert.equal(await first('multiply'), [8, 8]);
    assert.equal(await first('range'), [2, 2]);
    await refuses('movingWindow', [shown, 3, 'nosuch'], /"nosuch" read/, context);
  });

  it('are null where too few values are known', async () => {
    const found = [given('a', [1, null, null, 2, 3])];
    const [name] = ['movingAverage(a,2) @120/60'];
    await evaluates('movingAverage', [shown, 2], [`${name}: _ 2 2.5`], contextOf({}, found));
    await evaluates('movingAverage', [shown, 2, 0.6], [`${name}: _ _ 2.5`], contextOf({}, found));
    const strict = contextOf({ xFilesFactor: 0.6 }, found);
    await evaluates('movingAverage', [shown, 2], [`${name}: _ _ 2.5`], strict);
  });

  it('of nothing are null, of less than nothing refused', async () => {
    await evaluates(
      'movingMedian',
      [shown, 0],
      ['movingMedian(a,0): _ _'],
      contextOf({}, [given('a', [1, 2])]),
    );
    await refuses('movingMedian', [shown, -1], /window -1 read/);
    await evaluates('movingMin', [[], 3], []);
    await evaluates('movingMin', [shown, 9], ['movingMin(a,9) @600/60: '], contextOf({}, wider));
  });

  it('weigh the newest most in exponentialMovingAverage', async () => {
    const found = [given('a', [2, 4, 9, null, 0])];
    const answer = ['exponentialMovingAverage(a,2) @120/60: 3 7 _ 2.333333'];
    await evaluates('exponentialMovingAverage', [shown, 2], answer, contextOf({}, found));
    const byTime = ['exponentialMovingAverage(a,"2min") @120/60: 3 3.099174 _ 3.047948'];
    await evaluates('exponentialMovingAverage', [shown, '2min'], byTime, contextOf({}, found));
    const empty = contextOf({}, [given('a', [null, null, null])]);
    await evaluates(
      'exponentialMovingAverage',
      [shown, 1],
      ['exponentialMovingAverage(a,1) @60/60: 0 _ _'],
      empty,
    );
    await evaluates('exponentialMovingAverage', [[], 1], []);
  });
});
