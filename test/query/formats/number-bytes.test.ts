import fc from 'fast-check';
import { finiteText } from '../../../src/query/formats/format.ts';
import {
  NUMBER_BYTES_MAX,
  writeFinite,
  writeWhole,
} from '../../../src/query/formats/number-bytes.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const bytes = Buffer.alloc(NUMBER_BYTES_MAX + 8);

/** Written behind other bytes, which have to stay. */
function written(value: number, integers: boolean): string {
  bytes.fill('#');
  const end = writeFinite(bytes, 3, value, integers);
  assert.ok(end - 3 <= NUMBER_BYTES_MAX);
  assert.is(bytes.toString('latin1', 0, 3), '###');
  return bytes.toString('latin1', 3, end);
}

function check(value: number): void {
  for (const one of [value, -value]) {
    if (!Number.isFinite(one)) continue;
    for (const integers of [false, true]) {
      const text = written(one, integers);
      if (text !== finiteText(one, integers)) assert.is(text, finiteText(one, integers));
    }
    if (one !== 0) assert.is(Number(written(one, false)), one);
  }
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const bits = new BigInt64Array(double.buffer);

/** The double so many places after. */
function neighbour(value: number, places: number): number {
  double[0] = value;
  bits[0]! += BigInt(places);
  return double[0];
}

describe('numbers as bytes', (it) => {
  it('are spelled as in text, whatever their bits are', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, (high, low) => {
        words[0] = low;
        words[1] = high;
        check(double[0]!);
      }),
      { numRuns: rounds(200, 20_000) },
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => check(value)),
      { numRuns: rounds(80, 5000) },
    );
  });

  it('are spelled as in text where series have them', () => {
    const size = fc.integer({ min: -60, max: 60 });
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(size, word, word, (exponent, high, low) => {
        check(2 ** exponent * (1 + (high + low / 2 ** 32) / 2 ** 32));
      }),
      { numRuns: rounds(200, 20_000) },
    );
  });

  it('are spelled as in text when they are decimals, and averages of decimals', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 17n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 22 }), (whole, places) => {
        check(Number(`${whole}e-${places}`));
      }),
      { numRuns: rounds(200, 20_000) },
    );
    const cents = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(fc.array(cents, { minLength: 2, maxLength: 9 }), (all) => {
        check(all.reduce((sum, one) => sum + one / 100, 0) / all.length);
      }),
      { numRuns: rounds(200, 20_000) },
    );
  });

  it('are spelled as in text when they are whole', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => check(value)),
      { numRuns: rounds(80, 5000) },
    );
    for (let value = 0; value < 2000; value++) check(value);
  });

  it('are spelled as in text around powers of two and of ten', () => {
    for (let exponent = -1074; exponent < 1024; exponent++) {
      for (let places = -2; places <= 2; places++) check(neighbour(2 ** exponent, places));
    }
    for (let exponent = -320; exponent <= 308; exponent++) {
      const ten = Number(`1e${exponent}`);
      for (let places = -20; places <= 20; places++) check(neighbour(ten, places));
      for (let nines = 1; nines <= 17; nines++) check(Number(`${'9'.repeat(nines)}e${exponent}`));
    }
    for (const value of [0, 0.5, 5e-324, 2 ** 53, 2 ** 53 + 2, 1e15 - 0.5, 4503599627370495.5]) {
      check(value);
    }
  });

  it('are written without a point when they are times', () => {
    const value = fc.nat().chain((most) => fc.integer({ min: 0, max: most * 400_000 }));
    fc.assert(
      fc.property(value, (whole) => {
        assert.is(bytes.toString('latin1', 0, writeWhole(bytes, 0, whole)), String(whole));
      }),
      { numRuns: rounds(80, 5000) },
    );
  });
});
