import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { shortCrc } from '../../src/lib/short-crc.ts';
import { assert, describe } from '../support/suite.ts';

describe('shortCrc', (it) => {
  it('is what zlib says of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (bytes, wanted) => {
        const end = Math.min(wanted, bytes.length);
        assert.is(shortCrc(bytes, end), crc32(bytes.subarray(0, end)));
      }),
    );
  });
});
