/**
 * Puts the values of flushes into the finest slots of one class. Where a slot is longer than the
 * flush interval, values are joined instead of overwritten (ring/values/slot-merge.ts), statistics of
 * timers are computed anew from the joined sketches.
 */
import type { RingSet } from '../../ring/values/ring-set.ts';
import { PAGE_SERIES } from '../../ring/ring.ts';
import type { RowPage } from '../../ring/values/row-record.ts';
import { mergeSlot } from '../../ring/values/slot-merge.ts';
import { SlotSketches } from '../../ring/sketches/slot-sketches.ts';
import { statistic } from '../../../sketch/statistics.ts';
import { DistinctSketch } from '../../../sketch/distinct.ts';
import { Sketch } from '../../../sketch/log-linear.ts';
import type { FlushBatch } from '../../../wire/sample-batch.ts';
import { MERGE_SKETCH } from '../../../wire/merge.ts';
import { NO_TIMER, STAT_DISTINCT } from '../../../wire/statistics.ts';
import type { SeriesRefs } from './series-refs.ts';

/** The sketch of a timer or set, by its ref, in a slot; undefined: none is kept. */
export type StoredSlot = (
  timer: number,
  start: number,
  step: number,
) => Sketch | DistinctSketch | undefined;

export class SlotWriter {
  /** Values that met another one in their slot. */
  lateMerged = 0;
  private readonly rings: RingSet;
  private readonly storedSketch: StoredSlot | undefined;
  private readonly stepMs: number;
  private row = -1;
  private intervalMs = 0;
  /** The row is older than the newest one. */
  private late = false;
  /** Traffic in the newest row by column, kept where a slot takes several flushes. */
  private weights = new Float64Array(0);
  private weightsRow = -1;
  /** Traffic in the newest row as stored by an earlier process. */
  private storedMs = 0;
  /** Traffic in the row that flushes fall into, which is `trafficRow`. */
  private trafficMs = 0;
  private trafficRow = -1;
  private readonly sketches: SlotSketches;
  /** The page that the last value went to, and its first column; neighbours come in a row. */
  private page: RowPage | undefined;
  private pageFirst = 0;
  /** The timer that was read last: its statistics come in a row. */
  private lastTimer = NO_TIMER;
  private lastSketch: Sketch | DistinctSketch | undefined;

  /**
   * `sketches` are those of all classes with slots of this length; `storedSketch` reads a timer's
   * slot of the sketch archives.
   */
  constructor(rings: RingSet, sketches: SlotSketches, storedSketch?: StoredSlot) {
    this.rings = rings;
    this.sketches = sketches;
    this.storedSketch = storedSketch;
    this.stepMs = rings.archives[0]!.step * 1000; // never empty
  }

  /** Comes before the values of a flush. */
  begin(batch: FlushBatch): void {
    const { rings } = this;
    this.row = Math.floor(batch.times / (this.stepMs / 1000));
    this.intervalMs = batch.intervalMs;
    this.page = undefined;
    this.lastTimer = NO_TIMER;
    rings.rewind(this.row);
    const state = rings.state(0);
    this.late = this.row < state.newestRow;
    if (this.late) return;
    rings.advance(this.row);
    if (batch.intervalMs < this.stepMs) {
      if (this.weightsRow !== this.row) this.clearWeights(state.newestRowMs);
      this.addSketches(batch, state.newestRowMs);
    }
    state.newestRowMs += batch.intervalMs;
  }

  /** `beforeMs` is the traffic in the row before this flush. */
  private addSketches(batch: FlushBatch, beforeMs: number): void {
    const { row, sketches } = this;
    const isNew = this.trafficRow !== row;
    if (isNew) this.trafficMs = beforeMs;
    this.trafficRow = row;
    this.trafficMs += batch.intervalMs;
    const isStored = isNew ? beforeMs > 0 : sketches.lacks(row);
    if (!isStored) return sketches.addFlush(row, batch);
    const step = this.stepMs / 1000;
    sketches.addFlush(row, batch, (timer) => {
      const sketch = this.storedSketch?.(timer, row * step, step);
      if (sketch === undefined || sketch instanceof Sketch) return sketch;
      const own = new DistinctSketch();
      own.merge(sketch);
      return own;
    });
  }

  /** Milliseconds of traffic that a slot of a series has so far. */
  trafficOf(row: number, column: number): number {
    return this.weightsRow === row ? this.weightOf(column) : this.rings.state(0).newestRowMs;
  }

  /** A slot that a series has begun elsewhere: by milliseconds of its traffic there. */
  weigh(row: number, column: number, ms: number): void {
    if (this.weightsRow !== row) {
      this.row = row;
      this.clearWeights(this.rings.state(0).newestRowMs);
    }
    this.setWeight(column, ms - this.intervalMs);
  }

  /** One value of the flush, finite. */
  add(column: number, ref: number, refs: SeriesRefs, value: number): void {
    if (this.late) {
      this.addLate(column, ref, refs, value);
      return;
    }
    const page = this.pageWith(column);
    const index = column - this.pageFirst;
    const before = page.values[index]!;
    if (before !== before) {
      page.set(index, value);
      if (this.intervalMs < this.stepMs) this.setWeight(column, 0);
    } else page.set(index, this.joined(before, column, ref, refs, value));
  }

  /** A value with the one that its slot has from an earlier flush. */
  private joined(
    before: number,
    column: number,
    ref: number,
    refs: SeriesRefs,
    value: number,
  ): number {
    this.lateMerged += 1;
    const shared = this.intervalMs < this.stepMs;
    const merge = refs.merges[ref]!;
    const beforeMs = this.weightOf(column);
    let merged = mergeSlot(merge, before, beforeMs, value, this.intervalMs);
    if (merge === MERGE_SKETCH || refs.stats[ref] === STAT_DISTINCT) {
      const { timers, stats, arguments: args } = refs;
      merged = shared
        ? (this.sketches.value(this.row, timers[ref]!, stats[ref]!, args[ref]!, this.trafficMs) ??
          merged)
        : (this.storedStatistic(ref, refs) ?? merged);
    }
    if (shared) this.setWeight(column, beforeMs);
    return merged;
  }

  private addLate(column: number, ref: number, refs: SeriesRefs, value: number): void {
    const merge = refs.merges[ref]!;
    const before = this.rings.valueAt(0, this.row, column);
    let merged = mergeSlot(merge, before, this.intervalMs, value, this.intervalMs);
    if (before === before) {
      this.lateMerged += 1;
      if (merge === MERGE_SKETCH || refs.stats[ref] === STAT_DISTINCT) {
        merged = this.storedStatistic(ref, refs) ?? merged;
      }
    }
    if (this.rings.put(0, this.row, column, merged)) this.rings.touch(0, this.row, column);
  }

  /** A statistic of the whole slot, the batch included, where its sketches are kept. */
  private storedStatistic(ref: number, refs: SeriesRefs): number | undefined {
    const sketch = this.stored(refs.timers[ref]!);
    if (sketch === undefined) return undefined;
    if (!(sketch instanceof Sketch)) return sketch.estimate();
    const seconds = this.stepMs / 1000;
    const value = statistic(sketch, refs.stats[ref]!, refs.arguments[ref]!, seconds);
    return Number.isFinite(value) ? value : undefined;
  }

  private stored(timer: number): Sketch | DistinctSketch | undefined {
    if (timer === NO_TIMER) return undefined;
    if (timer === this.lastTimer) return this.lastSketch;
    const step = this.stepMs / 1000;
    this.lastTimer = timer;
    return (this.lastSketch = this.storedSketch?.(timer, this.row * step, step));
  }

  private pageWith(column: number): RowPage {
    const known = this.page;
    const index = column - this.pageFirst;
    if (known !== undefined && index >= 0 && index < PAGE_SERIES) return known;
    this.pageFirst = column - (column % PAGE_SERIES);
    return (this.page = this.rings.newestPage(column));
  }

  private clearWeights(storedMs: number): void {
    const { count } = this.rings.members;
    if (this.weights.length < count) this.weights = new Float64Array(count * 2);
    else this.weights.fill(0);
    this.weightsRow = this.row;
    this.storedMs = storedMs;
  }

  private weightOf(column: number): number {
    if (this.weightsRow !== this.row) return this.intervalMs;
    const weight = this.weights[column] ?? 0;
    return weight > 0 ? weight : this.storedMs;
  }

  /** `beforeMs` is what the slot's value was made of, 0 for an empty slot. */
  private setWeight(column: number, beforeMs: number): void {
    if (column >= this.weights.length) {
      const wider = new Float64Array(Math.max(column + 1, this.weights.length * 2));
      wider.set(this.weights);
      this.weights = wider;
    }
    this.weights[column] = beforeMs + this.intervalMs;
  }
}
