/** Streams cut into packets: the same however the bytes arrive, and at a cost that is linear. */
import fc from 'fast-check';
import {
  type Framer,
  type FramerCounts,
  FRAMERS,
  HELD_BYTES_MAX,
  type ReadResult,
} from '../../../src/ingest/receive/framing.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const BYTES_MAX = 1024 * 1024;

function framing(kind: keyof typeof FRAMERS, bytesMax = BYTES_MAX) {
  const counts: FramerCounts = { packets: 0, heldBytes: 0 };
  const packets: string[] = [];
  const make = (): Framer =>
    FRAMERS[kind](
      (bytes, from, to) => packets.push(Buffer.from(bytes.subarray(from, to)).toString('latin1')),
      counts,
      bytesMax,
    );
  return { counts, packets, make };
}

/** Reads the bytes in pieces of these sizes, over and over. */
function readInPieces(framer: Framer, bytes: Buffer, sizes: readonly number[]): ReadResult {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    const result = framer.read(bytes.subarray(at, at + size));
    if (result !== 'ok') return result;
    at += size;
  }
  return 'ok';
}

function message(text: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(text.length);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

function frame(text: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  return Buffer.concat([head, Buffer.from(text, 'latin1')]);
}

const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('framing', (it) => {
  it('finds the same messages however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 })), pieces, (texts, sizes) => {
        const sent = texts.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
        const { counts, packets, make } = framing('lengths');
        const framer = make();
        assert.is(readInPieces(framer, Buffer.concat(sent.map(message)), sizes), 'ok');
        assert.not.ok(framer.finish(true));
        assert.equal(packets, sent);
        assert.is(counts.heldBytes, 0);
      }),
    );
  });

  it('tells frames from lines, and finds the same ones however they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 })), pieces, (texts, sizes) => {
        const sent = texts.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
        const { counts, packets, make } = framing('linesOrFrames');
        const framer = make();
        assert.is(readInPieces(framer, Buffer.concat(sent.map(frame)), sizes), 'ok');
        assert.not.ok(framer.finish(true));
        const full = sent.filter((text) => text !== '');
        assert.equal(packets, full);
        assert.is(framer.emptyFrames, sent.length - full.length);
        assert.is(counts.heldBytes, 0);
        const lines = framing('linesOrFrames');
        const text = 'a:1|c\nlonger.name:22|ms\n\nu';
        const other = lines.make();
        assert.is(readInPieces(other, Buffer.from(text), sizes), 'ok');
        assert.not.ok(other.finish(true));
        assert.is(lines.packets.join(''), text);
        assert.is(lines.counts.heldBytes, 0);
      }),
      { numRuns: rounds(12, 1000) },
    );
  });

  it('a frame that is too long, or cut off, gives no packet', () => {
    const heads = ['\0\0\x01\0a:1|c\n', '\x01\0\0\x01a:1|c\n', '\0\0\0\x05a:1|c\n'];
    for (const bytes of [heads[0]!, heads[2]!, `\x05\0\0\0a:1|c${heads[1]!}`]) {
      for (const size of [1, 3, 100]) {
        const { packets, make } = framing('linesOrFrames');
        const framer = make();
        assert.is(readInPieces(framer, Buffer.from(bytes, 'latin1'), [size]), 'frameTooLong');
        assert.equal(packets, bytes[0] === '\x05' ? ['a:1|c'] : []);
        framer.finish(true);
      }
    }
    const { packets, make } = framing('linesOrFrames');
    const framer = make();
    framer.read(Buffer.from('\x05\0\0\0a:1|c\x06\0\0\0b:1|', 'latin1'));
    assert.ok(framer.finish(true));
    assert.equal(packets, ['a:1|c']);
    const short = framing('linesOrFrames');
    const rest = short.make();
    rest.read(Buffer.from('a:1'));
    assert.not.ok(rest.finish(true));
    assert.equal(short.packets, ['a:1']);
  });

  it('finds the same lines however they are cut', () => {
    const line = fc.stringMatching(/^[a-z:|]{0,30}$/);
    for (const kind of ['lines', 'looseLines'] as const) {
      fc.assert(
        fc.property(fc.array(line), pieces, (lines, sizes) => {
          const { packets, counts, make } = framing(kind);
          const framer = make();
          const text = lines.map((one) => `${one}\n`).join('');
          assert.is(readInPieces(framer, Buffer.from(`${text}tail`), sizes), 'ok');
          assert.is(packets.join(''), text);
          assert.not.ok(framer.finish(true));
          assert.is(packets.join(''), `${text}tail`);
          assert.is(counts.heldBytes, 0);
        }),
      );
    }
  });

  it('copies a few times what it reads, one byte at a time too', () => {
    const messages = Buffer.concat([message('x'.repeat(500_000)), message('y'.repeat(500_000))]);
    const lines = Buffer.from(`${'x'.repeat(500_000)}\n${'y'.repeat(500_000)}\n`);
    for (const kind of ['lines', 'looseLines', 'lengths'] as const) {
      const bytes = kind === 'lengths' ? messages : lines;
      for (const size of [1, 1000]) {
        const { packets, make } = framing(kind);
        const framer = make();
        assert.is(readInPieces(framer, bytes, [size]), 'ok');
        assert.is(packets.length, 2);
        const times = framer.copiedBytes / bytes.length;
        assert.ok(times <= 3, `${kind} in pieces of ${size}: each byte copied ${times} times`);
      }
    }
  });

  it('refuses a length as soon as it is there, before anything is read for it', () => {
    for (const size of [1, 3, 4, 100]) {
      const { counts, make } = framing('lengths');
      const framer = make();
      assert.is(readInPieces(framer, Buffer.from([0xff, 0xff, 0xff, 0xff]), [size]), 'tooLong');
      assert.is(counts.heldBytes, 0);
    }
  });

  it('takes an empty message, alone and between others', () => {
    const { packets, make } = framing('lengths');
    const framer = make();
    const bytes = Buffer.concat([message(''), message('a'), message('')]);
    assert.is(readInPieces(framer, bytes, [1]), 'ok');
    assert.equal(packets, ['', 'a', '']);
  });

  it('holds no more for all connections together than its bound', () => {
    const { counts, make } = framing('lengths');
    const head = Buffer.alloc(BYTES_MAX);
    head.writeUInt32BE(BYTES_MAX);
    let open = 0;
    while (make().read(head) === 'ok') open += 1;
    assert.is(open, HELD_BYTES_MAX / BYTES_MAX);
    assert.ok(counts.heldBytes <= HELD_BYTES_MAX);
  });
});
