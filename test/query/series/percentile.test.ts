import { assert, describe } from '../../support/suite.ts';
import fc from 'fast-check';
import { inPlace, percentileOf, sortedKnown } from '../../../src/query/series/percentile.ts';
import { scaleToUnits } from '../../../src/query/series/units.ts';

describe('percentile by rank', (it) => {
  const values = [15, NaN, 20, 35, 40, 50];
  it('rounds the rank up, or interpolates', () => {
    assert.is(percentileOf(values, 30), 20); // rank 1.8 -> 2
    assert.is(percentileOf(values, 40), 35); // rank 2.4 -> 3
    assert.is(percentileOf(values, 50), 35);
    assert.is(percentileOf(values, 40, true), 20 + ((40 / 100) * 6 - 2) * 15);
    assert.is(percentileOf(values, 50, true), 35);
  });
  it('stays inside the values at both ends', () => {
    for (const interpolate of [false, true]) {
      assert.is(percentileOf(values, 0.001, interpolate), 15);
      assert.is(percentileOf(values, 100, interpolate), 50);
      assert.is(percentileOf(values, 250, interpolate), 50);
      assert.is(percentileOf([7], 50, interpolate), 7);
      assert.ok(Number.isNaN(percentileOf([NaN, NaN], 50, interpolate)));
    }
  });
});

describe('the value at a place of many', (it) => {
  it('is what sorting puts there, also where most are alike', () => {
    const column = fc.record({
      length: fc.integer({ min: 1, max: 6000 }),
      kinds: fc.constantFrom(1, 2, 50, 1e6),
      place: fc.double({ min: 0, max: 0.9999, noNaN: true }),
    });
    fc.assert(
      fc.property(column, ({ length, kinds, place }) => {
        const values = Float64Array.from({ length }, (_, i) => ((i * 7919) % length) % kinds);
        const at = Math.floor(place * length);
        assert.is(inPlace(values.slice(), at), sortedKnown(values)[at]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('unit prefixes', (it) => {
  const spell = (...args: Parameters<typeof scaleToUnits>): string => {
    const { value, suffix } = scaleToUnits(...args);
    return value.toFixed(2) + suffix;
  };
  it('takes the largest prefix that the value reaches', () => {
    assert.is(spell(4035342204, 'si'), '4.04G');
    assert.is(spell(4035342204, 'binary', 'b'), '3.76Gib');
    assert.is(spell(-1500, 'si'), '-1.50k');
    assert.is(spell(999, 'si', 'ms'), '999.00ms');
    assert.is(spell(7200, 'sec'), '2.00H');
    assert.is(spell(1e20, 'none'), '100000000000000000000.00');
  });
  it('stops at the step of an axis', () => {
    assert.is(spell(2500, 'si', '', 500), '2500.00');
    assert.is(spell(2500, 'si', '', 1000), '2.50k');
  });
});
