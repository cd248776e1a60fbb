import fc from 'fast-check';
import { columnFault } from '../../../../src/storage/ring/values/column-check.ts';
import {
  COLUMN_BYTES_MAX,
  decodeColumn,
  encodeColumn,
} from '../../../../src/storage/ring/values/codec.ts';
import {
  BLOCK_BYTES_MAX,
  ChunkBlock,
  encodeBlock,
} from '../../../../src/storage/ring/values/chunk-record.ts';
import { BLOCK_SERIES, CHUNK_ROWS } from '../../../../src/storage/ring/ring.ts';
import { assert, describe } from '../../../support/suite.ts';

/** Encodes a column and reads it back; nulls are NaN. Returns the bytes it took. */
function roundTrip(column: readonly number[]): number {
  const values = Float64Array.from({ length: CHUNK_ROWS + 2 }, (_, i) => column[i - 1] ?? NaN);
  const bytes = new Uint8Array(COLUMN_BYTES_MAX + 3).fill(0xa5);
  const end = encodeColumn(values, 1, bytes, 2);
  assert.ok(end - 2 <= COLUMN_BYTES_MAX, `${end - 2} bytes`);
  // Up to there a way that turned out longer may have been tried.
  assert.is(bytes[2 + COLUMN_BYTES_MAX], 0xa5, 'wrote past the end');
  assert.is(columnFault(bytes, 2, end), undefined);
  const back = new Float64Array(CHUNK_ROWS + 2).fill(7);
  decodeColumn(bytes, 2, back, 1);
  assert.is(back[0], 7);
  assert.is(back[CHUNK_ROWS + 1], 7);
  for (let i = 1; i <= CHUNK_ROWS; i++) {
    if (!Object.is(back[i], values[i])) assert.unreachable(`${i}: ${back[i]}, not ${values[i]}`);
  }
  return end - 2;
}

const row = (make: (i: number) => number): number[] =>
  Array.from({ length: CHUNK_ROWS }, (_, i) => make(i));

describe('codec', (it) => {
  it('gives any doubles back bit for bit', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 5e-324, -5e-324, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e308, NaN),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: CHUNK_ROWS }), (column) => void roundTrip(column)),
      { numRuns: 400 },
    );
  });

  it('gives decimals, whole numbers and steps of them back bit for bit', () => {
    const scale = fc.constantFrom(1, 10, 100, 1000, 1e6, 6, 60, 600, 7);
    const whole = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.constant(NaN),
    );
    fc.assert(
      fc.property(scale, fc.array(whole, { maxLength: CHUNK_ROWS }), (by, column) => {
        roundTrip(column.map((value) => value / by));
        let sum = 0;
        roundTrip(column.map((value) => (value === value ? (sum += value) / by : NaN)));
      }),
      { numRuns: 400 },
    );
  });

  it('mixes of neighbours in the bit pattern come back bit for bit', () => {
    const near = fc.tuple(fc.double({ noNaN: true }), fc.array(fc.integer({ min: 0, max: 63 })));
    fc.assert(
      fc.property(near, ([first, flips]) => {
        const word = new BigUint64Array(1);
        const double = new Float64Array(word.buffer);
        double[0] = first;
        const column = [first];
        for (const bit of flips.slice(0, CHUNK_ROWS - 1)) {
          word[0]! ^= 1n << BigInt(bit);
          column.push(double[0]);
        }
        roundTrip(column);
      }),
      { numRuns: 400 },
    );
  });

  it('gives every bit pattern back', () => {
    const words = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: CHUNK_ROWS });
    fc.assert(
      fc.property(words, (patterns) => {
        roundTrip([...new Float64Array(BigUint64Array.from(patterns).buffer)]);
      }),
      { numRuns: 400 },
    );
  });

  it('gives sums and averages of decimals back bit for bit, chained ones too, and small', () => {
    const column = fc.record({
      scale: fc.constantFrom(1, 10, 100, 1000),
      known: fc.constantFrom(6, 6, 6, 5, 3),
      sums: fc.boolean(),
      chained: fc.boolean(),
      whole: fc.array(fc.nat(30_000), {
        minLength: 60 * CHUNK_ROWS,
        maxLength: 60 * CHUNK_ROWS,
      }),
    });
    fc.assert(
      fc.property(column, ({ scale, known, sums, chained, whole }) => {
        const rollUp = (values: number[], size: number, count: number): number[] =>
          Array.from({ length: values.length / size }, (_, i) => {
            const sum = values.slice(i * size, i * size + count).reduce((all, one) => all + one);
            return sums ? sum : sum / count;
          });
        let values = rollUp(
          whole.map((one) => one / scale),
          6,
          known,
        );
        if (chained) values = rollUp(values, 10, 10);
        const took = roundTrip(values.slice(0, CHUNK_ROWS));
        assert.ok(took <= 4.5 * CHUNK_ROWS, `${took} bytes`);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps values a few units in the last place beside decimals, zeroes and borders too', () => {
    const near = fc.tuple(
      fc.constantFrom(0, -0, 1, -1, 0.5, 2 ** 20, 0.1, 1 / 6, 1 / 36, -2, 2 ** 39, 2 ** 40, 1e-6),
      fc.integer({ min: -9, max: 8 }),
    );
    const word = new BigInt64Array(1);
    const double = new Float64Array(word.buffer);
    fc.assert(
      fc.property(fc.array(near, { maxLength: CHUNK_ROWS }), (pairs) => {
        const column = pairs.map(([value, off]) => {
          double[0] = value;
          word[0] = BigInt.asIntN(64, word[0]! + BigInt(off));
          return double[0];
        });
        roundTrip(column.filter((value) => value === value));
      }),
      { numRuns: 1000 },
    );
  });

  it('is small where values are simple', () => {
    const bytes = (limit: number, column: number[]): void => {
      const took = roundTrip(column);
      assert.ok(took <= limit, `${took} bytes, expected at most ${limit}`);
    };
    bytes(1, []);
    bytes(
      3,
      row(() => 0),
    );
    bytes(
      5,
      row(() => 12.25),
    );
    bytes(
      12,
      row((i) => 1_000_000 + i),
    );
    bytes(
      16,
      row((i) => (i % 2 === 0 ? 1 : NaN)),
    );
    bytes(
      70,
      row((i) => 20 + ((i * 37) % 100) / 10),
    );
    bytes(
      75,
      row((i) => (100 + ((i * 37) % 100)) / 6),
    );
  });

  it('takes the bound for the worst column, with nulls and without, and never more', () => {
    const random = worstDoubles();
    assert.is(roundTrip(row(random)), COLUMN_BYTES_MAX);
    assert.is(roundTrip(row((i) => (i === 30 ? NaN : random()))), COLUMN_BYTES_MAX);
    for (let nulls = 2; nulls < CHUNK_ROWS; nulls++) {
      assert.ok(roundTrip(row((i) => (i < nulls ? NaN : random()))) < COLUMN_BYTES_MAX);
    }
  });

  it('keeps a block of the worst columns below 64 KiB, the last offset among them', () => {
    const random = worstDoubles();
    const values = Float64Array.from({ length: BLOCK_SERIES * CHUNK_ROWS }, random);
    const record = encodeBlock(values, 7)!;
    assert.is(record.length, BLOCK_BYTES_MAX);
    assert.ok(record.length < 65_536);
    const back = new Float64Array(values.length);
    new ChunkBlock(7, () => record).read(
      Uint8Array.from({ length: BLOCK_SERIES }, (_, i) => i),
      back,
    );
    assert.equal(back, values);
    assert.equal(new ChunkBlock(7, () => record).encode(), record);
  });
});

/** Doubles that share neither exponents nor bits with their neighbours. */
function worstDoubles(): () => number {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  let sign = 1;
  return () => (sign = -sign) * (random() + random() / 2 ** 31) * 10 ** (random() * 500 - 250);
}
