import { assert, describe } from '../../support/suite.ts';
import { call, evaluates, given } from './table.ts';

const gappy = [given('g', [null, 1, null, null, 4, null])];
const nulls = [given('n', [null, null])];

describe('nulls', (it) => {
  it('repeats the last known value over runs up to the limit', async () => {
    await evaluates('keepLastValue', [gappy], ['keepLastValue(g): _ 1 1 1 4 4']);
    await evaluates('keepLastValue', [gappy, 1], ['keepLastValue(g): _ 1 _ _ 4 4']);
    await evaluates('keepLastValue', [gappy, 0], ['keepLastValue(g): _ 1 _ _ 4 _']);
    await evaluates('keepLastValue', [nulls], ['keepLastValue(n): _ _']);
  });

  it('puts a number in their place, everywhere or where a reference is known', async () => {
    await evaluates('transformNull', [gappy], ['transformNull(g,0): 0 1 0 0 4 0']);
    await evaluates(
      'transformNull',
      [gappy, -1.5],
      ['transformNull(g,-1.5): -1.5 1 -1.5 -1.5 4 -1.5'],
    );
    const reference = [given('r', [null, null, 7, null]), given('s', [8, null])];
    await evaluates(
      'transformNull',
      [gappy, 9, reference],
      ['transformNull(g,9,referenceSeries): 9 1 9 _ 4 _'],
    );
    await evaluates('transformNull', [nulls, 1, []], ['transformNull(n,1): 1 1']);
    const [traced] = await call('transformNull', [gappy, 9, reference]);
    assert.equal(traced?.tags, { name: 'g', transformNull: '9.0', referenceSeries: '1' });
  });

  it('marks what is known and what changed', async () => {
    await evaluates('isNonNull', [gappy], ['isNonNull(g): 0 1 0 0 1 0']);
    await evaluates('isNonNull', [nulls], ['isNonNull(n): 0 0']);
    await evaluates(
      'changed',
      [[given('a', [5, 5, null, 5, 6, null, 5])]],
      ['changed(a): 0 0 0 0 1 0 1'],
    );
    await evaluates('changed', [nulls], ['changed(n): 0 0']);
  });

  it('nulls beyond a threshold, not at it', async () => {
    const a = [given('a', [1, 2, null, 3])];
    await evaluates('removeAboveValue', [a, 2], ['removeAboveValue(a, 2): 1 2 _ _']);
    await evaluates('removeBelowValue', [a, 2], ['removeBelowValue(a, 2): _ 2 _ 3']);
    await evaluates('removeAboveValue', [nulls, 0.5], ['removeAboveValue(n, 0.5): _ _']);
    await evaluates('removeBelowValue', [nulls, 0.5], ['removeBelowValue(n, 0.5): _ _']);
  });

  it('widens the step of regular gaps only', async () => {
    const f = 'compressPeriodicGaps';
    const regular = [null, 1, null, null, 2, null, null, 3, null, null, null, null, null, 5];
    await evaluates(f, [[given('p', regular)]], [`${f}(p) @60/180: 1 2 3 _ 5`]);
    await evaluates(f, [[given('p', [1, null, 2, null, 3])]], [`${f}(p): 1 _ 2 _ 3`]);
    await evaluates(f, [[given('p', [1, null, 2, null, 3, null])]], [`${f}(p) @0/120: 1 2 3`]);
    await evaluates(f, [[given('p', [1, null, 2, 3, null, null])]], [`${f}(p): 1 _ 2 3 _ _`]);
    await evaluates(f, [gappy], [`${f}(g): _ 1 _ _ 4 _`]);
    await evaluates(f, [nulls], [`${f}(n): _ _`]);
    const [answer] = await call(f, [[given('p', regular)]]);
    assert.is(answer?.end, 60 + 5 * 180);
  });
});
