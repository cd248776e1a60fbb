import { crc32 } from 'node:zlib';
import {
  columnRanges,
  encodeBlock,
  isChunkRecord,
} from '../../../../src/storage/ring/values/chunk-record.ts';
import { type RingSeries, readColumns } from '../../../../src/storage/ring/values/columns.ts';
import { RecordSource } from '../../../../src/storage/ring/values/record-source.ts';
import { BLOCK_SERIES, CHUNK_ROWS } from '../../../../src/storage/ring/ring.ts';
import { assert, describe } from '../../../support/suite.ts';

const CHUNK = 5;
/** Two groups of 16 columns and a part of a third. */
const SERIES = 40;
const GROUP = 16;

const valueOf = (series: number, row: number): number => series * 1000 + (row % 7);

function makeBlock(): Uint8Array {
  const values = new Float64Array(BLOCK_SERIES * CHUNK_ROWS).fill(NaN);
  for (let series = 0; series < SERIES; series++) {
    for (let row = 0; row < CHUNK_ROWS; row++) {
      values[series * CHUNK_ROWS + row] = valueOf(series, row);
    }
  }
  return encodeBlock(values, CHUNK)!;
}

/** The same block as the first version wrote it: one checksum of all before it. */
function makeOldBlock(): Uint8Array {
  const record = makeBlock();
  const groups = Math.ceil(SERIES / GROUP);
  const old = Buffer.from(record.subarray(0, record.length - (groups - 1) * 4));
  old[0] = 1;
  old.writeUInt32LE(crc32(old.subarray(0, -4)), old.length - 4);
  return old;
}

/** Series of the block whose values come back, and the damage met. */
function readBack(record: Uint8Array): { known: number[]; corruptRecords: number } {
  const newestRow = (CHUNK + 2) * CHUNK_ROWS;
  const state = { newestRow, compactedUpTo: CHUNK + 1, compactedBlocks: 0 };
  const source = new RecordSource([{ step: 10, points: 720 }], [{ ...state, newestRowMs: 0 }], {
    row: () => undefined,
    chunk: (_, chunk) => (chunk === CHUNK ? record : undefined),
  });
  const series: RingSeries = {
    columns: Uint32Array.from({ length: SERIES }, (_, i) => i),
    methods: new Uint8Array(SERIES),
    xFilesFactors: new Float64Array(SERIES),
    since: new Uint32Array(SERIES),
  };
  const known: number[] = [];
  // One row more than the chunk has: a part of a column is read another way than a whole one.
  for (const [firstRow, count] of [
    [CHUNK * CHUNK_ROWS, CHUNK_ROWS],
    [CHUNK * CHUNK_ROWS + 3, 20],
  ] as const) {
    known.length = 0;
    const out = readColumns(source, series, { archiveIndex: 0, firstRow, count });
    for (let i = 0; i < SERIES; i++) {
      const row = firstRow % CHUNK_ROWS;
      const expected = Float64Array.from({ length: count }, (_, j) => valueOf(i, row + j));
      const found = out.subarray(i * count, (i + 1) * count);
      if (found.every((value) => Number.isNaN(value))) continue;
      assert.equal(found, expected, `series ${i}`);
      known.push(i);
    }
  }
  return { known, corruptRecords: source.corruptRecords };
}

const all = Array.from({ length: SERIES }, (_, i) => i);

describe('chunk record', (it) => {
  it('gives all columns back', () => {
    assert.ok(isChunkRecord(makeBlock()));
    assert.is(columnRanges(makeBlock())?.length, SERIES);
    assert.equal(readBack(makeBlock()), { known: all, corruptRecords: 0 });
  });

  it('reads what the first version wrote', () => {
    const old = makeOldBlock();
    assert.ok(isChunkRecord(old));
    assert.is(columnRanges(old)?.length, SERIES);
    assert.equal(readBack(old), { known: all, corruptRecords: 0 });
  });

  it('hides a damaged group of columns and no other, once a read', () => {
    const record = makeBlock();
    const [from] = columnRanges(record)![GROUP + 3]!;
    record[from + 2]! ^= 0x40;
    assert.not.ok(isChunkRecord(record));
    const known = all.filter((series) => Math.floor(series / GROUP) !== 1);
    assert.equal(readBack(record), { known, corruptRecords: 2 });
  });

  it('hides all of a block whose offsets are damaged, or one of the first version', () => {
    const moved = makeBlock();
    moved[8 + 2 * 5]! ^= 1;
    assert.not.ok(isChunkRecord(moved));
    assert.equal(readBack(moved).known, []);
    const old = makeOldBlock();
    old[old.length - 20]! ^= 1;
    assert.not.ok(isChunkRecord(old));
    assert.equal(readBack(old), { known: [], corruptRecords: 2 });
  });

  it('refuses what is no chunk block', () => {
    const short = makeBlock().subarray(0, -1);
    assert.not.ok(isChunkRecord(short));
    assert.is(readBack(short).corruptRecords, 2);
    const newer = makeBlock();
    newer[0] = 3;
    assert.not.ok(isChunkRecord(newer));
    assert.not.ok(isChunkRecord(new Uint8Array(3)));
  });
});
