/** readNumber against JavaScript's own Number(), to the last bit. */
import fc from 'fast-check';
import { NUMBER, readNumber } from '../../../src/ingest/protocol/number.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

function same(text: string): void {
  const bytes = Buffer.from(text);
  const ok = readNumber(bytes, 0, bytes.length);
  const wanted = Number(text);
  assert.is(ok, !Number.isNaN(wanted), JSON.stringify(text));
  if (ok) assert.ok(Object.is(NUMBER[0], wanted), `${text}: ${NUMBER[0]}, expected ${wanted}`);
}

describe('numbers', (it) => {
  it('odd spellings', () => {
    const spellings = [
      '',
      ' ',
      '.',
      '5.',
      '.5',
      'e5',
      '1e',
      '1e+',
      '+5',
      '--1',
      '-0',
      '007',
      '1_0',
    ];
    const radixes = [
      '0x',
      '0x10',
      '0XfF',
      '0xg',
      '-0x1',
      '0b101',
      '0b2',
      '0o17',
      '0o8',
      '0B1',
      '0O7',
    ];
    const words = ['Infinity', '-Infinity', '+Infinity', 'infinity', 'NaN', 'inf', 'true', 'null'];
    const blanks = [
      '\u00a05\u00a0',
      '\u30005',
      '\ufeff1',
      '\u20281',
      '\u200b1',
      '\t5\v',
      '5\u2009',
    ];
    for (const text of [...spellings, ...radixes, ...words, ...blanks]) same(text);
  });

  it('where rounding is hard', () => {
    const edges = [
      '4.9e-324',
      '2.4703282292062327e-324',
      '2.4703282292062328e-324',
      '1e400',
      '1e-400',
    ];
    const tops = ['1.7976931348623157e308', '1.7976931348623158e308', '1.7976931348623159e308'];
    const subnormals = ['2.2250738585072011e-308', '2.2250738585072014e-308', '9007199254740993'];
    const long = [
      '0'.repeat(900),
      `9007199254740993.${'0'.repeat(900)}1`,
      `1${'0'.repeat(400)}e-400`,
    ];
    const bits = ['0x1fffffffffffff8', `0x${'f'.repeat(300)}`, `0b${'1'.repeat(54)}`];
    for (const text of [...edges, ...tops, ...subnormals, ...long, ...bits]) same(text);
    same('1e99999999999');
    same('1e-99999999999');
    same('0e99999999999');
  });

  it('every double in every notation', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        for (const text of [String(value), value.toExponential(18), value.toPrecision(20)])
          same(text);
      }),
      { numRuns: 3000 },
    );
  });

  it('halfway between two doubles, and a digit beside', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
        fc.nat(200),
        fc.integer({ min: -1, max: 1 }),
        (mantissa, shift, beside) =>
          same(String(((2n * mantissa + 1n) << BigInt(shift)) + BigInt(beside))),
      ),
      { numRuns: 3000 },
    );
  });

  it('any digits with any exponent', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 40n });
    fc.assert(
      fc.property(digits, fc.integer({ min: -360, max: 330 }), (value, exponent) => {
        same(`${value}e${exponent}`);
        same(`-.${value}e${exponent}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('any text of number-like characters', () => {
    const character = fc.constantFrom(...'0123456789.eE+-xXbo aInfity_ \t\u00a0');
    fc.assert(fc.property(fc.string({ unit: character }), same), { numRuns: rounds(2000, 20_000) });
  });
});
