/**
 * What answers for a timer where its sketches are not kept any more: the statistics that were kept
 * as plain series (`stats.timers.web01.latency.upper_99`), averaged where there is no better way.
 * The answer carries a notice that says so.
 */
import { reducerOf, count } from '../series/aggregate.ts';
import type { Grid } from '../series/distribution.ts';
import type { Series } from '../series/series.ts';
import type { CallContext } from './spec.ts';

/** A statistic of a timer by its last part, and the aggregate that joins its datapoints. */
export interface Scalar {
  statistic: string;
  func: 'average' | 'sum' | 'min' | 'max';
}

/** The first stored one of these statistics, for a timer whose sketches do not reach back. */
export async function olderScalars(
  context: CallContext,
  timer: Series,
  scalars: readonly Scalar[],
) {
  if (timer.distribution?.isClipped !== true) return undefined;
  for (const { statistic, func } of scalars) {
    const series = await context.seriesNamed(statisticName(timer.name, statistic));
    if (series === undefined || series.values.length === 0) continue;
    const what = func === 'average' ? 'averages' : func;
    const notice =
      timer.values.length === 0
        ? `no sketches are kept of this range: ${what} of ${statistic}`
        : `no sketches are kept from before ${timer.start}: ${what} of ${statistic} there`;
    return { series, func, notice };
  }
  return undefined;
}

/** Fills the buckets that begin before the first sketch. */
export function fillOlder(
  values: Float64Array,
  { start, step }: Grid,
  timer: Series,
  { series, func }: { series: Series; func: Scalar['func'] },
): void {
  const aggregate = reducerOf(func);
  const first = timer.values.length === 0 ? Infinity : timer.start;
  for (let i = 0; i < values.length && start + i * step < first; i++) {
    const from = indexFrom(series, start + i * step);
    const to = indexFrom(series, start + (i + 1) * step);
    values[i] = count(series.values, from, to) === 0 ? NaN : aggregate(series.values, from, to);
  }
}

function indexFrom(series: Series, time: number): number {
  const index = Math.ceil((time - series.start) / series.step);
  return Math.min(Math.max(index, 0), series.values.length);
}

/** `a.b;tag=x` and `mean` make `a.b.mean;tag=x`. */
function statisticName(timer: string, statistic: string): string {
  const end = timer.indexOf(';');
  return end === -1
    ? `${timer}.${statistic}`
    : `${timer.slice(0, end)}.${statistic}${timer.slice(end)}`;
}
