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
const BIN_SHIFT = 20 - BIN_BITS;
/** The bin of the largest double; infinities count in there. */
export const BIN_LAST = 0x7fefffff >>> BIN_SHIFT;
/** Bits of bins whose neighbours were joined in pairs: error at most 1/128. */
export const COARSE_BITS = 6;

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
export function binFloor(bin: number, bits = BIN_BITS): number {
  valueWords[0] = 0;
  valueWords[1] = bin << (20 - bits);
  return value[0]!;
}

/** The value that stands for a bin: its middle. */
export function binMiddle(bin: number, bits = BIN_BITS): number {
  valueWords[0] = 0;
  valueWords[1] = (bin << (20 - bits)) | (1 << (19 - bits));
  return value[0]!;
}

/** Zeroed windows by size, recycled. `limitBytes` bounds what is handed out at any time. */
export class WindowPool {
  readonly limitBytes: number;
  usedBytes = 0;
  /** Times that a window was refused; whoever shows it may take it over and set it to 0. */
  refused = 0;
  /** Weight that lost its own bin, joined with the lowest one that a window could hold; likewise. */
  collapsed = 0;
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
  /** BIN_BITS, or COARSE_BITS after `coarsen`. */
  bits = BIN_BITS;
  /** How far a bin of BIN_BITS moves to the right to be one of these. */
  halving = 0;
  private shift = BIN_SHIFT;
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

  /** Adds a magnitude (the sign is ignored, zero has no bin) with weight 1. */
  addValue(magnitude: number): void {
    value[0] = magnitude;
    this.addValueAt(value, 0);
  }

  /** Adds `values[at]` so. A double that is passed is an object wherever V8 leaves the call a call. */
  addValueAt(values: Float64Array, at: number): void {
    value[0] = values[at]!;
    const index = ((valueWords[1]! & 0x7fffffff) >>> this.shift) - this.low;
    if (index >= 0 && index < this.weights.length) this.weights[index]! += 1;
    else this.addOutside(binOf(value[0]) >> this.halving, 1);
  }

  addAt(bin: number, weight: number): void {
    const index = bin - this.low;
    if (index >= 0 && index < this.weights.length) this.weights[index]! += weight;
    else this.addOutside(bin, weight);
  }

  /** Takes in bins of as many bits. */
  merge(other: Bins): void {
    const first = other.firstIndex();
    if (first === -1) return;
    const last = other.lastIndex();
    this.reach(other.low + first, other.low + last);
    for (let i = first; i <= last; i++) {
      const weight = other.weights[i]!;
      if (weight !== 0) this.addWithin(other.low + i, weight);
    }
  }

  /** Joins bins in pairs; what the window of the coarser bins cannot hold joins its lowest. */
  coarsen(): void {
    this.bits = COARSE_BITS;
    this.halving = BIN_BITS - COARSE_BITS;
    this.shift = BIN_SHIFT + this.halving;
    const first = this.firstIndex();
    if (first === -1) return;
    const { weights, low } = this;
    const last = this.lastIndex();
    this.weights = NO_BINS;
    this.low = 0;
    this.isAtFloor = false;
    this.reach((low + first) >> 1, (low + last) >> 1);
    for (let i = first; i <= last; i++) {
      if (weights[i] !== 0) this.addWithin((low + i) >> 1, weights[i]!);
    }
    this.pool.give(weights);
  }

  clear(): void {
    this.pool.give(this.weights);
    this.weights = NO_BINS;
    this.low = 0;
    this.bits = BIN_BITS;
    this.halving = 0;
    this.shift = BIN_SHIFT;
    this.isAtFloor = false;
  }

  /** Forgets all weights; the window stays. */
  empty(): void {
    this.weights.fill(0);
    this.isAtFloor = false;
  }

  /** Index of the first bin that holds something, -1 when none does. */
  firstIndex(): number {
    const { weights } = this;
    for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) return i;
    return -1;
  }

  /** Index of the last one. */
  lastIndex(): number {
    const { weights } = this;
    for (let i = weights.length - 1; i >= 0; i--) if (weights[i] !== 0) return i;
    return -1;
  }

  /** Makes the window hold bins `from` to `to`, as far as its greatest size and the pool allow. */
  reach(from: number, to: number): void {
    const end = this.low + this.weights.length;
    if (to < end && (from >= this.low || this.isAtFloor)) return;
    const first = this.firstIndex();
    let low = from;
    let high = to;
    if (first !== -1) {
      low = Math.min(low, this.low + first);
      high = Math.max(high, this.low + this.lastIndex());
    }
    // At the greatest size the high end counts: the smallest values are joined in the lowest bin.
    const most = WINDOW_BINS_MAX >> this.halving;
    low = Math.max(low, high + 1 - most);
    if (low >= this.low && high < end) {
      this.isAtFloor = true;
      return;
    }
    const next = this.pool.take(high + 1 - low);
    if (next === undefined) return;
    // Room on both sides; where infinities would be is no bin.
    const spare = next.length - (high + 1 - low);
    const bins = (BIN_LAST >> this.halving) + 1;
    low = Math.max(0, Math.min(low - (spare >> 1), bins - next.length));
    const { weights, low: before } = this;
    this.weights = next;
    this.low = low;
    this.isAtFloor = false;
    for (let i = Math.max(first, 0); i < weights.length; i++) {
      if (weights[i] !== 0) this.addWithin(before + i, weights[i]!);
    }
    this.pool.give(weights);
  }

  /** Adds to a bin, or to the window's nearer end; there must be a window. */
  addWithin(bin: number, weight: number): void {
    const index = bin - this.low;
    if (index >= 0 && index < this.weights.length) this.weights[index]! += weight;
    else {
      this.pool.collapsed += weight;
      this.weights[index < 0 ? 0 : this.weights.length - 1]! += weight;
    }
  }

  private addOutside(bin: number, weight: number): void {
    this.reach(bin, bin);
    if (this.weights.length > 0) this.addWithin(bin, weight);
  }
}
