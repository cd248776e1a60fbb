/**
 * What StatsD and Graphite make of percentiles: `upper_P` of every flush by StatsD's rule, averaged
 * into whisper's coarser archives (10 s to a minute to an hour to a day, unknown points left out,
 * xFilesFactor 0), and averageSeries over hosts.
 */
import { FLUSH, FLUSHES, type HostDay } from './traffic.ts';

/** Steps of archives; each is averaged from the one before. */
export const STEPS = [60, 3600, 86_400] as const;

/** `upper_P` of one host: a column a step, NaN where nothing was sent. */
export function averagedHost({ values, ends }: HostDay, percent: number): Float64Array[] {
  let column: Float64Array = new Float64Array(FLUSHES).fill(NaN);
  for (let flush = 0; flush < FLUSHES; flush++) {
    const sorted = values.slice(flush === 0 ? 0 : ends[flush - 1], ends[flush]).sort();
    const n = sorted.length;
    const count = n === 1 ? 1 : Math.round((percent / 100) * n);
    if (count > 0) column[flush] = sorted[count - 1]!;
  }
  let step = FLUSH;
  return STEPS.map((next) => {
    column = averageOf(column, next / step);
    step = next;
    return column;
  });
}

/** averageSeries: the mean of the hosts that have a value. */
export function averageHosts(columns: readonly Float64Array[]): Float64Array {
  return columns[0]!.map((_, row) => mean(columns.map((column) => column[row]!)));
}

export function averageOf(column: Float64Array, count: number): Float64Array {
  const folded = new Float64Array(column.length / count);
  for (let i = 0; i < folded.length; i++) {
    folded[i] = mean(column.subarray(i * count, (i + 1) * count));
  }
  return folded;
}

function mean(values: Iterable<number>): number {
  let [sum, known] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return known === 0 ? NaN : sum / known;
}
