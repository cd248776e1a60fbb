/** The clock of the rings alone: what it has moved, against a model that forgets nothing. */
import fc from 'fast-check';
import { NEVER_WRITTEN, RingClock, type RingOwner } from '../../../src/storage/ring/ring-clock.ts';
import { CHUNK_ROWS, ROW_RING, chunkOfRow, chunkSlots } from '../../../src/storage/ring/ring.ts';
import { assert, describe, rounds } from '../../support/suite.ts';

const ARCHIVES = [
  { step: 10, points: 400 },
  { step: 60, points: 300 },
  { step: 600, points: 200 },
];
const BLOCKS = 3;
const FIRST = 100_000;

interface Bundle {
  number: number;
  /** The flushes by row. */
  flushes: Map<number, Set<number>>;
}

/** Rings whose values are the numbers of flushes, one archive's worth of each kind of slot. */
class Rings implements RingOwner {
  clock = new RingClock(
    ARCHIVES,
    ARCHIVES.map(() => NEVER_WRITTEN),
    this,
  );
  readonly closed: [archiveIndex: number, row: number][] = [];
  private readonly rows = new Map<number, Bundle>();
  private readonly chunks = new Map<string, Bundle>();

  blockCount(): number {
    return BLOCKS;
  }

  close(archiveIndex: number, row: number): void {
    assert.is(this.clock.state(archiveIndex).newestRow, row);
    this.closed.push([archiveIndex, row]);
  }

  compact(archiveIndex: number, chunk: number, firstBlock: number, endBlock: number): void {
    assert.ok(firstBlock < endBlock && endBlock <= BLOCKS);
    if (archiveIndex > 0) return;
    for (let block = firstBlock; block < endBlock; block++) {
      const flushes = new Map<number, Set<number>>();
      for (let row = chunk * CHUNK_ROWS; row < (chunk + 1) * CHUNK_ROWS; row++) {
        const known = this.at(row, block);
        if (known.size > 0) flushes.set(row, known);
      }
      if (flushes.size === 0) continue;
      const inSlot = this.chunks.get(this.slotOf(chunk, block))?.number ?? -1;
      if (this.clock.keepsSlot(0, inSlot, chunk)) continue;
      this.chunks.set(this.slotOf(chunk, block), { number: chunk, flushes });
    }
  }

  forget(archiveIndex: number, firstRow: number, endRow: number): void {
    if (archiveIndex > 0) return;
    for (const [key, { number }] of this.rows) {
      if (number >= firstRow && number < endRow) this.rows.delete(key);
    }
  }

  /** A flush of a row that is the newest one, or late. */
  flush(row: number, flush: number): void {
    this.clock.rewind(row);
    this.clock.advance(row);
    for (let block = 0; block < BLOCKS; block++) this.put(row, block, flush);
  }

  /** As a new process takes the rings over. */
  reopen(): void {
    const stored = JSON.parse(JSON.stringify(this.clock.states)) as typeof this.clock.states;
    this.clock = new RingClock(ARCHIVES, stored, this);
  }

  /** The flushes that a reader finds in a row. */
  at(row: number, block: number): Set<number> {
    const inRows = this.clock.isInRows(0, row, block) ? this.rowAt(row, block) : undefined;
    const known = inRows?.flushes.get(row);
    return new Set(known ?? this.chunkAt(row, block)?.flushes.get(row));
  }

  private put(row: number, block: number, flush: number): void {
    const flushes = this.at(row, block).add(flush);
    if (this.clock.isInRows(0, row, block)) {
      this.rows.set((row % ROW_RING) * BLOCKS + block, {
        number: row,
        flushes: new Map([[row, flushes]]),
      });
      return;
    }
    const chunk = chunkOfRow(row);
    const inSlot = this.chunks.get(this.slotOf(chunk, block));
    if (this.clock.keepsSlot(0, inSlot?.number ?? -1, chunk)) return;
    const kept = inSlot?.number === chunk ? inSlot.flushes : new Map<number, Set<number>>();
    this.chunks.set(this.slotOf(chunk, block), { number: chunk, flushes: kept.set(row, flushes) });
  }

  private rowAt(row: number, block: number): Bundle | undefined {
    const known = this.rows.get((row % ROW_RING) * BLOCKS + block);
    return known?.number === row ? known : undefined;
  }

  private chunkAt(row: number, block: number): Bundle | undefined {
    const known = this.chunks.get(this.slotOf(chunkOfRow(row), block));
    return known?.number === chunkOfRow(row) ? known : undefined;
  }

  private slotOf(chunk: number, block: number): string {
    return `${chunk % chunkSlots(ARCHIVES[0]!)} ${block}`;
  }
}

/** All flushes by row, for ever. */
class Model {
  readonly flushes = new Map<number, Set<number>>();
  /** Those of a wrong time, which may be missing. */
  readonly wrong = new Set<number>();

  flush(row: number, flush: number): void {
    const known = this.flushes.get(row) ?? new Set();
    this.flushes.set(row, known.add(flush));
  }

  /** Rows that the finest archive reaches back to are all there, in every block. */
  check(rings: Rings, newest: number): void {
    for (let row = newest - ARCHIVES[0]!.points + 1; row <= newest; row++) {
      const known = [...(this.flushes.get(row) ?? [])];
      for (let block = 0; block < BLOCKS; block++) {
        const at = rings.at(row, block);
        const expected = known.filter((flush) => !this.wrong.has(flush) || at.has(flush));
        const found = [...at].sort((a, b) => a - b);
        assert.equal(found, expected, `row ${row} of block ${block}, the newest is ${newest}`);
      }
    }
  }
}

/** Whether one wrong time, after another, looks like that one going on. */
function follows(before: number, after: number): boolean {
  const reach = chunkSlots(ARCHIVES[0]!) * CHUNK_ROWS;
  return after > before - 2 * ROW_RING && after < before + reach + CHUNK_ROWS;
}

describe('ring clock', (it) => {
  it('keeps what the archive reaches back to, with gaps, late flushes and restarts', () => {
    const operation = fc.oneof(
      { weight: 8, arbitrary: fc.record({ on: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 2, arbitrary: fc.record({ on: fc.integer({ min: 1, max: 500 }) }) },
      { weight: 3, arbitrary: fc.record({ late: fc.integer({ min: 0, max: ROW_RING - 1 }) }) },
      { weight: 1, arbitrary: fc.constant('reopen' as const) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const rings = new Rings();
        const model = new Model();
        let row = FIRST;
        operations.forEach((one, flush) => {
          if (one === 'reopen') return rings.reopen();
          const at = 'on' in one ? (row += one.on) : row - one.late;
          rings.flush(at, flush);
          model.flush(at, flush);
          row = Math.max(row, at);
        });
        model.check(rings, row);
      }),
      { numRuns: rounds(30, 100) },
    );
  });

  it('closes each coarser row once, when the newest row leaves it, finer archives first', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 100 });
    fc.assert(
      fc.property(gaps, (steps) => {
        const rings = new Rings();
        const expected: [number, number][] = [];
        let row = FIRST;
        rings.flush(row, 0);
        steps.forEach((gap, i) => {
          for (const index of [1, 2]) {
            const ratio = ARCHIVES[index]!.step / ARCHIVES[0]!.step;
            const coarse = Math.floor(row / ratio);
            if (coarse !== Math.floor((row + gap) / ratio)) expected.push([index, coarse]);
          }
          row += gap;
          rings.flush(row, i + 1);
        });
        assert.equal(rings.closed, expected);
      }),
    );
  });

  it('keeps all that the right time reaches back to, whatever the clock leaps to', () => {
    const far = fc.oneof(
      fc.integer({ min: -3000, max: -ARCHIVES[0]!.points }),
      fc.integer({ min: 6 * CHUNK_ROWS, max: 3000 }),
      fc.constantFrom(8640, -8640, 1_000_000),
    );
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.record({ flushes: fc.integer({ min: 1, max: 200 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          flushes: fc.integer({ min: 1, max: CHUNK_ROWS }),
          off: fc.integer({ min: -200, max: 0 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({ flushes: fc.integer({ min: 1, max: CHUNK_ROWS }), off: far }),
      },
      { weight: 1, arbitrary: fc.constant('reopen' as const) },
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(operation, { maxLength: 40 }), (isBack, operations) => {
        const rings = new Rings();
        const model = new Model();
        let flush = 0;
        let last = 0;
        const run = (flushes: number, off: number): void => {
          for (const end = flush + flushes; flush < end; flush++) {
            if (off < -200 || off > 0) model.wrong.add(flush);
            rings.flush(FIRST + flush + off, flush);
            model.flush(FIRST + flush + off, flush);
          }
        };
        run(500, 0);
        for (const one of operations) {
          if (one === 'reopen') {
            // What the clock knows of a row of leaps it forgets.
            if (isBack) rings.reopen();
          } else {
            const off = 'off' in one ? one.off : 0;
            // Forward from one wrong time to another that is near is time that goes on.
            if (isBack || follows(last, off)) run(1, 0);
            run(one.flushes, (last = off));
          }
        }
        run(1, 0);
        model.check(rings, FIRST + flush - 1);
      }),
      { numRuns: rounds(60, 200) },
    );
  });

  it('compacts evenly: each chunk is done before its rows are overwritten', () => {
    const rings = new Rings();
    for (let row = FIRST; row < FIRST + 1000; row++) {
      rings.flush(row, row);
      const { newestRow, compactedUpTo, compactedBlocks } = rings.clock.state(0);
      const behind = chunkOfRow(newestRow) - compactedUpTo;
      assert.ok(behind === 0 || behind === 1, `row ${row}`);
      const phase = newestRow - chunkOfRow(newestRow) * CHUNK_ROWS;
      if (behind === 1) assert.is(compactedBlocks, Math.floor(((phase + 1) * BLOCKS) / CHUNK_ROWS));
    }
  });
});

describe('claims of chunks on one slot', (it) => {
  const slots = chunkSlots({ step: 10, points: 9 * CHUNK_ROWS });
  const keeps = (inSlot: number, chunk: number, newest: number, trusted?: number): boolean => {
    const state = { ...NEVER_WRITTEN, newestRow: newest * CHUNK_ROWS };
    if (trusted !== undefined) Object.assign(state, { trustedRow: trusted * CHUNK_ROWS });
    const archives = [{ step: 10, points: 9 * CHUNK_ROWS }];
    return new RingClock(archives, [state], new Rings()).keepsSlot(0, inSlot, chunk);
  };

  it("are the newer one's where the clock was never set", () => {
    assert.is(slots, 10);
    assert.is(keeps(-1, 5, 5), false);
    assert.is(keeps(5, 5, 5), false);
    assert.is(keeps(15, 5, 15), true);
    assert.is(keeps(5, 15, 15), false);
  });

  it('are those of what the ring reaches from where it stands', () => {
    assert.is(keeps(1005, 105, 105, 105), false); // left by a leap of years
    assert.is(keeps(95, 105, 105, 105), false); // the ring turns
  });

  it('are those of what is a little ahead', () => {
    assert.is(keeps(98, 108, 108, 108), false);
    assert.is(keeps(108, 98, 105, 108), true);
  });
});
