/** The sketch rings over records in Maps, against a Map of all sketches by time. */
import { decodeSketch, encodeSketch } from '../../../../src/sketch/codec.ts';
import { Sketch } from '../../../../src/sketch/log-linear.ts';
import { ROW_RING, chunkSlots } from '../../../../src/storage/ring/ring.ts';
import { readSketches } from '../../../../src/storage/ring/sketches/sketch-columns.ts';
import { NEVER_WRITTEN } from '../../../../src/storage/ring/ring-clock.ts';
import type { RecordReader } from '../../../../src/storage/ring/ring-records.ts';
import { SketchMerger } from '../../../../src/storage/ring/sketches/sketch-merge.ts';
import { SketchRings } from '../../../../src/storage/ring/sketches/sketch-rings.ts';
import { parseRetentions } from '../../../../src/storage/retention/retentions.ts';
import { SKETCH_TIMER } from '../../../../src/wire/statistics.ts';
import { assert, describe, rounds } from '../../../support/suite.ts';

const ARCHIVES = parseRetentions('10s:30m,1m:6h,1h:4d');
const NOW = 1_700_000_000 - (1_700_000_000 % 3600);

/** Rings that are written out and opened anew at will; columns in `columns`. */
class Bench {
  readonly rowRecords = new Map<string, Uint8Array>();
  readonly chunkRecords = new Map<string, Uint8Array>();
  rings: SketchRings;
  /** Sums of values by column and time. */
  readonly sums = new Map<number, Map<number, number>>();
  readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
    this.rings = this.open(ARCHIVES.map(() => NEVER_WRITTEN));
  }

  add(time: number, column: number, value: number): void {
    const sketch = new Sketch();
    sketch.add(value);
    this.rings.add(time, column, encodeSketch(sketch));
    const times = this.sums.get(column) ?? new Map<number, number>();
    this.sums.set(column, times);
    times.set(time, (times.get(time) ?? 0) + value);
  }

  commit(reopen = false): void {
    this.rings.drain({
      row: (index, row, block, record) =>
        void this.rowRecords.set(`${index} ${row % ROW_RING} ${block}`, record),
      chunk: (index, chunk, column, record) =>
        void this.chunkRecords.set(this.chunkKey(index, chunk, column), record),
    });
    this.rings.onCommitted();
    if (reopen) this.rings = this.open(this.rings.states);
  }

  /** Every slot that archives reach back to has the sum of its values. */
  check(now: number): void {
    const columns = Uint32Array.from({ length: this.columns }, (_, i) => i);
    ARCHIVES.forEach(({ step, points }, index) => {
      const firstRow = Math.floor(now / step) - points + 1;
      const found = readSketches(this.rings, this.rings.members(columns), {
        archiveIndex: index,
        firstRow,
        count: points,
      });
      for (const column of columns) {
        const expected = this.rowSums(column, step);
        for (let j = 0; j < points; j++) {
          const bytes = found[column * points + j];
          const sum = bytes === undefined ? 0 : decodeSketch(bytes).sum;
          const wanted = expected.get(firstRow + j) ?? 0;
          assert.is(sum, wanted, `sid ${column}, row ${firstRow + j} of ${step} s`);
        }
      }
    });
  }

  private rowSums(column: number, step: number): Map<number, number> {
    const sums = new Map<number, number>();
    for (const [time, value] of this.sums.get(column) ?? []) {
      const row = Math.floor(time / step);
      sums.set(row, (sums.get(row) ?? 0) + value);
    }
    return sums;
  }

  private open(states: SketchRings['states']): SketchRings {
    const records: RecordReader = {
      row: (index, row, block) => this.rowRecords.get(`${index} ${row % ROW_RING} ${block}`),
      chunk: (index, chunk, column) => this.chunkRecords.get(this.chunkKey(index, chunk, column)),
    };
    const shape = { archives: ARCHIVES, kind: SKETCH_TIMER, states } as const;
    const rings = new SketchRings(shape, records, new SketchMerger());
    for (let column = 0; column < this.columns; column++) rings.since.push(0);
    return rings;
  }

  private chunkKey(index: number, chunk: number, column: number): string {
    return `${index} ${chunk % chunkSlots(ARCHIVES[index]!)} ${column}`;
  }
}

describe('sketch rings', (it) => {
  it('hold what every archive reaches back to, over many wraps', () => {
    const bench = new Bench(31);
    for (let flush = 0; flush < rounds(3000, 9000); flush++) {
      const time = NOW + flush * 10;
      for (let column = 0; column < 31; column += 10)
        bench.add(time, column, 1 + ((flush * 7 + column) % 5));
      if (flush % 97 === 0) bench.add(time, 29, 1);
      bench.commit(flush % 500 === 0);
      if (flush % 1500 === 1499) bench.check(time);
    }
    const rows = ROW_RING * ARCHIVES.length * 2;
    const chunks = ARCHIVES.reduce((sum, archive) => sum + chunkSlots(archive), 0) * 5;
    assert.ok(bench.rowRecords.size <= rows, `${bench.rowRecords.size} row records`);
    assert.ok(bench.chunkRecords.size <= chunks, `${bench.chunkRecords.size} chunk records`);
  });

  it('skip what was not counted, and merge late flushes into every archive', () => {
    const bench = new Bench(3);
    let time = NOW;
    for (let i = 0; i < 400; i++) {
      time += 10 * (1 + ((i * i) % 37));
      bench.add(time, i % 3, 1);
      if (i % 9 === 0) bench.add(time - 10 * (i % 110), (i + 1) % 3, 2);
      bench.commit(i % 50 === 0);
    }
    bench.check(time);
  });

  it('go on from an earlier time when the clock is set back, and lose nothing', () => {
    const bench = new Bench(30);
    const run = (from: number, flushes: number): number => {
      for (let i = 0; i < flushes; i++) {
        for (const column of [0, 29]) bench.add(from + i * 10, column, 1);
        bench.commit(i % 40 === 0);
      }
      return from + (flushes - 1) * 10;
    };
    run(NOW, 500);
    const back = run(NOW + 3500, 90);
    bench.check(run(back + 10, 700));
  });

  it('come back from a clock that was years ahead', () => {
    const bench = new Bench(1);
    for (let i = 0; i < 300; i++) bench.add(NOW + i * 10, 0, 1);
    bench.commit();
    bench.add(NOW + 900_000_000, 0, 5);
    bench.commit(true);
    for (let i = 300; i < 700; i++) {
      bench.add(NOW + i * 10, 0, 1);
      bench.commit(i % 100 === 0);
    }
    bench.check(NOW + 6990);
  });
});
