import { NO_STATE, readColumns } from '../../../../src/storage/ring/values/columns.ts';
import { RingSet } from '../../../../src/storage/ring/values/ring-set.ts';
import { PAGE_SERIES } from '../../../../src/storage/ring/ring.ts';
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
/** More than a page. */
const COUNT = PAGE_SERIES + 300;
const METHODS: AggregationMethod[] = ['average', 'sum', 'max', 'last'];
/** Of a series; not the same in each page. */
const methodOf = (column: number): number => (column % 7) % METHODS.length;

function ringsOf(count: number, xFilesFactor: number): RingSet {
  const records = { row: () => undefined, chunk: () => undefined };
  const states = ARCHIVES.map(() => NO_STATE);
  const set = new RingSet(ARCHIVES, states, records);
  for (let column = 0; column < count; column++) {
    set.members.set(column, methodCode(METHODS[methodOf(column)]!), xFilesFactor, 0);
  }
  return set;
}

/** A value of a series in a finest row; some are not there. */
function valueOf(column: number, row: number): number {
  return (column + row) % 5 === 0 ? NaN : ((column * 31 + row * 17) % 1000) / 10;
}

function expected(column: number, firstRow: number, count: number): number {
  const rows = Array.from({ length: count }, (_, i) => valueOf(column, firstRow + i));
  const known = rows.filter((value) => !Number.isNaN(value));
  const sum = known.reduce((total, value) => total + value, 0);
  return [sum / known.length, sum, Math.max(...known), known.at(-1)!][methodOf(column)]!;
}

function coarse(set: RingSet, archiveIndex: number, row: number): Float64Array {
  const columns = set.members.range(0, set.members.count);
  return readColumns(set, set.members.series(columns), { archiveIndex, firstRow: row, count: 1 });
}

describe('rollup of whole segments', (it) => {
  it('makes of each series what its method makes of its rows', () => {
    const set = ringsOf(COUNT, 0);
    for (let row = START; row <= START + 60; row++) {
      set.advance(row);
      for (let column = 0; column < COUNT; column++) {
        const value = valueOf(column, row);
        if (value === value) set.newestPage(column).set(column % PAGE_SERIES, value);
      }
    }
    for (let minute = 0; minute < 10; minute++) {
      const found = coarse(set, 1, START / 6 + minute);
      for (let column = 0; column < COUNT; column++) {
        assert.is(found[column], expected(column, START + minute * 6, 6), `sid ${column}`);
      }
    }
    const sum = [...coarse(set, 2, START / 60)][1]!;
    assert.ok(Math.abs(sum - expected(1, START, 60)) < 1e-6, `${sum}`);
  });

  it('knows the points that came before their time', () => {
    const set = ringsOf(4, 0);
    set.writePoint(0, START, 0, 1);
    // In a later chunk than that of the newest row, whose rows are not there yet.
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
