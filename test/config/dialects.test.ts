/** The traits of dialects are bits of one number. */
import * as dialects from '../../src/config/dialects.ts';
import { assert, describe } from '../support/suite.ts';

describe('dialects', (it) => {
  it('have traits that are a bit each, and none twice', () => {
    const traits = Object.values(dialects).filter((value) => typeof value === 'number');
    assert.ok(traits.length > 20);
    assert.is(new Set(traits).size, traits.length);
    for (const trait of traits) assert.is(Math.log2(trait) % 1, 0, String(trait));
  });
});
