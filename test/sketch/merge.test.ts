/** Merging: any order, any grouping, encoded or not, the same bytes; and 6 bits as from the start. */
import fc from 'fast-check';
import { WindowPool } from '../../src/sketch/bins.ts';
import { decodeSketch, encodeSketch, mergeEncoded } from '../../src/sketch/codec.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { percentileOf } from '../../src/sketch/quantile.ts';
import { assert, describe, rounds } from '../support/suite.ts';

/** Any double a timer may hold: sums of such are not exact in one double. */
const durations = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
const values = fc.oneof(
  { weight: 4, arbitrary: durations },
  durations.map((value) => -value),
  fc.constantFrom(0, -0, 1, 250),
);
const leaves = fc.record({
  values: fc.array(values, { maxLength: 70 }),
  rate: fc.constantFrom(1, 0.1, 0.3),
  weighted: fc.boolean(),
  coarse: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
});

function leaf(recipe: {
  values: number[];
  rate: number;
  weighted: boolean;
  coarse: boolean;
}): Sketch {
  const sketch = new Sketch();
  for (const value of recipe.values) {
    sketch.add(value, recipe.weighted ? 1 / recipe.rate : 1, 1 / recipe.rate);
  }
  if (recipe.coarse) sketch.coarsen();
  return sketch;
}

/** Merges in a tree that `choices` draw, halves of it through bytes. */
function mergedAsDrawn(parts: readonly Uint8Array[], choices: readonly number[]): Uint8Array {
  const left = parts.map((bytes) => decodeSketch(bytes));
  let draw = 0;
  const next = (below: number): number => (choices[draw++ % choices.length] ?? 0) % below;
  while (left.length > 1) {
    const a = left.splice(next(left.length), 1)[0]!;
    const b = left.splice(next(left.length), 1)[0]!;
    if (next(2) === 0) a.merge(b);
    else mergeEncoded(encodeSketch(b), a);
    left.push(next(3) === 0 ? decodeSketch(encodeSketch(a)) : a);
  }
  return encodeSketch(left[0] ?? new Sketch());
}

const draws = fc.array(fc.nat(), { minLength: 4, maxLength: 40 });

describe('merging sketches', (it) => {
  it('gives the same bytes in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(leaves, { maxLength: 8 }), draws, draws, (recipes, one, other) => {
        const parts = recipes.map((recipe) => encodeSketch(leaf(recipe)));
        assert.equal(mergedAsDrawn(parts, one), mergedAsDrawn([...parts].reverse(), other));
      }),
      { numRuns: rounds(40, 400), endOnFailure: true },
    );
  });

  it('keeps sums exact that one double cannot hold', () => {
    const big = new Sketch();
    big.add(1e16, 2);
    const parts = [big, ...Array.from({ length: 64 }, () => leaf(ofOnes(33)))].map(encodeSketch);
    const sketch = new Sketch();
    for (const bytes of parts) mergeEncoded(bytes, sketch);
    assert.is(sketch.sum, 2e16 + 64 * 33);
    assert.is(sketch.count, 2 + 64 * 33);
    assert.equal(encodeSketch(sketch), mergedAsDrawn(parts, [3, 1, 4, 1, 5, 9, 2, 6]));
  });

  it('joins pairs of bins exactly: coarsening commutes with merging', () => {
    fc.assert(
      fc.property(leaves, leaves, (one, other) => {
        const late = leaf(one);
        late.merge(leaf(other));
        late.coarsen();
        const early = leaf(one);
        early.coarsen();
        const coarse = leaf(other);
        coarse.coarsen();
        early.merge(coarse);
        assert.equal(encodeSketch(early), encodeSketch(late));
      }),
    );
  });

  it('of 6 bits is within 0.8 %, and shorter', () => {
    const fine = new Sketch();
    for (let i = 1; i <= 3000; i++) fine.add(i);
    const bytes = encodeSketch(fine).length;
    fine.coarsen();
    assert.is(fine.bits, 6);
    assert.ok(encodeSketch(fine).length < bytes * 0.75);
    for (const percent of [10, 50, 90, 99]) {
      const error = percentileOf(fine, percent) / (percent * 30) - 1;
      assert.ok(Math.abs(error) <= 1 / 128, `p${percent}: ${error}`);
    }
    assert.is(percentileOf(fine, 100), 3000);
    assert.is(fine.sum, 4_501_500);
  });

  it('collapses the lowest bins of a wide range, the same way in any order, and counts them', () => {
    const pool = new WindowPool();
    const parts = [-40, -39, -12, 0, 7, 8].map((exponent) => {
      const sketch = new Sketch(0);
      sketch.add(2 ** exponent, 3);
      return encodeSketch(sketch);
    });
    const sketch = new Sketch(0, pool);
    for (const bytes of parts) mergeEncoded(bytes, sketch);
    assert.ok(pool.collapsed >= 6, `${pool.collapsed}`);
    assert.is(sketch.total, 18);
    // 32 octaves below the greatest stay apart.
    assert.ok(Math.abs(percentileOf(sketch, 50) / 2 ** -12 - 1) < 0.004);
    assert.equal(encodeSketch(sketch), mergedAsDrawn(parts, [5, 0, 2, 7, 1, 3]));
    assert.equal(encodeSketch(sketch), mergedAsDrawn(parts, [0, 1, 0, 2]));
    const highFirst = [...parts].reverse();
    assert.equal(encodeSketch(sketch), mergedAsDrawn(highFirst, [0, 0, 0, 0]));
  });

  it('of infinities says infinity', () => {
    const sketch = new Sketch(0);
    for (const value of [Infinity, 1, 1e308]) sketch.add(value);
    const copy = decodeSketch(encodeSketch(sketch));
    copy.merge(sketch);
    assert.is(copy.sum, Infinity);
    assert.is(copy.max, Infinity);
    assert.is(copy.total, 6);
  });
});

function ofOnes(length: number): Parameters<typeof leaf>[0] {
  return { values: Array.from({ length }, () => 1), rate: 1, weighted: false, coarse: false };
}
