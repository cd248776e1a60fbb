/** Where title and text of a DogStatsD event end: by bytes, or by a JavaScript client's units. */
import fc from 'fast-check';
import { dialectCode } from '../../../../src/config/dialects.ts';
import { explainLine } from '../../../../src/ingest/protocol/statsd/explain.ts';
import { assert, describe } from '../../../support/suite.ts';

const read = (line: string, dialect = dialectCode('extended')): unknown => {
  const got = explainLine(Buffer.from(line), dialect) as { title?: string; text?: string };
  return 'error' in got ? 'bad' : [got.title, got.text];
};

describe('event', (it) => {
  it('takes lengths in bytes, or in units of UTF-16 where bytes do not fit', () => {
    for (const dialect of [dialectCode('extended'), dialectCode('dogstatsd')]) {
      assert.equal(read('_e{6,4}:café|text', dialect), 'bad');
      assert.equal(read('_e{5,4}:café|text', dialect), ['café', 'text']);
      assert.equal(read('_e{4,4}:café|text', dialect), ['café', 'text']);
      assert.equal(read('_e{4,4}:café|text|#a:b', dialect), ['café', 'text']);
      assert.equal(read('_e{4,6}:café|à|midi', dialect), ['café', 'à|midi']);
      assert.equal(read('_e{2,2}:🎉|漢字', dialect), ['🎉', '漢字']);
      assert.equal(read('_e{4,0}:café|', dialect), ['café', '']);
    }
  });

  it('takes no lengths that fit neither way', () => {
    for (const line of [
      '_e{3,4}:café|text',
      '_e{4,5}:café|text',
      '_e{4,3}:café|text',
      '_e{1,4}:🎉|text',
      '_e{0,4}:|text',
      '_e{4,4}:café',
      '_e{4,4}:café|',
      '_e{4,999999999999}:café|text',
    ]) {
      assert.equal(read(line), 'bad', line);
    }
  });

  it('never reads past the end of its line', () => {
    // More of a datagram follows, and would fit.
    const bytes = Buffer.from('_e{4,9}:café|text\né|more');
    const lineEnd = bytes.indexOf('\n');
    const got = explainLine(bytes.subarray(0, lineEnd), dialectCode('extended'));
    assert.ok('error' in got);
  });

  it('any title and text, counted either way', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    const clean = part.filter((text) => !/[|\r\n\\]/.test(text) && text.trim() === text);
    fc.assert(
      fc.property(clean, clean, (title, text) => {
        const [bytes, units] = [
          [Buffer.byteLength(title), Buffer.byteLength(text)],
          [title.length, text.length],
        ];
        for (const lengths of [bytes, units]) {
          assert.equal(read(`_e{${lengths.join(',')}}:${title}|${text}`), [title, text]);
        }
      }),
    );
  });
});
