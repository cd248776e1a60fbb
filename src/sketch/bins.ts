/**
 * Log-linear bins of magnitudes: a bin's number is the float64's exponent and its first 7 mantissa
 * bits, read off the high word, so that a bin is at most 1/128 of its values wide (DDSketch's
 * linearly interpolated mapping). Only a window of the bins is kept:
 *
 *     high word   | sign 1 | exponent 11 | mantissa 20 |          bin = high word >>> 13
 *     weights     [ low ][ low + 1 ] … [ low + length - 1 ]
 *
 * Windows are taken from and given back to a pool, so that a timer costs no garbage. Used by the
 * Sketch and, for busy timers, by ingest/aggregate/timer.ts directly.
 */

/** Bits of the mantissa in a bin's number: error at most 1/256. */
export const BIN_BITS = 7;
/** Low bits of a float64's high word that a bin does not see. */
export const BIN_SHIFT = 20 - BIN_BITS;
/** The bin of the largest double; infinities count in there. */
export const BIN_LAST = 0x7fefffff >>> BIN_SHIFT;

/** 32 octaves, as 1 µs to over an hour: past this the smallest bins are joined. */
export const WINDOW_BINS_MAX = 4096;
const WINDOW_BINS_MIN = 32;
const NO_BINS = new Float64Array(0);

const value = new Float64Array(1);
const valueWords = new Int32Array(value.buffer);

/** The bin of a magnitude (the sign is ignored). */
export function binOf(magnitude: number): number {
  value[0] = magnitude;
  const bin = (valueWords[1]! & 0x7fffffff) >>> BIN_SHIFT;
  return bin > BIN_LAST ? BIN_LAST : bin;
}

/** The lower bound of a bin; the upper bound is the next bin's lower bound. */
export function binFloor(bin: number): number {
  valueWords[0] = 0;
  valueWords[1] = bin << BIN_SHIFT;
  return value[0]!;
}

/** The value that stands for a bin: its middle. */
export function binMiddle(bin: number): number {
  valueWords[0] = 0;
  valueWords[1] = (bin << BIN_SHIFT) | (1 << (BIN_SHIFT - 1));
  return value[0]!;
}

/** Zeroed windows by size, recycled. `limitBytes` bounds what is handed out at any time. */
export class WindowPool {
  readonly limitBytes: number;
  usedBytes = 0;
  /** Times that a window was refused. */
  refused = 0;
  private readonly free: Float64Array[][] = [[], [], [], [], [], [], [], []];

  constructor(limitBytes = Infinity) {
    this.limitBytes = limitBytes;
  }

  /** A zeroed window of at least `bins`, or undefined when the limit is reached. */
  take(bins: number): Float64Array | undefined {
    const size = sizeClass(bins);
    const length = WINDOW_BINS_MIN << size;
    if (this.usedBytes + length * 8 > this.limitBytes) {
      this.refused += 1;
      return undefined;
    }
    this.usedBytes += length * 8;
    return this.free[size]!.pop() ?? new Float64Array(length);
  }

  give(window: Float64Array): void {
    if (window.length === 0) return;
    this.usedBytes -= window.length * 8;
    window.fill(0);
    this.free[sizeClass(window.length)]!.push(window);
  }
}

/** 0 for 32 bins … 7 for 4096. */
function sizeClass(bins: number): number {
  return Math.max(0, 32 - Math.clz32(bins - 1) - 5);
}

export class Bins {
  weights: Float64Array = NO_BINS;
  low = 0;
  /** The window is at its greatest size and cannot move down: smaller values need no look. */
  private isAtFloor = false;
  private readonly pool: WindowPool;

  constructor(pool: WindowPool) {
    this.pool = pool;
  }

  addOne(bin: number): void {
    const index = bin - this.low;
    if (index >= 0 && index < this.weights.length) this.weights[index]! += 1;
    else this.addOutside(bin, 1);
  }

  /** Adds `weight[0]`; by reference, since a double as an argument may cost an allocation. */
  addWeighted(bin: number, weight: Float64Array): void {
    const index = bin - this.low;
    if (index >= 0 && index < this.weights.length) this.weights[index]! += weight[0]!;
    else this.addOutside(bin, weight[0]!);
  }

  merge(other: Bins): void {
    if (other.weights.length === 0) return;
    let first = 0;
    let last = other.weights.length - 1;
    while (first < last && other.weights[first] === 0) first += 1;
    while (last > first && other.weights[last] === 0) last -= 1;
    this.reach(other.low + first, other.low + last);
    for (let i = first; i <= last; i++) {
      const weight = other.weights[i]!;
      if (weight !== 0) this.weights[this.clamp(other.low + i)]! += weight;
    }
  }

  clear(): void {
    this.pool.give(this.weights);
    this.weights = NO_BINS;
    this.low = 0;
    this.isAtFloor = false;
  }

  private addOutside(bin: number, weight: number): void {
    this.reach(bin, bin);
    if (this.weights.length > 0) this.weights[this.clamp(bin)]! += weight;
  }

  /** Index of a bin; what lies outside of the window counts at its nearer end. */
  private clamp(bin: number): number {
    return Math.min(Math.max(bin - this.low, 0), this.weights.length - 1);
  }

  /** Makes the window hold bins `from` to `to`, as far as its greatest size and the pool allow. */
  private reach(from: number, to: number): void {
    const end = this.low + this.weights.length;
    if (to < end && (from >= this.low || this.isAtFloor)) return;
    let low = from;
    let high = to;
    for (let i = 0; i < this.weights.length; i++) {
      if (this.weights[i] === 0) continue;
      low = Math.min(low, this.low + i);
      high = Math.max(high, this.low + i);
    }
    // At the greatest size the high end counts: the smallest values are joined in the lowest bin.
    low = Math.max(low, high + 1 - WINDOW_BINS_MAX);
    if (low >= this.low && high < end) {
      this.isAtFloor = true;
      return;
    }
    const next = this.pool.take(high + 1 - low);
    if (next === undefined) return;
    low = Math.max(0, low - ((next.length - (high + 1 - low)) >> 1));
    for (let i = 0; i < this.weights.length; i++) {
      const weight = this.weights[i]!;
      if (weight !== 0) next[Math.max(this.low + i - low, 0)]! += weight;
    }
    this.pool.give(this.weights);
    this.weights = next;
    this.low = low;
    this.isAtFloor = false;
  }
}
