/**
 * The sketch of a timer: exact count, sum, sum of squares, least and greatest value, and the values
 * themselves up to `rawLimit`; past that, log-linear bins (bins.ts), from which every percentile is
 * within 1/256 = 0.4 % of the true one. Merging is associative and commutative to the last bit, also
 * between raw and binned sketches: sums carry what a double rounds off (`…Low`), weights are
 * multiples of 2 ** -20. FORMAT.md draws the encoded form; statistics.ts reads StatsD's numbers off,
 * quantile.ts percentiles, shares and histograms.
 */
import { isExactSum, isFiniteNumber, isSquarable, WEIGHT_UNIT } from '../lib/admitted.ts';
import { BIN_BITS, binOf, Bins, COARSE_BITS, WindowPool } from './bins.ts';

/** Weights are whole multiples of 1 / WEIGHT_SCALE, so that their sums are exact. */
export const WEIGHT_SCALE = 1 / WEIGHT_UNIT;

const sharedPool = new WindowPool();

/** Places in `numbers`, which are those of the encoded form. */
const COUNT = 0;
const COUNT_LOW = 1;
const TOTAL = 2;
const SUM = 3;
const SUM_LOW = 4;
const SQUARES = 5;
const SQUARES_LOW = 6;
const SQUARES_LOWEST = 7;
const MIN = 8;
const MAX = 9;
const ZEROS = 10;
export const NUMBERS = 11;

export class Sketch {
  /** Everything below that is a number; in an array, since a field would allocate at each change. */
  readonly numbers = new Float64Array(NUMBERS);
  readonly positive: Bins;
  readonly negative: Bins;
  /** The values while `isRaw`, `rawLength` of them. */
  raw: Float64Array;
  rawLength = 0;
  isRaw = true;
  readonly rawLimit: number;
  private sorted = true;

  constructor(rawLimit = 32, pool: WindowPool = sharedPool) {
    this.rawLimit = rawLimit;
    this.raw = new Float64Array(Math.min(rawLimit, 32));
    this.positive = new Bins(pool);
    this.negative = new Bins(pool);
    this.numbers[MIN] = Infinity;
    this.numbers[MAX] = -Infinity;
  }

  /** Bits of the bins: 7, or 6 after `coarsen`. */
  get bits(): number {
    return this.positive.bits;
  }

  /** Sum of 1 / sample rate: StatsD's `count`. */
  get count(): number {
    return this.numbers[COUNT]!;
  }

  set count(count: number) {
    this.numbers[COUNT] = count;
    this.numbers[COUNT_LOW] = 0;
  }

  /** Sum of the weights in raw values or bins; for plain timers the number of values. */
  get total(): number {
    return this.numbers[TOTAL]!;
  }

  get sum(): number {
    return this.numbers[SUM]!;
  }

  get sumSquares(): number {
    return this.numbers[SQUARES]!;
  }

  get min(): number {
    return this.numbers[MIN]!;
  }

  get max(): number {
    return this.numbers[MAX]!;
  }

  /** Weight of exact zeros: they have no bin. */
  get zeros(): number {
    return this.numbers[ZEROS]!;
  }

  /**
   * Adds a value that stands for `weight` values in every statistic, and for `count` in `count`
   * (StatsD scales only the count by the sample rate).
   */
  add(value: number, weight = 1, count = weight): void {
    if (this.isRaw || weight !== 1 || count !== 1) {
      this.addSlowly(value, weight, count);
      return;
    }
    // Most calls by far come here; the rest is elsewhere, so that this stays short enough to inline.
    const { numbers } = this;
    numbers[COUNT]! += 1;
    numbers[TOTAL]! += 1;
    numbers[SUM]! += value;
    numbers[SQUARES]! += value * value;
    if (value < numbers[MIN]!) numbers[MIN] = value + 0;
    if (value > numbers[MAX]!) numbers[MAX] = value + 0;
    if (value > 0) this.positive.addValue(value);
    else this.addToBins(value, 1);
  }

  /** Takes in another sketch, which stays as it is. */
  merge(other: Sketch): void {
    this.addCount(other.numbers);
    if (other.isRaw) {
      this.addRawValues(other.raw, other.rawLength);
      return;
    }
    this.addTotals(other.numbers, other.bits);
    if (other.bits === this.bits) {
      this.positive.merge(other.positive);
      this.negative.merge(other.negative);
    } else {
      mergeHalved(this.positive, other.positive);
      mergeHalved(this.negative, other.negative);
    }
  }

  /**
   * Sets what bins alone do not say, for whoever merges bins of their own in: weight, sum, sum of
   * squares, least, greatest and zeros, from `place` on.
   */
  setTotals(totals: Float64Array, place: number): void {
    const { numbers } = this;
    this.toBins();
    numbers[TOTAL] = totals[place]!;
    numbers[SUM] = totals[place + 1]!;
    numbers[SQUARES] = totals[place + 2]!;
    numbers[MIN] = totals[place + 3]!;
    numbers[MAX] = totals[place + 4]!;
    numbers[ZEROS] = totals[place + 5]!;
  }

  clear(): void {
    this.numbers.fill(0);
    this.numbers[MIN] = Infinity;
    this.numbers[MAX] = -Infinity;
    this.rawLength = 0;
    this.isRaw = true;
    this.sorted = true;
    this.positive.clear();
    this.negative.clear();
  }

  /** As `clear`, but windows stay where they are: for many merges of the like, one by one. */
  restart(): void {
    if (this.bits !== BIN_BITS) {
      this.clear();
      return;
    }
    this.numbers.fill(0);
    this.numbers[MIN] = Infinity;
    this.numbers[MAX] = -Infinity;
    this.rawLength = 0;
    this.sorted = true;
    if (this.isRaw) return;
    this.isRaw = true;
    this.positive.empty();
    this.negative.empty();
  }

  /** Gives up the raw values for bins. */
  toBins(): void {
    if (!this.isRaw) return;
    this.isRaw = false;
    for (let i = 0; i < this.rawLength; i++) this.addToBins(this.raw[i]!, 1);
    this.rawLength = 0;
  }

  /**
   * Leaves out raw values that sums are lost to, for sketches that are merged with others; StatsD
   * takes such values, and counts of any size. False when that is not possible: they are in bins.
   */
  keepSummable(): boolean {
    const { numbers, raw } = this;
    if (!isExactSum(this.count)) this.count = this.total;
    if (isFiniteNumber(numbers[SUM]! + numbers[SQUARES]!)) return true;
    if (!this.isRaw) return false;
    const { count, rawLength } = this;
    this.clear();
    this.count = count;
    // What is kept never gets ahead of what is read.
    for (let i = 0; i < rawLength; i++) if (isSquarable(raw[i]!)) this.addRaw(raw[i]!);
    return true;
  }

  /** Joins neighbouring bins, as if it had been bins of 6 bits from the start; error 0.8 %. */
  coarsen(): void {
    this.toBins();
    if (this.bits === COARSE_BITS) return;
    this.positive.coarsen();
    this.negative.coarsen();
  }

  /** The raw values, ascending; a view that lives until the next change. */
  sortedRaw(): Float64Array {
    const values = this.raw.subarray(0, this.rawLength);
    if (!this.sorted) values.sort();
    this.sorted = true;
    return values;
  }

  /** Adds the first `length` values with weight 1 and leaves `count` alone. */
  addRawValues(values: Float64Array, length: number): void {
    if (this.isRaw && this.rawLength + length <= this.rawLimit) {
      for (let i = 0; i < length; i++) this.addRaw(values[i]!);
      return;
    }
    this.toBins();
    sumRaw(values, length, rawNumbers);
    this.addTotals(rawNumbers, BIN_BITS);
    const { positive } = this;
    for (let i = 0; i < length; i++) {
      const value = values[i]!;
      if (value > 0) positive.addValueAt(values, i);
      else this.addToBins(value, 1);
    }
  }

  /** Adds the count of other `numbers`. */
  addCount(other: Float64Array): void {
    addExactly(this.numbers, COUNT, other);
  }

  /** Adds all `numbers` but the count of a sketch with bins of `bits`, and gets ready for those. */
  addTotals(other: Float64Array, bits: number): void {
    const { numbers } = this;
    this.toBins();
    if (bits < this.bits) this.coarsen();
    numbers[TOTAL]! += other[TOTAL]!;
    addExactly(numbers, SUM, other);
    addSquares(numbers, other);
    if (other[MIN]! < numbers[MIN]!) numbers[MIN] = other[MIN]!;
    if (other[MAX]! > numbers[MAX]!) numbers[MAX] = other[MAX]!;
    numbers[ZEROS]! += other[ZEROS]!;
  }

  private addSlowly(value: number, weight: number, count: number): void {
    this.numbers[COUNT]! += count;
    if (this.isRaw && this.startsRaw(value, weight)) return;
    this.addWeighted(value, Math.round(weight * WEIGHT_SCALE) / WEIGHT_SCALE);
  }

  private addWeighted(value: number, weight: number): void {
    const { numbers } = this;
    numbers[TOTAL]! += weight;
    numbers[SUM]! += value * weight;
    numbers[SQUARES]! += value * value * weight;
    if (value < numbers[MIN]!) numbers[MIN] = value + 0;
    if (value > numbers[MAX]!) numbers[MAX] = value + 0;
    this.addToBins(value, weight);
  }

  /** Keeps a value as it is; false when it belongs into bins, which are there then. */
  private startsRaw(value: number, weight: number): boolean {
    if (weight === 1 && this.rawLength < this.rawLimit) {
      this.addRaw(value);
      return true;
    }
    this.toBins();
    return false;
  }

  private addRaw(value: number): void {
    if (this.rawLength === this.raw.length) this.growRaw();
    this.raw[this.rawLength++] = value;
    this.sorted = false;
    this.note(value);
  }

  private growRaw(): void {
    const larger = new Float64Array(Math.min(Math.max(32, this.raw.length * 2), this.rawLimit));
    larger.set(this.raw);
    this.raw = larger;
  }

  /** Raw values are summed exactly, in whatever order they come. */
  private note(value: number): void {
    oneNumbers[SUM] = value;
    oneNumbers[SQUARES] = value * value;
    const { numbers } = this;
    numbers[TOTAL]! += 1;
    addExactly(numbers, SUM, oneNumbers);
    addSquares(numbers, oneNumbers);
    if (value < numbers[MIN]!) numbers[MIN] = value + 0;
    if (value > numbers[MAX]!) numbers[MAX] = value + 0;
  }

  private addToBins(value: number, weight: number): void {
    if (value > 0) this.positive.addAt(binOf(value) >> this.positive.halving, weight);
    else if (value < 0) this.negative.addAt(binOf(value) >> this.negative.halving, weight);
    else this.numbers[ZEROS]! += weight;
  }
}

const rawNumbers = new Float64Array(NUMBERS);
const oneNumbers = new Float64Array(NUMBERS);

/** All numbers but the count of some values, summed exactly. */
function sumRaw(values: Float64Array, length: number, into: Float64Array): void {
  let [sum, sumLow, squares, low, lowest] = [0, 0, 0, 0, 0];
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    const nextSum = sum + value;
    sumLow += lostOf(sum, value, nextSum);
    sum = nextSum;
    const square = value * value;
    const next = squares + square;
    const lost = lostOf(squares, square, next);
    const nextLow = low + lost;
    lowest += lostOf(low, lost, nextLow);
    squares = next;
    low = nextLow;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  into.fill(0);
  into[TOTAL] = length;
  into[MIN] = min + 0;
  into[MAX] = max + 0;
  const isFinite = squares - squares === 0;
  into[SUM] = sum;
  into[SQUARES] = squares;
  if (!isFinite) return;
  into[SUM_LOW] = sumLow;
  into[SQUARES_LOW] = low;
  into[SQUARES_LOWEST] = lowest;
}

/**
 * Adds the sum at `place` of other numbers; what a double cannot hold of the result stands behind
 * it. Knuth's two-sum, twice. By place, since a double as an argument may cost an allocation.
 */
function addExactly(numbers: Float64Array, place: number, other: Float64Array): void {
  const before = numbers[place]!;
  const value = other[place]!;
  const plain = before + value;
  const lost = numbers[place + 1]! + other[place + 1]! + lostOf(before, value, plain);
  const sum = plain + lost;
  // Of infinities nothing is lost.
  const isFinite = sum - sum === 0;
  numbers[place] = isFinite ? sum : plain;
  numbers[place + 1] = isFinite ? lost - (sum - plain) : 0;
}

/**
 * The same for the sum of squares, in three doubles: squares of values 30 octaves apart are 60
 * octaves apart.
 */
function addSquares(numbers: Float64Array, other: Float64Array): void {
  const before = numbers[SQUARES]!;
  const square = other[SQUARES]!;
  const high = before + square;
  if (high - high !== 0) {
    numbers[SQUARES] = high;
    numbers[SQUARES_LOW] = numbers[SQUARES_LOWEST] = 0;
    return;
  }
  const highLost = lostOf(before, square, high);
  const beforeLow = numbers[SQUARES_LOW]!;
  const low = other[SQUARES_LOW]!;
  const middle = beforeLow + low;
  const second = middle + highLost;
  const rest =
    numbers[SQUARES_LOWEST]! +
    other[SQUARES_LOWEST]! +
    (lostOf(beforeLow, low, middle) + lostOf(middle, highLost, second));
  const secondAll = second + rest;
  const restAll = lostOf(second, rest, secondAll);
  const sum = high + secondAll;
  const sumLow = lostOf(high, secondAll, sum);
  const lowAll = sumLow + restAll;
  numbers[SQUARES] = sum;
  numbers[SQUARES_LOW] = lowAll;
  numbers[SQUARES_LOWEST] = lostOf(sumLow, restAll, lowAll);
}

/** What a + b lost when it was rounded to `sum` (Knuth's two-sum). */
function lostOf(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

function mergeHalved(into: Bins, fine: Bins): void {
  for (let i = 0; i < fine.weights.length; i++) {
    if (fine.weights[i] !== 0) into.addAt((fine.low + i) >> 1, fine.weights[i]!);
  }
}
