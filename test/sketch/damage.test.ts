/**
 * Bytes that are not what they say although their checksum is right: nothing crashes but with a
 * sentence, nothing hangs, nothing grows without bound.
 */
import fc from 'fast-check';
import { beginBytes, finishBytes, putByte } from '../../src/sketch/bytes.ts';
import { decodeSketch, encodeSketch } from '../../src/sketch/codec.ts';
import { decodeDistinct, encodeDistinct } from '../../src/sketch/distinct-codec.ts';
import { DistinctSketch } from '../../src/sketch/distinct.ts';
import { Sketch } from '../../src/sketch/log-linear.ts';
import { assert, describe, rounds } from '../support/suite.ts';

/** The same bytes with a checksum that fits. */
function sealed(bytes: Uint8Array): Uint8Array {
  beginBytes();
  for (const byte of bytes.subarray(0, -4)) putByte(byte);
  return finishBytes().slice();
}

/** Either reads, into something that can be written again, or refuses with a sentence. */
function readsOrRefuses(bytes: Uint8Array): void {
  for (const read of [readSketch, readDistinct]) {
    try {
      read(bytes);
    } catch (error) {
      assert.match((error as Error).message, /^not a sketch: /);
    }
  }
}

function readSketch(bytes: Uint8Array): void {
  const sketch = decodeSketch(bytes);
  assert.ok(sketch.positive.weights.length <= 4096 && sketch.negative.weights.length <= 4096);
  encodeSketch(sketch);
}

function readDistinct(bytes: Uint8Array): void {
  encodeDistinct(decodeDistinct(bytes));
}

function samples(): Uint8Array[] {
  const raw = new Sketch();
  const pairs = new Sketch();
  const runs = new Sketch();
  const weighted = new Sketch();
  for (let i = 0; i < 12; i++) raw.add(i * 1.5 - 3);
  for (let i = 0; i < 60; i++) pairs.add(1.7 ** (i % 20) - 5);
  for (let i = 0; i < 40_000; i++) runs.add(100 + (i % 700));
  for (let i = 0; i < 50; i++) weighted.add(i, 1 / 0.3);
  const set = new DistinctSketch();
  for (let i = 0; i < 40; i++) set.add(Uint8Array.of(i, 7));
  return [...[raw, pairs, runs, weighted].map(encodeSketch), encodeDistinct(set)];
}

describe('damaged sketches', (it) => {
  const given = samples();

  it('with a checksum that fits are read or refused', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...given),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (bytes, changes, cut) => {
          const damaged = Uint8Array.from(bytes);
          for (const [place, bits] of changes) damaged[place % damaged.length]! ^= bits;
          readsOrRefuses(sealed(damaged));
          readsOrRefuses(sealed(damaged.subarray(0, 4 + (cut % (damaged.length - 4)))));
        },
      ),
      { numRuns: rounds(800, 4000) },
    );
  });

  it('of any bytes at all are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => readsOrRefuses(bytes)),
      { numRuns: rounds(200, 1000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 80 }), (bytes) => {
        bytes[0] = 2;
        bytes[1] = 7;
        bytes[2]! &= 3;
        readsOrRefuses(sealed(bytes));
      }),
      { numRuns: rounds(600, 3000) },
    );
  });

  it('say what is wrong', () => {
    const says = (bytes: Uint8Array, sentence: RegExp): void =>
      assert.throws(() => decodeSketch(bytes), sentence);
    says(new Uint8Array(3), /3 bytes are too few/);
    says(
      Uint8Array.from(given[0]!, (byte, i) => byte ^ (i === 5 ? 1 : 0)),
      /checksum differs/,
    );
    says(sealed(Uint8Array.of(1, 7, 0, 0, 0, 0, 0, 0)), /version 1, expected 2/);
    says(sealed(Uint8Array.of(2, 9, 0, 0, 0, 0, 0, 0)), /bins of 9 bits/);
    says(sealed(Uint8Array.of(2, 7, 8, 0, 0, 0, 0, 0)), /flags 8/);
    says(given.at(-1)!, /version 129/);
    assert.throws(() => decodeDistinct(given[0]!), /version 2, expected 129/);
  });
});
