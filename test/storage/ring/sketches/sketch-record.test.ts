/** Records of sketches: what is put in comes out, and damaged bytes are refused. */
import fc from 'fast-check';
import {
  BUNDLE_PARTS_MAX,
  SketchBundle,
  encodeBundle,
  numberOfBundle,
} from '../../../../src/storage/ring/sketches/sketch-record.ts';
import { assert, describe } from '../../../support/suite.ts';

const parts = fc.array(
  fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined }),
  {
    maxLength: BUNDLE_PARTS_MAX,
  },
);
const number = fc.integer({ min: 0, max: 0xffffffff });

describe('bundles of sketches', (it) => {
  it('give back what was put in', () => {
    fc.assert(
      fc.property(number, parts, (one, sketches) => {
        const record = encodeBundle(one, sketches);
        assert.is(numberOfBundle(record), one);
        // As lmdb gives it: a longer buffer with a length that is that of the value.
        const longer = new Uint8Array(record.length + 9);
        longer.set(record, 0);
        Object.defineProperty(longer, 'length', { value: record.length });
        const bundle = SketchBundle.read(longer)!;
        assert.is(bundle.number, one);
        for (let i = 0; i < BUNDLE_PARTS_MAX; i++) assert.equal(bundle.part(i), sketches[i]);
      }),
    );
  });

  it('are refused with any one byte changed, or cut off', () => {
    fc.assert(
      fc.property(
        number,
        parts,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (one, all, at, flip) => {
          const record = encodeBundle(one, all);
          const damaged = Uint8Array.from(record);
          damaged[at % damaged.length]! ^= flip;
          assert.is(SketchBundle.read(damaged), undefined);
          assert.is(SketchBundle.read(record.slice(0, at % record.length)), undefined);
        },
      ),
    );
    assert.is(numberOfBundle(new Uint8Array(3)), -1);
  });
});
