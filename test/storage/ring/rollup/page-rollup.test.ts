import { NO_STATE, readColumns } from '../../../../src/storage/ring/values/columns.ts';
import { RingSet } from '../../../../src/storage/ring/values/ring-set.ts';
import { SEGMENT_SERIES } from '../../../../src/storage/ring/ring.ts';
import { methodCode } from '../../../../src/storage/ring/rollup/rollup.ts';
import type { AggregationMethod } from '../../../../src/storage/retention/archives.ts';
import { assert, describe } from '../../../support/suite.ts';

const ARCHIVES = [
  { step: 10, points: 360 },
  { step: 60, points: 600 },
  { step: 600, points: 600 },
];
/** The first row of a chunk and of a coarsest slot. */
const START = 180_000;
/** More than a segment. */
const COUNT = SEGMENT_SERIES + 300;
const METHODS: AggregationMethod[] = ['average', 'sum', 'max', 'last'];
/** Of a series; not the same in each segment. */
const methodOf = (sid: number): number => (sid % 7) % METHODS.length;

function ringsOf(count: number, xFilesFactor: number): RingSet {
  const records = { row: () => undefined, chunk: () => undefined };
  const states = ARCHIVES.map(() => NO_STATE);
  const set = new RingSet(ARCHIVES, states, records);
  for (let sid = 0; sid < count; sid++) {
    set.members.set(sid, methodCode(METHODS[methodOf(sid)]!), xFilesFactor, 0);
  }
  return set;
}

/** A value of a series in a finest row; some are not there. */
function valueOf(sid: number, row: number): number {
  return (sid + row) % 5 === 0 ? NaN : ((sid * 31 + row * 17) % 1000) / 10;
}

function expected(sid: number, firstRow: number, count: number): number {
  const rows = Array.from({ length: count }, (_, i) => valueOf(sid, firstRow + i));
  const known = rows.filter((value) => !Number.isNaN(value));
  const sum = known.reduce((total, value) => total + value, 0);
  return [sum / known.length, sum, Math.max(...known), known.at(-1)!][methodOf(sid)]!;
}

function coarse(set: RingSet, archiveIndex: number, row: number): Float64Array {
  const sids = set.members.range(0, set.members.count);
  return readColumns(set, archiveIndex, set.members.series(sids), row, 1);
}

describe('rollup of whole segments', (it) => {
  it('makes of each series what its method makes of its rows', () => {
    const set = ringsOf(COUNT, 0);
    for (let row = START; row <= START + 60; row++) {
      set.advance(row);
      for (let sid = 0; sid < COUNT; sid++) {
        const value = valueOf(sid, row);
        if (value === value) set.headSegment(sid).set(sid % SEGMENT_SERIES, value);
      }
    }
    for (let minute = 0; minute < 10; minute++) {
      const found = coarse(set, 1, START / 6 + minute);
      for (let sid = 0; sid < COUNT; sid++) {
        assert.is(found[sid], expected(sid, START + minute * 6, 6), `sid ${sid}`);
      }
    }
    const sum = [...coarse(set, 2, START / 60)][1]!;
    assert.ok(Math.abs(sum - expected(1, START, 60)) < 1e-6, `${sum}`);
  });

  it('knows the points that came before their time', () => {
    const set = ringsOf(4, 0);
    set.writePoint(0, START, 0, 1);
    // In a later chunk than the head's, whose rows are not there yet.
    set.put(0, START + 61, 1, 40);
    for (let row = START + 1; row <= START + 66; row++) set.writePoint(0, row, 0, 1);
    assert.is(coarse(set, 1, START / 6 + 10)[1], 40);
  });

  it('leaves out what the earlier owner of a place wrote', () => {
    const set = ringsOf(4, 0);
    for (let row = START; row < START + 3; row++) set.writePoint(0, row, 1, 100);
    set.members.hideUntil(1, (START + 3) * 10);
    for (let row = START + 3; row <= START + 6; row++) set.writePoint(0, row, 1, 1);
    assert.is(coarse(set, 1, START / 6)[1], 3);
  });

  it('leaves out what is below xFilesFactor', () => {
    const set = ringsOf(4, 0.5);
    for (const row of [START, START + 1]) set.writePoint(0, row, 0, 1);
    for (let row = START; row < START + 3; row++) set.writePoint(0, row, 1, 1);
    set.writePoint(0, START + 6, 2, 1);
    const found = coarse(set, 1, START / 6);
    assert.ok(Number.isNaN(found[0]));
    assert.is(found[1], 3);
  });
});
