/**
 * Finer points become one coarser point: whisper's eight methods (whisper.py `aggregate`), with
 * the same order of additions, so the results are the same to the last bit. Points are added in
 * time order; `total` is the number of finer slots in the coarser one, known or not.
 */
import { AGGREGATION_METHODS, type AggregationMethod } from '../../retention/archives.ts';

/** Codes are positions in AGGREGATION_METHODS; they are stored, so that list may only grow. */
const AVERAGE = 0;
const SUM = 1;
const LAST = 2;
const MAX = 3;
const MIN = 4;
const AVERAGE_ZERO = 5;
const ABSOLUTE_MAX = 6;

export function methodCode(method: AggregationMethod): number {
  return AGGREGATION_METHODS.indexOf(method);
}

export function methodOfCode(code: number): AggregationMethod {
  return AGGREGATION_METHODS[code] ?? 'average';
}

/** Accumulators of many series, reused from one coarse slot to the next. */
export class Rollup {
  private readonly sums: Float64Array;
  private readonly known: Uint32Array;

  constructor(seriesCount: number) {
    this.sums = new Float64Array(seriesCount);
    this.known = new Uint32Array(seriesCount);
  }

  clear(): void {
    this.known.fill(0);
  }

  /** Adds the next finer value of series `index`; NaN is unknown. */
  add(index: number, method: number, value: number): void {
    if (value !== value) return;
    if (this.known[index]!++ === 0) {
      this.sums[index] = value;
      return;
    }
    const sum = this.sums[index]!;
    switch (method) {
      case AVERAGE:
      case SUM:
      case AVERAGE_ZERO:
        this.sums[index] = sum + value;
        break;
      case LAST:
        this.sums[index] = value;
        break;
      case MAX:
        if (value > sum) this.sums[index] = value;
        break;
      case MIN:
        if (value < sum) this.sums[index] = value;
        break;
      case ABSOLUTE_MAX:
        if (Math.abs(value) > Math.abs(sum)) this.sums[index] = value;
        break;
      default:
        if (Math.abs(value) < Math.abs(sum)) this.sums[index] = value;
    }
  }

  /** Adds the next finer value of each series; most are summed or the first. */
  addRow(methods: Uint8Array, values: Float64Array): void {
    const { sums, known } = this;
    for (let i = 0; i < methods.length; i++) {
      const value = values[i]!;
      if (value !== value) continue;
      if (known[i] === 0) {
        sums[i] = value;
        known[i] = 1;
      } else if (methods[i]! <= SUM) {
        sums[i]! += value;
        known[i]! += 1;
      } else this.add(i, methods[i]!, value);
    }
  }

  /** `result` of each series. */
  results(methods: Uint8Array, xFilesFactors: Float64Array, total: number): Float64Array {
    const found = new Float64Array(methods.length);
    for (let i = 0; i < found.length; i++) {
      this.putResult(i, methods[i]!, xFilesFactors[i]!, total, found, i);
    }
    return found;
  }

  /**
   * The coarser value, NaN when too little is known. `xFilesFactor` is a float32 in whisper's
   * header: 0.1 is a little more than 0.1 there, so 1 of 10 is not enough.
   */
  result(index: number, method: number, xFilesFactor: number, total: number): number {
    this.putResult(index, method, xFilesFactor, total, one, 0);
    return one[0]!;
  }

  /** Into `out`: a double that is returned may be an object. */
  private putResult(
    index: number,
    method: number,
    xFilesFactor: number,
    total: number,
    out: Float64Array,
    at: number,
  ): void {
    const known = this.known[index]!;
    const sum = this.sums[index]!;
    if (known === 0 || known / total < Math.fround(xFilesFactor)) out[at] = NaN;
    // Python's sum starts with 0, and 0 + -0 is 0.
    else if (method === AVERAGE) out[at] = (sum + 0) / known;
    else if (method === AVERAGE_ZERO) out[at] = (sum + 0) / total;
    else out[at] = method === SUM ? sum + 0 : sum;
  }
}

const one = new Float64Array(1);
