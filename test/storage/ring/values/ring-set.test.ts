import fc from 'fast-check';
import {
  type RingSource,
  NO_STATE,
  readColumns,
} from '../../../../src/storage/ring/values/columns.ts';
import type { RecordReader } from '../../../../src/storage/ring/ring-records.ts';
import { RecordSource } from '../../../../src/storage/ring/values/record-source.ts';
import { RingSet } from '../../../../src/storage/ring/values/ring-set.ts';
import {
  ROW_RING,
  PAGE_SERIES,
  archiveForPoint,
  chunkSlots,
  fetchWindow,
} from '../../../../src/storage/ring/ring.ts';
import { RowTails } from '../../../../src/storage/ring/values/row-tails.ts';
import { methodCode } from '../../../../src/storage/ring/rollup/rollup.ts';
import { MemorySeries } from '../../../model/memory-series.ts';
import {
  AGGREGATION_METHODS,
  type AggregationMethod,
  type Archive,
} from '../../../../src/storage/retention/archives.ts';
import { assert, assertValues, describe, rounds } from '../../../support/suite.ts';

/** Records in a Map by slot, as LMDB keeps them; `commit` is a transaction. */
class Disk implements RecordReader {
  readonly records = new Map<string, Uint8Array>();
  readonly archives: readonly Archive[];

  constructor(archives: readonly Archive[]) {
    this.archives = archives;
  }

  row(archiveIndex: number, row: number, page: number): Uint8Array | undefined {
    const record = this.records.get(`r${archiveIndex}.${row % ROW_RING}.${page}`);
    if (record === undefined || row % 2 === 0) return record;
    // At an odd place in a larger buffer.
    const buffer = new Uint8Array(record.length + 20);
    buffer.set(record, 3);
    return buffer.subarray(3, 3 + record.length);
  }

  chunk(archiveIndex: number, chunk: number, block: number): Uint8Array | undefined {
    const slot = chunk % chunkSlots(this.archives[archiveIndex]!);
    return this.records.get(`c${archiveIndex}.${slot}.${block}`);
  }

  commit(set: RingSet): void {
    set.drain({
      row: (archiveIndex, row, page, record) =>
        void this.records.set(`r${archiveIndex}.${row % ROW_RING}.${page}`, record.slice()),
      chunk: (archiveIndex, chunk, block, record) => {
        const slot = chunk % chunkSlots(this.archives[archiveIndex]!);
        this.records.set(`c${archiveIndex}.${slot}.${block}`, record.slice());
      },
    });
    set.onCommitted();
  }
}

interface Member {
  column: number;
  model: MemorySeries;
}

/** A ring set and the plain model of its series, kept in step. */
class Pair {
  readonly disk: Disk;
  set: RingSet;
  now = 1_000_000;
  readonly members: Member[];
  /** Fewer than there are blocks. */
  private readonly kept = new RowTails(3 * 128 * 1024);

  constructor(
    archives: Archive[],
    columns: number[],
    methods: AggregationMethod[],
    factor: number,
  ) {
    this.disk = new Disk(archives);
    this.set = new RingSet(
      archives,
      archives.map(() => NO_STATE),
      this.disk,
    );
    this.members = columns.map((column, i) => {
      const aggregationMethod = methods[i % methods.length]!;
      this.set.members.set(column, methodCode(aggregationMethod), factor, 0);
      const info = { name: `s${column}`, archives, aggregationMethod, xFilesFactor: factor };
      return { column, model: new MemorySeries(info) };
    });
  }

  point(memberIndex: number, age: number, value: number): void {
    const member = this.members[memberIndex % this.members.length]!;
    const time = this.now - age;
    const archiveIndex = archiveForPoint(this.disk.archives, time, this.now);
    if (archiveIndex < 0) return;
    const row = member.model.rowOf(archiveIndex, time);
    assert.ok(this.set.writePoint(archiveIndex, row, member.column, value));
    member.model.write(archiveIndex, row, value);
  }

  commit(): void {
    this.set.propagate();
    this.disk.commit(this.set);
  }

  reopen(): void {
    this.commit();
    this.set = new RingSet(this.disk.archives, this.set.states, this.disk, this.set.members);
  }

  /** Every archive in full, from the writer's side and from a reader's. */
  verify(): void {
    const reader = new RecordSource(this.disk.archives, this.set.states, this.disk);
    this.verifyThrough(this.set);
    this.verifyThrough(reader);
    assert.is(reader.corruptRecords + this.set.corruptRecords, 0);
  }

  /** What is kept of rows from read to read, against what is read anew. */
  verifyKept(): void {
    const { archives } = this.disk;
    const { states } = this.set;
    for (const { column } of this.members) {
      const series = this.set.members.series(Uint32Array.of(column));
      archives.forEach(({ step, points }, index) => {
        const { firstRow, count } = fetchWindow(
          archives,
          this.now - step * points + 1,
          this.now,
          this.now,
        )!;
        const plain = new RecordSource(archives, states, this.disk);
        const keeping = new RecordSource(archives, states, this.disk);
        keeping.tails = { kept: this.kept, classId: 7 };
        assertValues(
          readColumns(keeping, series, { archiveIndex: index, firstRow, count }),
          readColumns(plain, series, { archiveIndex: index, firstRow, count }),
        );
      });
    }
    assert.ok(this.kept.count <= 3);
  }

  private verifyThrough(source: RingSource): void {
    const { archives } = this.disk;
    const series = this.set.members.series(Uint32Array.from(this.members, ({ column }) => column));
    archives.forEach(({ step, points }, index) => {
      const window = fetchWindow(archives, this.now - step * points + 1, this.now, this.now)!;
      assert.is(window.archiveIndex, index);
      const matrix = readColumns(source, series, { ...window, archiveIndex: index });
      this.members.forEach(({ model, column }, i) => {
        const actual = matrix.subarray(i * window.count, (i + 1) * window.count);
        const expected = actual.map((_, j) => model.valueAt(index, window.firstRow + j));
        try {
          assertValues(actual, expected);
        } catch (error) {
          throw new Error(`archive ${index}, sid ${column}, from row ${window.firstRow}`, {
            cause: error,
          });
        }
      });
    });
  }
}

const SHAPES: Archive[][] = [
  [{ step: 10, points: 30 }],
  [
    { step: 1, points: 200 },
    { step: 5, points: 150 },
    { step: 60, points: 40 },
  ],
  [
    { step: 10, points: 400 },
    { step: 3600, points: 20 },
  ],
];

describe('ring set', (it) => {
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 5000 }) }) },
    {
      weight: 8,
      arbitrary: fc.record({ age: fc.constant(0), value: fc.integer(), member: fc.nat(9) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        age: fc.oneof(fc.nat(40), fc.nat(5000)),
        value: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
        member: fc.nat(9),
      }),
    },
    { weight: 2, arbitrary: fc.constant('commit' as const) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  );

  it(
    'holds what the plain model holds, whatever the order of points',
    () => {
      const shape = fc.constantFrom(...SHAPES);
      const columns = fc.uniqueArray(fc.constantFrom(0, 1, 127, 128, 1919, 1920, 2100, 4000), {
        minLength: 1,
      });
      const methods = fc.array(fc.constantFrom(...AGGREGATION_METHODS), { minLength: 1 });
      const factor = fc.constantFrom(0, 0.1, 0.3, 0.5, 1);
      fc.assert(
        fc.property(
          fc.tuple(shape, columns, methods, factor),
          fc.array(operation, { maxLength: 120 }),
          ([archives, ids, ways, xFilesFactor], operations) => {
            const pair = new Pair(
              archives,
              ids.sort((a, b) => a - b),
              ways,
              xFilesFactor,
            );
            for (const one of operations) {
              if (one === 'commit') {
                pair.commit();
                pair.verifyKept();
              } else if (one === 'reopen') pair.reopen();
              else if ('wait' in one) pair.now += one.wait;
              else pair.point(one.member, one.age, one.value);
            }
            pair.commit();
            pair.verify();
          },
        ),
        { numRuns: rounds(3, 60) },
      );
    },
    { timeoutMs: 60_000 },
  );

  it('turns its rings many times and holds every point', () => {
    const archives = [
      { step: 1, points: 200 },
      { step: 5, points: 150 },
      { step: 20, points: 60 },
    ];
    const pair = new Pair(archives, [0, 130, PAGE_SERIES + 5], ['sum', 'max', 'average'], 0);
    // The coarsest turns twice, and more.
    const TICKS = 3000;
    let records = 0;
    for (let tick = 0; tick < TICKS; tick++) {
      pair.now += 1;
      for (let member = 0; member < 3; member++) pair.point(member, 0, (tick * 7 + member) % 1000);
      pair.commit();
      if (tick % rounds(30, 10) === 0) pair.verifyKept();
      if (tick === TICKS - 400) records = pair.disk.records.size;
      if (tick % 500 === 499) pair.verify();
    }
    assert.is(pair.disk.records.size, records);
  });

  it('keeps no row that was changed, by a late point or after the clock was set back', () => {
    const pair = new Pair([{ step: 10, points: 300 }], [0, 130], ['last'], 0);
    const write = (rows: number, value: number): void => {
      for (let i = 0; i < rows; i++) {
        pair.now += 10;
        pair.set.advance(pair.now / 10);
        for (const { column } of pair.members) pair.set.put(0, pair.now / 10, column, value + i);
        pair.commit();
        pair.verifyKept();
      }
    };
    write(150, 0);
    pair.set.put(0, pair.now / 10 - 40, 130, -1);
    pair.commit();
    pair.verifyKept();
    pair.now -= 1300;
    assert.ok(pair.set.rewind(pair.now / 10));
    pair.commit();
    pair.verifyKept();
    write(200, 1000);
    pair.set.reset();
    pair.disk.records.clear();
    pair.set.members.set(130, 0, 0, 0);
    pair.now -= 300;
    write(20, 2000);
  });

  it('does not compact an old chunk over one that points went to ahead of their row', () => {
    const pair = new Pair(SHAPES[1]!, [0], ['sum'], 0);
    pair.point(0, 0, 1);
    pair.now += 61;
    pair.point(0, 0, 2);
    // Archive 2 has two slots: this goes to the chunk after the next, into the slot of the current.
    pair.now += 60 * 120;
    pair.point(0, 900, 3);
    pair.commit();
    for (let minute = 0; minute < 5; minute++) {
      pair.now += 60;
      pair.point(0, 0, 4);
      pair.commit();
    }
    pair.verify();
  });

  it('changes blocks that are compacted and blocks that are not yet, in one chunk', () => {
    const pair = new Pair([{ step: 10, points: 300 }], [0, 4000], ['last'], 0);
    // Into the middle of a chunk: half the blocks of the chunk before are compacted.
    pair.now = 90 * 600 + 300;
    for (let row = -90; row <= 0; row++) {
      pair.now += 10;
      for (const member of [0, 1]) pair.point(member, 0, row);
      pair.commit();
    }
    const { compactedBlocks } = pair.set.state(0);
    assert.ok(
      compactedBlocks > 0 && compactedBlocks < 31,
      `compacted up to block ${compactedBlocks}`,
    );
    for (const member of [0, 1]) pair.point(member, 500, 7777);
    pair.commit();
    pair.verify();
  });

  it('lets a point that is put into a coarser row replace its rollup', () => {
    const pair = new Pair(SHAPES[1]!, [0], ['sum'], 0);
    pair.point(0, 0, 1);
    pair.now += 300;
    pair.point(0, 300, 5);
    pair.commit();
    pair.verify();
    pair.point(0, 0, 2);
    pair.commit();
    pair.verify();
  });

  it('does not let a late point into a slot that has gone on', () => {
    const set = new RingSet(SHAPES[0]!, [NO_STATE], new Disk(SHAPES[0]!));
    set.members.set(0, 0, 0, 0);
    for (let row = 1000; row < 1200; row++) {
      set.advance(row);
      set.put(0, row, 0, row);
    }
    assert.is(set.put(0, 1000 - 600, 0, 1), false);
    assert.is(set.put(0, 1170, 0, 5), true);
    assert.is(set.valueAt(0, 1170, 0), 5);
  });

  it('leaves a coarser row alone that the clock visits when its finer rows are gone', () => {
    const { set, write } = visited();
    write(60_060, 12, 100);
    write(61_212, 30, 1);
    assert.is(set.valueAt(1, 10_010, 0), 6);
    assert.is(set.valueAt(1, 10_011, 0), 6);
  });

  it('has nothing of a visit that gave way when the clock visits its time again', () => {
    const { set, write } = visited();
    write(69_900, 20, 100);
    assert.is(set.valueAt(0, 69_905, 0), 100);
    write(61_220, 5, 1);
    write(69_910, 1, 7);
    assert.ok(Number.isNaN(set.valueAt(0, 69_905, 0)));
    assert.is(set.valueAt(0, 69_910, 0), 7);
    write(61_226, 1, 1);
    for (let row = 61_106; row < 61_200; row++) assert.is(set.valueAt(0, row, 0), 1);
  });
});

/** Rings of one counter, full, whose clock then visits other times. */
function visited(): { set: RingSet; write: (row: number, rows: number, value: number) => void } {
  const archives = [
    { step: 10, points: 120 },
    { step: 60, points: 600 },
  ];
  const disk = new Disk(archives);
  const set = new RingSet(
    archives,
    archives.map(() => NO_STATE),
    disk,
  );
  set.members.set(0, methodCode('sum'), 0, 0);
  const write = (first: number, rows: number, value: number): void => {
    for (let row = first; row < first + rows; row++) {
      set.rewind(row);
      set.advance(row);
      set.newestPage(0).set(0, value);
      disk.commit(set);
    }
  };
  write(60_000, 1200, 1);
  return { set, write };
}
