import { isNestedTooDeeply } from '../../src/lib/nesting.ts';
import { assert, describe } from '../support/suite.ts';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('nesting', (it) => {
  it('what is deeper than every engine can write is told from the rest', () => {
    for (const value of [null, 1, 'a', [], {}, { a: [1, { b: null }] }, nested(3000)]) {
      assert.is(isNestedTooDeeply(value), false);
      JSON.stringify(value);
    }
    for (const value of [nested(3002), { a: nested(200_000) }]) {
      assert.is(isNestedTooDeeply(value), true);
    }
  });
});
