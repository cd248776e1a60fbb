/**
 * Whatever state a sketch can get into, its bytes can be written, read and merged: what a writer
 * leaves no reader may refuse, for years.
 */
import fc from 'fast-check';
import { WindowPool } from '../../src/sketch/bins.ts';
import { decodeSketch, encodeSketch, mergeEncoded } from '../../src/sketch/codec.ts';
import { decodeDistinct, encodeDistinct } from '../../src/sketch/distinct-codec.ts';
import { DistinctSketch } from '../../src/sketch/distinct.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { percentileOf } from '../../src/sketch/quantile.ts';
import { assert, describe, rounds } from '../support/suite.ts';

const magnitudes = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(
    0,
    -0,
    1,
    5e-324,
    1e-310,
    1e146,
    -1e146,
    1e308,
    Number.MAX_VALUE,
    Infinity,
    -Infinity,
  ),
);
const weights = fc.oneof(
  fc.constantFrom(1, 2, 16, 1 / 0.3, 10, 2 ** -20, 1e15, 2 ** 33, 2 ** 53, 1e30, 1e300),
  fc.double({ min: 2 ** -20, max: 2 ** 53, noNaN: true }),
);
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ value: magnitudes, weight: weights, count: weights }) },
    fc.constantFrom('bins' as const, 'coarsen' as const, 'double' as const, 'bytes' as const),
  ),
  { maxLength: 60 },
);

function sketchAfter(moves: ReturnType<typeof steps.generate>['value'], pool?: WindowPool): Sketch {
  let sketch = new Sketch(32, pool);
  for (const move of moves) {
    if (move === 'bins') sketch.toBins();
    else if (move === 'coarsen') sketch.coarsen();
    else if (move === 'double') sketch.merge(decodeSketch(encodeSketch(sketch)));
    else if (move === 'bytes') sketch = decodeSketch(encodeSketch(sketch));
    else sketch.add(move.value, move.weight, move.count);
  }
  return sketch;
}

describe('any state of a sketch', (it) => {
  it('is written, read and merged', () => {
    fc.assert(
      fc.property(steps, steps, fc.boolean(), (one, other, hasRoom) => {
        const pool = hasRoom ? undefined : new WindowPool(4096);
        const [a, b] = [sketchAfter(one, pool), sketchAfter(other)];
        const bytes = encodeSketch(a);
        const read = decodeSketch(bytes);
        assert.equal(encodeSketch(read), encodeSketch(decodeSketch(encodeSketch(read))));
        for (const field of ['count', 'total', 'min', 'max', 'zeros', 'sum'] as const) {
          assert.ok(Object.is(read[field], a[field]) || read[field] === a[field], field);
        }
        mergeEncoded(bytes, b);
        decodeSketch(encodeSketch(b));
        for (const percent of [0, 50, 99.9, 100]) percentileOf(b, percent);
      }),
      { numRuns: rounds(100, 20_000) },
    );
  });

  it('keeps small weights beside great ones', () => {
    const sketch = new Sketch();
    sketch.add(3, 2 ** 52);
    sketch.add(5, 1 / 0.3);
    sketch.add(7, 2 ** -20);
    const read = decodeSketch(encodeSketch(sketch));
    const bins = [...read.positive.weights].filter((weight) => weight !== 0);
    assert.equal(bins, [2 ** 52, 3, 1]);
    assert.is(read.total, sketch.total);
  });

  it('of a distinct count likewise', () => {
    const hash = fc.oneof(fc.constantFrom(0, 1, 0xffffffff, 0x40000), fc.nat(0xffffffff));
    const hashes = fc.array(fc.tuple(hash, hash), { maxLength: 2000, size: 'max' });
    fc.assert(
      fc.property(hashes, hashes, fc.boolean(), (one, other, early) => {
        const [a, b] = [new DistinctSketch(), new DistinctSketch()];
        for (const [high, low] of one) a.addHash(high >>> 0, low >>> 0);
        if (early) a.toRegisters();
        for (const [high, low] of other) b.addHash(high >>> 0, low >>> 0);
        b.merge(decodeDistinct(encodeDistinct(a)));
        assert.is(decodeDistinct(encodeDistinct(b)).estimate(), b.estimate());
      }),
      { numRuns: rounds(10, 1000) },
    );
  });
});
