/**
 * Booleans, long integers and worse in pickles: what is no point costs itself, and sound messages
 * before and behind whatever came are stored.
 */
import * as fc from 'fast-check';
import { readCarbonPickle } from '../../../src/ingest/protocol/carbon/plaintext.ts';
import { FRAMERS } from '../../../src/ingest/receive/framing.ts';
import { canonicalName } from '../../../src/wire/series-name.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const MESSAGE_BYTES_MAX = 2 ** 20;
const TIME = 1_700_000_000;

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

function framed(pickle: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(pickle.length);
  return Buffer.concat([length, pickle]);
}

function pickleOf(points: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  const parts = points.map(([name, value]) => {
    const bytes = Buffer.from(name);
    return Buffer.concat([
      latin('U'),
      Buffer.of(bytes.length),
      bytes,
      latin(`I${TIME}\n`),
      value,
      latin('\x86\x86a'),
    ]);
  });
  return Buffer.concat([latin('\x80\x02]'), ...parts, latin('.')]);
}

function long(value: bigint, bytes: number): Buffer {
  const digits = BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
  return Buffer.concat([latin('\x8a'), Buffer.of(bytes), Buffer.from(digits, 'hex').reverse()]);
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What a connection stores, and what it counts, of bytes that come in pieces. */
function readPieces(pieces: readonly Buffer[]) {
  const stored: [string, number][] = [];
  const rejected: string[] = [];
  const examples: string[] = [];
  const framer = FRAMERS.lengths(
    (bytes, from, to) => {
      const sink = {
        point: (name: string, _time: number, value: number) => stored.push([name, value]),
        reject: (reason: string, example: Uint8Array, start: number, end: number) => {
          rejected.push(reason);
          if (reason === 'badLine') examples.push(latin1(example.subarray(start, end)));
        },
      };
      readCarbonPickle(bytes, from, to, { nowSeconds: TIME, nameBytesMax: 1000 }, sink);
    },
    { packets: 0, heldBytes: 0 },
    MESSAGE_BYTES_MAX,
  );
  const results = pieces.map((piece) => framer.read(piece));
  return { stored, rejected, examples, ended: results.find((result) => result !== 'ok') };
}

const ONE = latin('I1\n');
const before = framed(pickleOf([['before', ONE]]));
const behind = framed(pickleOf([['behind', ONE]]));

describe('a pickle beside sound ones', (it) => {
  it('may have booleans and integers of any size', () => {
    const points: [string, Buffer][] = [
      ['a', ONE],
      ['up', latin('\x88')],
      ['down', latin('\x89')],
      ['old', latin('I01\n')],
      ['counter', long(2n ** 63n, 9)],
      ['thirty', long(10n ** 30n, 13)],
      ['minus', long(-(10n ** 30n), 13)],
      ['wide', long(10n ** 300n, 126)],
      ['text', latin('L1000000000000000000000000000000L\n')],
      ['b', ONE],
    ];
    const { stored, rejected, ended } = readPieces([framed(pickleOf(points)), behind]);
    assert.equal(stored, [
      ['a', 1],
      ['up', 1],
      ['down', 0],
      ['old', 1],
      ['counter', 2 ** 63],
      ['thirty', 1e30],
      ['minus', -1e30],
      ['wide', 1e300],
      ['text', 1e30],
      ['b', 1],
      ['behind', 1],
    ]);
    assert.equal([rejected, ended], [[], undefined]);
  });

  it('loses points that are none, and names that are none, one by one', () => {
    const endless = Buffer.concat([latin('\x8b\x00\x02\x00\x00'), Buffer.alloc(512, 0x7f)]);
    const points: [string, Buffer][] = [
      ['none', latin('N')],
      ['dict', latin('}')],
      ['words', latin("S'up'\n")],
      ['endless', endless],
      ['line\nfeed', ONE],
      ['', ONE],
      ['bad;env=', ONE],
      ['a..b', ONE],
    ];
    const { stored, rejected, examples } = readPieces([before, framed(pickleOf(points)), behind]);
    assert.equal(new Set(examples), new Set(['words in a pickle: no (name, (time, value))']));
    assert.equal(
      stored.map(([name]) => name),
      ['before', 'a..b', 'behind'],
    );
    assert.equal(rejected.sort(), [
      'badLine',
      'badLine',
      'badLine',
      'badName',
      'badTags',
      'emptyName',
      'notFinite',
    ]);
  });

  it('is refused as a whole where it could run something, and nothing else is', () => {
    const decimal = framed(latin('\x80\x02cdecimal\nDecimal\nU\x011\x85R.'));
    const { stored, rejected, ended } = readPieces([before, decimal, decimal, behind]);
    assert.equal(stored, [
      ['before', 1],
      ['behind', 1],
    ]);
    assert.equal([rejected, ended], [['badPickle', 'badPickle'], undefined]);
  });

  it('never takes others with it, whatever became of its bytes', () => {
    const values = [
      ONE,
      latin('\x88'),
      long(2n ** 63n, 9),
      latin('G?\xf0\0\0\0\0\0\0'),
      latin('N'),
    ];
    const name = fc.constantFrom('a', 'a..b', 'x;k=v', 'bad;', '\n', 'größe', '');
    const points = fc.array(fc.tuple(name, fc.constantFrom(...values)), { maxLength: 8 });
    const change = fc.record({
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(
        points,
        fc.array(change, { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (given, changes, step) => {
          let pickle = pickleOf(given);
          for (const { at, byte, cut } of changes) {
            const index = Math.floor(at * pickle.length);
            pickle[index] = byte;
            if (cut)
              pickle = Buffer.concat([pickle.subarray(0, index), pickle.subarray(index + 1)]);
          }
          const all = Buffer.concat([before, framed(pickle), behind]);
          const pieces: Buffer[] = [];
          for (let from = 0; from < all.length; from += step) {
            pieces.push(all.subarray(from, from + step));
          }
          const { stored, rejected, ended } = readPieces(pieces);
          assert.is(ended, undefined);
          assert.equal([stored.at(0), stored.at(-1)], [
            ['before', 1],
            ['behind', 1],
          ]); // prettier-ignore
          for (const [one, value] of stored) {
            assert.ok(canonicalName(one) !== undefined && Number.isFinite(value), one);
          }
          if (changes.length === 0) assert.is(stored.length - 2 + rejected.length, given.length);
        },
      ),
      { numRuns: rounds(1000, 100_000) },
    );
  });
});
