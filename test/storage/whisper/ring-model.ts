/**
 * Whisper's arithmetic once more, in plain Maps: `file_update` and `__propagate` of whisper.py, slot
 * by slot. With `overwrites` it is whisper to the bit (the test has python confirm that); without,
 * it is what tallyd promises, and what differs is all in this file:
 *
 * - whisper's ring has exactly `points` slots, so a point of the age of the retention, or ahead of
 *   the clock, destroys another one, and a late rollup misses those overwritten meanwhile. Ours
 *   keep a chunk more: nothing is destroyed, a late rollup is made of all points.
 * - NaN (here: infinities that cancel out) is a missing value, not a known one.
 *
 * `spoiled` are the slots which the first rule makes differ; the test allows no others.
 */
import type { AggregationMethod, Archive } from '../../../src/storage/retention/archives.ts';

/** What the rings keep beyond an archive's points, at least. */
const CHUNK_ROWS = 60;

interface Slot {
  row: number;
  value: number;
}

export class RingModel {
  /** By archive: slots by position, or by row where nothing is overwritten. */
  readonly slots: Map<number, Slot>[];
  /** By archive: rows whose value whisper lost, or computed of less than there was. */
  readonly spoiled: Set<number>[];
  /**
   * By archive: rows rolled up of more than a chunk before the finer retention, where ours may have
   * let go of points already. Only steps over 60 times longer than the next finer have such.
   */
  readonly uncertain: Set<number>[];
  private readonly archives: readonly Archive[];
  private readonly method: AggregationMethod;
  private readonly xFilesFactor: number;
  private readonly overwrites: boolean;
  private now = 0;

  constructor(
    archives: readonly Archive[],
    method: AggregationMethod,
    xFilesFactor: number,
    overwrites: boolean,
  ) {
    this.archives = archives;
    this.method = method;
    this.xFilesFactor = Math.fround(xFilesFactor);
    this.overwrites = overwrites;
    this.slots = archives.map(() => new Map());
    this.spoiled = archives.map(() => new Set());
    this.uncertain = archives.map(() => new Set());
  }

  /** The point must be younger than the longest retention. */
  update(time: number, value: number, now: number): void {
    this.now = now;
    this.updateArchive(this.archiveOf(now - time), [[time, value]]);
  }

  /** Points newest first: archive by archive, in each of them oldest first. */
  updateMany(points: readonly (readonly [time: number, value: number])[], now: number): void {
    this.now = now;
    for (const index of this.archives.keys()) {
      const own = points.filter(([time]) => this.archiveOf(now - time) === index);
      if (own.length > 0) this.updateArchive(index, own.toReversed());
    }
  }

  private archiveOf(age: number): number {
    return this.archives.findIndex(({ step, points }) => step * points >= age);
  }

  private updateArchive(
    archiveIndex: number,
    points: readonly (readonly [time: number, value: number])[],
  ): void {
    const { step } = this.archives[archiveIndex]!;
    for (const [time, value] of points) this.put(archiveIndex, Math.floor(time / step), value);
    for (let index = archiveIndex + 1; index < this.archives.length; index++) {
      const coarser = this.archives[index]!.step;
      const rows = new Set(points.map(([time]) => Math.floor(time / coarser)));
      const passed = [...rows].filter((row) => this.propagate(index, row));
      if (passed.length === 0) return;
    }
  }

  /** NaN when the slot does not hold the row. */
  valueAt(archiveIndex: number, row: number): number {
    const slot = this.slots[archiveIndex]!.get(this.positionOf(archiveIndex, row));
    return slot?.row === row ? slot.value : NaN;
  }

  newestRow(archiveIndex: number): number {
    let newest = -1;
    for (const { row, value } of this.slots[archiveIndex]!.values()) {
      if (row > newest && value === value) newest = row;
    }
    return newest;
  }

  private propagate(index: number, coarse: number): boolean {
    const ratio = this.archives[index]!.step / this.archives[index - 1]!.step;
    const known: number[] = [];
    let spoiled = false;
    const { step, points } = this.archives[index - 1]!;
    const sure = Math.floor(this.now / step) - points - CHUNK_ROWS;
    for (let row = coarse * ratio; row < (coarse + 1) * ratio; row++) {
      const slot = this.slots[index - 1]!.get(this.positionOf(index - 1, row));
      if (slot?.row === row && (this.overwrites || slot.value === slot.value)) {
        known.push(slot.value);
      }
      if (row <= sure && slot?.row === row) this.mark(this.uncertain, index, coarse);
      const lost = slot !== undefined && slot.row > row;
      spoiled ||= lost || this.spoiled[index - 1]!.has(row) || slot?.value !== slot?.value;
    }
    if (spoiled) this.mark(this.spoiled, index, coarse);
    if (known.length === 0 || known.length / ratio < this.xFilesFactor) return false;
    const value = aggregate(this.method, known, ratio);
    if (value !== value) {
      this.mark(this.spoiled, index, coarse);
      if (!this.overwrites) return false;
    }
    this.put(index, coarse, value, spoiled);
    return true;
  }

  private put(archiveIndex: number, row: number, value: number, spoiled = false): void {
    const position = this.positionOf(archiveIndex, row);
    const before = this.slots[archiveIndex]!.get(position);
    const { step, points } = this.archives[archiveIndex]!;
    const alive = Math.floor(this.now / step) - points;
    if (before !== undefined && before.row !== row && before.row > alive) {
      this.spoiled[archiveIndex]!.add(before.row);
    }
    if (!spoiled) this.spoiled[archiveIndex]!.delete(row);
    this.slots[archiveIndex]!.set(position, { row, value });
  }

  /** The slot and all that are made of it: what whisper leaves out, ours may pass on. */
  private mark(rows: Set<number>[], archiveIndex: number, row: number): void {
    const time = row * this.archives[archiveIndex]!.step;
    for (let index = archiveIndex; index < this.archives.length; index++) {
      rows[index]!.add(Math.floor(time / this.archives[index]!.step));
    }
  }

  private positionOf(archiveIndex: number, row: number): number {
    return this.overwrites ? row % this.archives[archiveIndex]!.points : row;
  }
}

/** Python's `sum` begins with 0, which takes the sign off -0. */
function aggregate(method: AggregationMethod, known: readonly number[], total: number): number {
  const sum = () => known.reduce((all, value) => all + value, 0);
  const best = (isBetter: (value: number, than: number) => boolean) =>
    known.reduce((most, value) => (isBetter(value, most) ? value : most));
  switch (method) {
    case 'average':
      return sum() / known.length;
    case 'sum':
      return sum();
    case 'last':
      return known.at(-1)!; // never empty
    case 'max':
      return best((value, than) => value > than);
    case 'min':
      return best((value, than) => value < than);
    case 'avg_zero':
      return sum() / total;
    case 'absmax':
      return best((value, than) => Math.abs(value) > Math.abs(than));
    case 'absmin':
      return best((value, than) => Math.abs(value) < Math.abs(than));
  }
}
