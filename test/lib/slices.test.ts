import { slices } from '../../src/lib/slices.ts';
import { assert, describe } from '../support/suite.ts';

describe('slices', (it) => {
  it('hold all items in order, the last one what is left', () => {
    assert.equal([...slices([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]]);
    assert.equal([...slices([1, 2], 2)], [[1, 2]]);
    assert.equal([...slices([], 2)], []);
  });
});
