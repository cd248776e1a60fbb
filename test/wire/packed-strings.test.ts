import fc from 'fast-check';
import {
  bytesAt,
  eachBytes,
  NO_STRINGS,
  packBytes,
  packTexts,
  StringPacker,
  textsOf,
} from '../../src/wire/packed-strings.ts';
import { assert, describe } from '../support/suite.ts';

const TEXTS = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 200 });

describe('packed strings', (it) => {
  it('are what was packed, at once or one by one, in views of larger buffers too', () => {
    const packer = new StringPacker(1, 1);
    fc.assert(
      fc.property(TEXTS, (texts) => {
        const packed = packTexts(texts);
        assert.equal(textsOf(packed), texts);
        const shifted = new Uint8Array([63, 63, ...packed.bytes]).subarray(2);
        assert.equal(textsOf({ bytes: shifted, ends: packed.ends }), texts);
        texts.forEach((text, i) => {
          if (i % 2 === 0) packer.addText(text);
          else packer.add(Buffer.from(text));
        });
        assert.equal(packer.finish(), packed);
        assert.is(packer.count + packer.byteCount, 0);
      }),
    );
  });

  it('give each string by its number and in order', () => {
    const packed = packBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
    assert.equal([...packed.ends], [2, 2, 3]);
    assert.equal([...bytesAt(packed, 0)], [1, 2]);
    assert.equal([...bytesAt(packed, 1)], []);
    assert.equal([...bytesAt(packed, 2)], [3]);
    const seen: number[][] = [];
    eachBytes(packed, (bytes, i) => seen.push([i, ...bytes]));
    assert.equal(seen, [[0, 1, 2], [1], [2, 3]]);
    assert.equal(textsOf(NO_STRINGS), []);
  });
});
