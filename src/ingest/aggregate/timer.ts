/**
 * What timers gather between two flushes. A timer with values has a cell; its values lie exactly,
 * in chunks of 8 from a shared pool, until there are `exactValues` of them, then in log-linear bins
 * from a pool of windows. Everything is recycled and bounded; nothing is allocated per value.
 *
 *     cell    | values | first chunk | last chunk | bins + 1 |
 *     totals  | weight | sum | sum of squares | min | max | zeros |      used once there are bins
 *             | metric |
 */
import { binOf, Bins, WindowPool } from '../../sketch/bins.ts';
import { type Sketch, WEIGHT_SCALE } from '../../sketch/log-linear.ts';
import { NO_ROOM_BIN, NO_ROOM_VALUE } from './rejected-series.ts';

export const NO_CELL = -1;

const CELL_WORDS = 4;
const LENGTH = 0;
const FIRST = 1;
const LAST = 2;
const BINS = 3;

const CELL_TOTALS = 8;
const TOTAL = 0;
const SUM = 1;
const SQUARES = 2;
const MIN = 3;
const MAX = 4;
const ZEROS = 5;
const METRIC = 6;

const CHUNK = 8;
/** Copies that a weighted value is kept as exactly: a rate of 0.1 makes ten. */
const COPIES_MAX = 16;

/** Told what a metric had no room for: NO_ROOM_VALUE or NO_ROOM_BIN, and how many. */
type OnRejected = (metric: number, reason: number, count: number) => void;

export class TimerCells {
  private readonly exactValues: number;
  private readonly onRejected: OnRejected;
  private cells = new Int32Array(256 * CELL_WORDS);
  private totals = new Float64Array(256 * CELL_TOTALS);
  private usedCells = 0;
  private freeCell = NO_CELL;
  private chunks = new Float64Array(256 * CHUNK);
  private nextChunk = new Int32Array(256);
  private usedChunks = 0;
  private freeChunk = NO_CELL;
  private readonly chunksMax: number;
  private readonly windows: WindowPool;
  private readonly positive: Bins[] = [];
  private readonly negative: Bins[] = [];
  private readonly freeBins: number[] = [];
  private readonly value = new Float64Array(1);
  private readonly weight = new Float64Array(1);

  /** `limitBytes` each for exact values and for bins. */
  constructor(exactValues: number, limitBytes: number, onRejected: OnRejected) {
    this.exactValues = exactValues;
    this.onRejected = onRejected;
    this.chunksMax = Math.floor(limitBytes / (CHUNK * 8));
    this.windows = new WindowPool(limitBytes);
  }

  get usedBytes(): number {
    return this.usedChunks * CHUNK * 8 + this.windows.usedBytes;
  }

  /** A cell for a metric's values. */
  take(metric: number): number {
    let cell = this.freeCell;
    if (cell === NO_CELL) {
      if (this.usedCells * CELL_WORDS === this.cells.length) this.growCells();
      cell = this.usedCells++;
    } else this.freeCell = this.cells[cell * CELL_WORDS + FIRST]!;
    const at = cell * CELL_WORDS;
    this.cells[at + LENGTH] = 0;
    this.cells[at + FIRST] = NO_CELL;
    this.cells[at + LAST] = NO_CELL;
    this.cells[at + BINS] = 0;
    this.totals[cell * CELL_TOTALS + METRIC] = metric;
    return cell;
  }

  give(cell: number): void {
    const at = cell * CELL_WORDS;
    this.giveChunks(at);
    const pair = this.cells[at + BINS]!;
    if (pair !== 0) {
      this.positive[pair - 1]!.clear();
      this.negative[pair - 1]!.clear();
      this.freeBins.push(pair - 1);
    }
    this.cells[at + FIRST] = this.freeCell;
    this.freeCell = cell;
  }

  /** Adds `numbers[slot]` with weight 1. */
  add(cell: number, numbers: Float64Array, slot: number): void {
    const at = cell * CELL_WORDS;
    const pair = this.cells[at + BINS]!;
    if (pair !== 0) {
      this.addBinned(cell, pair, numbers, slot);
      return;
    }
    const length = this.cells[at + LENGTH]!;
    if (length < this.exactValues) {
      const within = length & (CHUNK - 1);
      const chunk = within === 0 ? this.appendChunk(at) : this.cells[at + LAST]!;
      if (chunk !== NO_CELL) {
        this.chunks[chunk * CHUNK + within] = numbers[slot]!;
        this.cells[at + LENGTH] = length + 1;
        return;
      }
    }
    this.value[0] = numbers[slot]!;
    this.weight[0] = 1;
    this.addToBins(cell);
  }

  /** addToBins for weight 1 and a cell that has bins: most values of a busy timer. */
  private addBinned(cell: number, pair: number, numbers: Float64Array, slot: number): void {
    const { totals } = this;
    const base = cell * CELL_TOTALS;
    const value = numbers[slot]!;
    totals[base + TOTAL]! += 1;
    totals[base + SUM]! += value;
    totals[base + SQUARES]! += value * value;
    if (value < totals[base + MIN]!) totals[base + MIN] = value;
    if (value > totals[base + MAX]!) totals[base + MAX] = value;
    if (value > 0) this.positive[pair - 1]!.addValueAt(numbers, slot);
    else {
      this.value[0] = value;
      this.weight[0] = 1;
      this.addNotPositive(base, pair);
    }
    const { windows } = this;
    if (windows.refused !== 0 || windows.collapsed !== 0) this.reject(base);
  }

  /** Adds `numbers[slot]` as `numbers[weightSlot]` values: a distribution's sample rate. */
  addWeighted(cell: number, numbers: Float64Array, slot: number, weightSlot: number): void {
    const weight = numbers[weightSlot]!;
    const copies = Math.round(weight);
    const exact = Math.abs(weight - copies) < 1e-9 && copies > 0 && copies <= COPIES_MAX;
    const at = cell * CELL_WORDS;
    if (
      exact &&
      this.cells[at + BINS]! === 0 &&
      this.cells[at + LENGTH]! + copies <= this.exactValues
    ) {
      for (let i = 0; i < copies; i++) this.add(cell, numbers, slot);
      return;
    }
    this.value[0] = numbers[slot]!;
    this.weight[0] = Math.round(weight * WEIGHT_SCALE) / WEIGHT_SCALE;
    this.addToBins(cell);
  }

  /** Copies a cell into an empty sketch; `count` is set by the caller. */
  load(cell: number, sketch: Sketch): void {
    const at = cell * CELL_WORDS;
    const pair = this.cells[at + BINS]!;
    if (pair === 0) {
      const length = this.cells[at + LENGTH]!;
      let chunk = this.cells[at + FIRST]!;
      for (let i = 0; i < length; i++) {
        sketch.add(this.chunks[chunk * CHUNK + (i & (CHUNK - 1))]!);
        if ((i & (CHUNK - 1)) === CHUNK - 1) chunk = this.nextChunk[chunk]!;
      }
      return;
    }
    const base = cell * CELL_TOTALS;
    sketch.setTotals(this.totals, base);
    sketch.positive.merge(this.positive[pair - 1]!);
    sketch.negative.merge(this.negative[pair - 1]!);
  }

  /** The exact values in order of arrival; of a binned cell none. */
  valuesOf(cell: number): number[] {
    const at = cell * CELL_WORDS;
    const values: number[] = [];
    let chunk = this.cells[at + FIRST]!;
    for (let i = 0; i < this.cells[at + LENGTH]!; i++) {
      values.push(this.chunks[chunk * CHUNK + (i & (CHUNK - 1))]!);
      if ((i & (CHUNK - 1)) === CHUNK - 1) chunk = this.nextChunk[chunk]!;
    }
    return values;
  }

  /** Adds this.value with this.weight; the exact values move into bins first. */
  private addToBins(cell: number): void {
    const at = cell * CELL_WORDS;
    if (this.cells[at + BINS]! === 0) this.convert(cell);
    const base = cell * CELL_TOTALS;
    const value = this.value[0]!;
    const weight = this.weight[0]!;
    const totals = this.totals;
    totals[base + TOTAL]! += weight;
    totals[base + SUM]! += value * weight;
    totals[base + SQUARES]! += value * value * weight;
    if (value < totals[base + MIN]!) totals[base + MIN] = value;
    if (value > totals[base + MAX]!) totals[base + MAX] = value;
    const pair = this.cells[at + BINS]!;
    if (value > 0) this.positive[pair - 1]!.addWeighted(binOf(value), this.weight);
    else this.addNotPositive(base, pair);
    const { windows } = this;
    if (windows.refused !== 0 || windows.collapsed !== 0) this.reject(base);
  }

  /**
   * Takes over what the windows count: `refused` values, which are in count and sum but not in the
   * percentiles, and the weight of values too small for a bin of their own, 32 octaves from the
   * greatest.
   */
  private reject(base: number): void {
    const { windows } = this;
    const metric = this.totals[base + METRIC]!;
    if (windows.refused !== 0) this.onRejected(metric, NO_ROOM_VALUE, windows.refused);
    if (windows.collapsed !== 0) this.onRejected(metric, NO_ROOM_BIN, windows.collapsed);
    windows.refused = 0;
    windows.collapsed = 0;
  }

  private addNotPositive(base: number, pair: number): void {
    const value = this.value[0]!;
    if (value === 0) this.totals[base + ZEROS]! += this.weight[0]!;
    else this.negative[pair - 1]!.addWeighted(binOf(value), this.weight);
  }

  private convert(cell: number): void {
    const at = cell * CELL_WORDS;
    const base = cell * CELL_TOTALS;
    this.cells[at + BINS] = this.takeBins() + 1;
    this.totals.fill(0, base, base + METRIC);
    this.totals[base + MIN] = Infinity;
    this.totals[base + MAX] = -Infinity;
    const length = this.cells[at + LENGTH]!;
    const value = this.value[0]!;
    const weight = this.weight[0]!;
    let chunk = this.cells[at + FIRST]!;
    this.weight[0] = 1;
    for (let i = 0; i < length; i++) {
      this.value[0] = this.chunks[chunk * CHUNK + (i & (CHUNK - 1))]!;
      this.addToBins(cell);
      if ((i & (CHUNK - 1)) === CHUNK - 1) chunk = this.nextChunk[chunk]!;
    }
    this.giveChunks(at);
    this.cells[at + LENGTH] = 0;
    this.value[0] = value;
    this.weight[0] = weight;
  }

  private takeBins(): number {
    const recycled = this.freeBins.pop();
    if (recycled !== undefined) return recycled;
    this.positive.push(new Bins(this.windows));
    return this.negative.push(new Bins(this.windows)) - 1;
  }

  private appendChunk(at: number): number {
    let chunk = this.freeChunk;
    if (chunk !== NO_CELL) this.freeChunk = this.nextChunk[chunk]!;
    else {
      if (this.usedChunks === this.chunksMax) return NO_CELL;
      if (this.usedChunks === this.nextChunk.length) this.growChunks();
      chunk = this.usedChunks++;
    }
    const last = this.cells[at + LAST]!;
    if (last === NO_CELL) this.cells[at + FIRST] = chunk;
    else this.nextChunk[last] = chunk;
    this.cells[at + LAST] = chunk;
    this.nextChunk[chunk] = NO_CELL;
    return chunk;
  }

  private giveChunks(at: number): void {
    const last = this.cells[at + LAST]!;
    if (last === NO_CELL) return;
    this.nextChunk[last] = this.freeChunk;
    this.freeChunk = this.cells[at + FIRST]!;
    this.cells[at + FIRST] = NO_CELL;
    this.cells[at + LAST] = NO_CELL;
  }

  private growCells(): void {
    const cells = new Int32Array(this.cells.length * 2);
    cells.set(this.cells);
    this.cells = cells;
    const totals = new Float64Array(this.totals.length * 2);
    totals.set(this.totals);
    this.totals = totals;
  }

  private growChunks(): void {
    const chunks = new Float64Array(this.chunks.length * 2);
    chunks.set(this.chunks);
    this.chunks = chunks;
    const next = new Int32Array(this.nextChunk.length * 2);
    next.set(this.nextChunk);
    this.nextChunk = next;
  }
}
