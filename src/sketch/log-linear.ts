/**
 * The sketch of a timer: exact count, sum, sum of squares, least and greatest value, and the values
 * themselves up to `rawLimit`; past that, log-linear bins (bins.ts), from which every percentile is
 * within 1/256 = 0.4 % of the true one. Merging is associative and commutative, also between raw
 * and binned sketches. FORMAT.md draws the encoded form; statistics.ts reads StatsD's numbers off.
 */
import { binOf, Bins, WindowPool } from './bins.ts';

const sharedPool = new WindowPool();

export class Sketch {
  /** Sum of 1 / sample rate: StatsD's `count`. */
  count = 0;
  /** Sum of the weights in raw values or bins; for plain timers the number of values. */
  total = 0;
  sum = 0;
  sumSquares = 0;
  min = Infinity;
  max = -Infinity;
  /** Weight of exact zeros: they have no bin. */
  zeros = 0;
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
  }

  /**
   * Adds a value that stands for `weight` values in every statistic, and for `count` in `count`
   * (StatsD scales only the count by the sample rate).
   */
  add(value: number, weight = 1, count = weight): void {
    this.count += count;
    this.total += weight;
    this.sum += value * weight;
    this.sumSquares += value * value * weight;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.isRaw && weight === 1 && this.rawLength < this.rawLimit) this.pushRaw(value);
    else {
      this.toBins();
      this.addToBins(value, weight);
    }
  }

  /** Takes in another sketch, which stays as it is. */
  merge(other: Sketch): void {
    const exact = this.isRaw && other.isRaw && this.rawLength + other.rawLength <= this.rawLimit;
    this.count += other.count;
    this.total += other.total;
    this.sum += other.sum;
    this.sumSquares += other.sumSquares;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    if (exact) {
      for (let i = 0; i < other.rawLength; i++) this.pushRaw(other.raw[i]!);
      return;
    }
    this.toBins();
    if (other.isRaw) {
      for (let i = 0; i < other.rawLength; i++) this.addToBins(other.raw[i]!, 1);
      return;
    }
    this.zeros += other.zeros;
    this.positive.merge(other.positive);
    this.negative.merge(other.negative);
  }

  clear(): void {
    this.count = this.total = this.sum = this.sumSquares = this.zeros = 0;
    this.min = Infinity;
    this.max = -Infinity;
    this.rawLength = 0;
    this.isRaw = true;
    this.sorted = true;
    this.positive.clear();
    this.negative.clear();
  }

  /** Gives up the raw values for bins. */
  toBins(): void {
    if (!this.isRaw) return;
    this.isRaw = false;
    for (let i = 0; i < this.rawLength; i++) this.addToBins(this.raw[i]!, 1);
    this.rawLength = 0;
  }

  /** The raw values, ascending; a view that lives until the next change. */
  sortedRaw(): Float64Array {
    const values = this.raw.subarray(0, this.rawLength);
    if (!this.sorted) values.sort();
    this.sorted = true;
    return values;
  }

  pushRaw(value: number): void {
    if (this.rawLength === this.raw.length) {
      const larger = new Float64Array(Math.min(Math.max(32, this.raw.length * 2), this.rawLimit));
      larger.set(this.raw);
      this.raw = larger;
    }
    this.raw[this.rawLength++] = value;
    this.sorted = false;
  }

  private addToBins(value: number, weight: number): void {
    if (value === 0) this.zeros += weight;
    else {
      oneWeight[0] = weight;
      (value > 0 ? this.positive : this.negative).addWeighted(binOf(value), oneWeight);
    }
  }
}

const oneWeight = new Float64Array(1);
