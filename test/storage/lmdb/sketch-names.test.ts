/** Records of sketched names and of links: what is put in comes out, damaged bytes are refused. */
import { LINK_CODEC, decodeLink } from '../../../src/storage/lmdb/db/sketch-links.ts';
import {
  type Sketched,
  decodeSketched,
  encodeSketched,
  sketchedKey,
} from '../../../src/storage/lmdb/db/sketch-names.ts';
import { SKETCH_SET } from '../../../src/wire/statistics.ts';
import { assert, describe } from '../../support/suite.ts';

describe('records of sketched names and links', (it) => {
  const one: Sketched = {
    id: 7,
    kind: SKETCH_SET,
    name: 'a.b',
    classId: 3,
    column: 1_000_000,
    since: 1_700_000_000,
  };

  it('give back what was put in, long names too', () => {
    for (const name of ['stats.sets.users;a=1', `long.${'x'.repeat(3000)}`, 'ü']) {
      const named = { ...one, name };
      assert.equal(decodeSketched(sketchedKey(SKETCH_SET, name), encodeSketched(named)), named);
    }
    const link = { timer: 9, stat: 12, argument: 99.9 };
    assert.equal(decodeLink(LINK_CODEC.key(77), LINK_CODEC.encode(77, link)), { series: 77, link });
  });

  it('are refused with any one byte changed', () => {
    const record = encodeSketched(one);
    const link = LINK_CODEC.encode(77, { timer: 9, stat: 12, argument: 99.9 });
    for (let at = 0; at < Math.max(record.length, link.length); at++) {
      if (at < record.length) {
        const damaged = record.map((byte, i) => (i === at ? byte ^ 1 : byte));
        assert.is(decodeSketched(sketchedKey(SKETCH_SET, 'a.b'), damaged), undefined);
      }
      if (at < link.length) {
        const damaged = link.map((byte, i) => (i === at ? byte ^ 1 : byte));
        assert.is(decodeLink(LINK_CODEC.key(77), damaged), undefined);
      }
    }
  });
});
