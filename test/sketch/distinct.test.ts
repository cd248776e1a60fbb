/** Distinct counts: exact while small, within a few standard errors beyond, merged in any way. */
import fc from 'fast-check';
import {
  decodeDistinct,
  encodeDistinct,
  mergeEncodedDistinct,
} from '../../src/sketch/distinct-codec.ts';
import { DistinctSketch, EXACT_MAX } from '../../src/sketch/distinct.ts';
import { hashMember, memberHash } from '../../src/sketch/member-hash.ts';
import { assert, describe, rounds } from '../support/suite.ts';

const STANDARD_ERROR = 1.04 / Math.sqrt(16_384);
const encoder = new TextEncoder();

function setOf(from: number, to: number, prefix = 'user-'): DistinctSketch {
  const set = new DistinctSketch();
  for (let i = from; i < to; i++) set.add(encoder.encode(`${prefix}${i}`));
  return set;
}

function union(...parts: DistinctSketch[]): DistinctSketch {
  const all = new DistinctSketch();
  for (const part of parts) mergeEncodedDistinct(encodeDistinct(part), all);
  return all;
}

describe('distinct counts', (it) => {
  it('are exact up to the bound, whatever comes twice', () => {
    for (const size of [0, 1, 7, 500, EXACT_MAX]) {
      const set = setOf(0, size);
      set.merge(setOf(0, size));
      assert.ok(set.isExact);
      assert.is(set.estimate(), size);
      assert.is(decodeDistinct(encodeDistinct(set)).estimate(), size);
    }
    assert.not(setOf(0, EXACT_MAX + 1).isExact);
  });

  it('are within a few standard errors beyond it, without bias', () => {
    for (const size of [EXACT_MAX + 1, 5000, 20_000, rounds(60_000, 200_000)]) {
      const errors: number[] = [];
      const runs = size > 50_000 ? 2 : size > 10_000 ? 8 : 16;
      for (let run = 0; run < runs; run++) {
        errors.push(setOf(0, size, `${run}/${size}/`).estimate() / size - 1);
      }
      const worst = Math.max(...errors.map(Math.abs));
      assert.ok(worst < 4 * STANDARD_ERROR, `${size}: ${worst}`);
      const mean = errors.reduce((sum, error) => sum + error, 0) / runs;
      assert.ok(Math.abs(mean) < (3.5 * STANDARD_ERROR) / Math.sqrt(runs), `${size}: ${mean}`);
    }
  });

  it('merge exact with exact, exact with registers, registers with registers', () => {
    assert.is(union(setOf(0, 700), setOf(350, 1050)).estimate(), 1050);
    const whole = encodeDistinct(setOf(0, 40_000));
    assert.equal(encodeDistinct(union(setOf(0, 1000), setOf(500, 40_000))), whole);
    assert.equal(encodeDistinct(union(setOf(0, 30_000), setOf(20_000, 40_000))), whole);
    assert.equal(encodeDistinct(union(setOf(39_000, 40_000), setOf(0, 39_500))), whole);
  });

  it('have the same bytes in any order and grouping', () => {
    const part = fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 900 }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 7 }), fc.nat(), (parts, at) => {
        const sets = parts.map(([from, length]) => setOf(from, from + length));
        const cut = at % sets.length;
        const left = union(...sets.slice(0, cut).reverse());
        const right = union(...sets.slice(cut));
        right.merge(left);
        assert.equal(encodeDistinct(right), encodeDistinct(union(...sets)));
      }),
      { numRuns: rounds(2, 60) },
    );
  });

  it('hash members alike everywhere: the format fixes it', () => {
    const hashOf = (text: string): string => {
      const bytes = encoder.encode(text);
      hashMember(bytes, 0, bytes.length);
      return [...memberHash].map((word) => word.toString(16).padStart(8, '0')).join('');
    };
    assert.equal(['', 'a', 'user-1', 'häuser'].map(hashOf), HASHES);
    const framed = encoder.encode('xxuser-1yy');
    hashMember(framed, 2, 8);
    assert.is(
      [...memberHash].map((word) => word.toString(16).padStart(8, '0')).join(''),
      HASHES[2],
    );
  });

  it('are a few bytes while small and about 8 kB at most', () => {
    assert.ok(encodeDistinct(setOf(0, 3)).length < 40);
    assert.ok(encodeDistinct(setOf(0, 60_000)).length < 8400);
  });

  it('refuse damaged, cut and lengthened bytes with a sentence', () => {
    const all = [setOf(0, 0), setOf(0, 20), setOf(0, 5000)].map(encodeDistinct);
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, place, change) => {
          const at = place % bytes.length;
          const flipped = Uint8Array.from(bytes);
          flipped[at]! ^= change;
          assert.throws(() => decodeDistinct(flipped), /not a sketch/);
          assert.throws(() => decodeDistinct(bytes.subarray(0, at)), /not a sketch/);
          assert.throws(() => decodeDistinct(Uint8Array.of(...bytes, change)), /not a sketch/);
        },
      ),
      { numRuns: rounds(60, 300) },
    );
  });
});

/** Recorded once; never to change within version 0x81. */
const HASHES = ['2791e15a50b8a745', 'ec12b76428b1aa16', '6b2b7e8de22ce985', '00d9f45ebc9a98be'];
