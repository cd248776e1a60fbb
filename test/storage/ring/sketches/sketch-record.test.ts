/** Records of sketches: what is put in comes out, and damaged bytes are refused. */
import fc from 'fast-check';
import {
  BUNDLE_PARTS_MAX,
  SketchBundle,
  encodeBundle,
  numberOfBundle,
} from '../../../../src/storage/ring/sketches/sketch-record.ts';
import {
  type Sketched,
  decodeLink,
  decodeSketched,
  encodeLink,
  encodeSketched,
  linkKey,
  sketchedKey,
} from '../../../../src/storage/lmdb/db/sketch-names.ts';
import { SKETCH_SET } from '../../../../src/wire/statistics.ts';
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

describe('records of sketched names and links', (it) => {
  const one: Sketched = {
    id: 7,
    kind: SKETCH_SET,
    classId: 3,
    column: 1_000_000,
    born: 1_700_000_000,
  };

  it('give back what was put in, long names too', () => {
    for (const name of ['stats.sets.users;a=1', `long.${'x'.repeat(3000)}`, 'ü']) {
      const found = decodeSketched(sketchedKey(SKETCH_SET, name), encodeSketched(name, one));
      assert.equal(found, { name, one });
    }
    const link = { timer: 9, stat: 12, argument: 99.9 };
    assert.equal(decodeLink(linkKey(77), encodeLink(link)), { series: 77, link });
  });

  it('are refused with any one byte changed', () => {
    const record = encodeSketched('a.b', one);
    const link = encodeLink({ timer: 9, stat: 12, argument: 99.9 });
    for (let at = 0; at < Math.max(record.length, link.length); at++) {
      if (at < record.length) {
        const damaged = record.map((byte, i) => (i === at ? byte ^ 1 : byte));
        assert.is(decodeSketched(sketchedKey(SKETCH_SET, 'a.b'), damaged), undefined);
      }
      if (at < link.length) {
        const damaged = link.map((byte, i) => (i === at ? byte ^ 1 : byte));
        assert.is(decodeLink(linkKey(77), damaged), undefined);
      }
    }
  });
});
