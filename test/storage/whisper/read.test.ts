import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { UserError } from '../../../src/lib/errors.ts';
import type { WhisperSeries } from '../../../src/storage/whisper/format.ts';
import { seriesName } from '../../../src/storage/whisper/path.ts';
import { readWhisper } from '../../../src/storage/whisper/read.ts';
import { findWhisperFiles } from '../../../src/storage/whisper/walk.ts';
import { writeWhisper } from '../../../src/storage/whisper/write.ts';
import { assert, describe } from '../../support/suite.ts';
import { recordedSeries, unpackWhisperTree } from './data-set.ts';

const HEADER_AND_ONE = 28;

function file(points: readonly [slot: number, time: number, value: number][]): Uint8Array {
  const bytes = writeWhisper({
    archives: [{ step: 10, points: 6 }],
    aggregationMethod: 'sum',
    xFilesFactor: 0.25,
    data: [{ step: 10, times: new Float64Array(0), values: new Float64Array(0) }],
  });
  const view = new DataView(bytes.buffer);
  for (const [slot, time, value] of points) {
    view.setUint32(HEADER_AND_ONE + slot * 12, time);
    view.setFloat64(HEADER_AND_ONE + slot * 12 + 4, value);
  }
  return bytes;
}

const pointsOf = (series: WhisperSeries, index = 0): [number, number][] => {
  const { times, values } = series.data[index]!; // as many as archives
  return [...times].map((time, i): [number, number] => [time, values[i]!]);
};

function holds(slots: [number, number, number][], ...points: [number, number][]): void {
  assert.equal(pointsOf(readWhisper(file(slots))), points);
}

function damaged(bytes: Uint8Array, sentence: string): void {
  assert.throws(
    () => readWhisper(bytes),
    (error: unknown) =>
      error instanceof UserError && error.code === 'badFile' && error.message.includes(sentence),
    sentence,
  );
}

const patched = (at: number, ...values: number[]): Uint8Array => {
  const bytes = file([]);
  bytes.set(values, at);
  return bytes;
};

describe('whisper files', (it) => {
  it('say what the series is', () => {
    const { archives, aggregationMethod, xFilesFactor } = readWhisper(file([]));
    assert.equal(
      { archives, aggregationMethod, xFilesFactor },
      {
        archives: [{ step: 10, points: 6 }],
        aggregationMethod: 'sum',
        xFilesFactor: 0.25,
      },
    );
  });

  it('hold the points of the last lap, in order of time', () => {
    holds([]);
    holds([[0, 1000, 1]], [1000, 1]);
    holds(
      [
        [0, 1060, 7],
        [1, 1070, 8],
        [2, 1020, 3],
        [5, 1050, 6],
      ],
      [1020, 3],
      [1050, 6],
      [1060, 7],
      [1070, 8],
    );
  });

  it('do not hold what was written a lap ago, in a wrong slot or as NaN', () => {
    // 1010 is a lap before 1070: no question at any time gets it.
    holds(
      [
        [0, 1060, 7],
        [1, 1010, 2],
        [3, 1090, 9],
      ],
      [1060, 7],
      [1090, 9],
    );
    holds(
      [
        [0, 1000, 1],
        [1, 1020, 2],
        [2, 1025, 3],
        [3, 1030, NaN],
        [4, 1040, 5],
      ],
      [1000, 1],
      [1040, 5],
    );
    // Without an origin nothing was ever written, whatever the other slots hold.
    holds([[1, 1010, 2]]);
  });

  it('keep infinities and the sign of zero', () => {
    const { data } = readWhisper(
      file([
        [0, 1000, -0],
        [1, 1010, Infinity],
      ]),
    );
    assert.ok(Object.is(data[0]!.values[0], -0));
    assert.is(data[0]!.values[1], Infinity);
  });

  it('are refused when they are damaged, each with its reason', () => {
    damaged(new Uint8Array(0), '0 bytes, expected a header of 16');
    damaged(file([]).subarray(0, 20), '20 bytes, expected 28 for 1 archive headers');
    damaged(file([]).subarray(0, 99), '99 bytes, expected 100 for archive 1: cut short');
    damaged(patched(3, 9), 'aggregation 9, expected 1 to 8');
    damaged(patched(3, 0), 'aggregation 0');
    damaged(patched(8, 0x7f, 0xc0), 'xFilesFactor NaN, expected 0 to 1');
    damaged(patched(8, 0x40, 0), 'xFilesFactor 2');
    damaged(patched(15, 0), 'no archive');
    damaged(patched(12, 0xff), 'archive headers');
    damaged(patched(19, 5), 'archive 1 starts at 5, in the headers');
    damaged(patched(23, 0), 'step of 0');
    damaged(patched(27, 0), 'no room for a point');
    damaged(Buffer.from('GIF89a'.repeat(20)), 'not a whisper file');
  });

  it('of any bytes are read or refused, never worse', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.tuple(fc.nat(99), fc.nat(255)), { maxLength: 8 }).map((changes) => {
        const one = file([[0, 1000, 1]]);
        for (const [at, byte] of changes) one[at] = byte;
        return one;
      }),
    );
    fc.assert(
      fc.property(bytes, (one) => {
        try {
          readWhisper(one);
        } catch (error) {
          assert.instance(error, UserError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("graphite-web's data set", (it) => {
  let folder = '';
  let tree = '';
  it.before(() => void ({ folder, tree } = unpackWhisperTree()));
  it.after(() => fs.rmSync(folder, { recursive: true }));

  it('reads to the recorded archives, every one of 80 series', () => {
    const files = findWhisperFiles(tree);
    assert.is(files.length, 80);
    const byName = new Map(files.map((one) => [seriesName(one), one]));
    for (const recorded of recordedSeries()) {
      const found = byName.get(recorded.name);
      assert.ok(found !== undefined, recorded.name);
      const series = readWhisper(fs.readFileSync(path.join(tree, found)));
      assert.is(series.aggregationMethod, recorded.aggregationMethod);
      assert.is(series.xFilesFactor, Math.fround(recorded.xFilesFactor));
      assert.equal(
        series.archives,
        recorded.archives.map(({ step, points }) => ({ step, points })),
      );
      for (const [i, { data }] of recorded.archives.entries()) {
        assert.equal(pointsOf(series, i), data, `${recorded.name}, archive ${i}`);
      }
    }
  });

  it('is written back to files that read the same', () => {
    for (const one of findWhisperFiles(tree)) {
      const series = readWhisper(fs.readFileSync(path.join(tree, one)));
      assert.equal(readWhisper(writeWhisper(series)), series, one);
    }
  });
});
