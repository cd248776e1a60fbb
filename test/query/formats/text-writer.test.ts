import fc from 'fast-check';
import { FixedText, TextWriter } from '../../../src/query/formats/text-writer.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const text = fc.string({ unit: fc.oneof(fc.string(), fc.string({ unit: 'binary' })) });

describe('text written as bytes', (it) => {
  it('has strings of JSON as JSON.stringify has them', () => {
    const out = new TextWriter();
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        for (const one of texts) out.jsonString(one);
        assert.is(out.take().toString('utf8'), texts.map((one) => JSON.stringify(one)).join(''));
      }),
      { numRuns: rounds(40, 500) },
    );
    for (const odd of ['"', '\\', '\u0000', '\u001f', '\u007f', 'é', '\ud800', '𝄞']) {
      out.jsonString(odd);
      assert.is(out.take().toString('utf8'), JSON.stringify(odd));
    }
  });

  it('has what is fixed, whatever its length and bytes', () => {
    const out = new TextWriter();
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        for (const one of texts) out.fixed(new FixedText(one));
        const expected = Buffer.concat(texts.map((one) => Buffer.from(one)));
        assert.ok(out.take().equals(expected));
      }),
      { numRuns: rounds(40, 500) },
    );
  });

  it('grows, begins anew, and does not keep what was large', () => {
    const out = new TextWriter();
    const line = new FixedText('0123456789');
    for (const count of [20_000, 3, 600_000, 1, 0]) {
      for (let i = 0; i < count; i++) out.fixed(line);
      const taken = out.take();
      assert.is(taken.length, count * 10);
      assert.is(taken.toString(), '0123456789'.repeat(count));
    }
    assert.ok(out.bytes.length < 1e6, `${out.bytes.length} bytes kept`);
    assert.is(out.view.buffer, out.bytes.buffer);
  });
});
