/**
 * Many timers into one distribution, slot by slot: what any percentile over any hosts is read from.
 * Alone the answer shows how much was counted; timer functions around it read the merged sketches.
 *
 *     timerPercentile(timerMerge(stats.timers.*.latency), 99)
 *     timerStat(timerMergeByNode(stats.timers.*.*, 3), "rate")
 */
import { badTarget } from '../../lib/errors.ts';
import { groupBy } from '../../lib/group-by.ts';
import { commonGrid, type Grid, readCount, readOnto } from '../series/distribution.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { commonTags } from './combine.ts';
import { groupKey, type NodeOrTag } from './node-or-tag.ts';
import { joinPathExpressions } from './rows.ts';
import { type CallContext, type FunctionSpec, nodeOrTag, timers } from './spec.ts';
import { hasSlots, timersOf } from './timer-values.ts';

export const timerMerge: FunctionSpec = {
  name: 'timerMerge',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'All values of several timers as one timer: timerPercentile(timerMerge(stats.timers.*.latency), ' +
    '99) is the percentile over all hosts. Alone it shows how many values there were.',
  params: [timers()],
  async call(context, seriesList: Series[]) {
    if (!seriesList.some(hasSlots)) return [];
    return [
      await mergedTimer(context, seriesList, `timerMerge(${joinPathExpressions(seriesList)})`),
    ];
  },
};

export const timerMergeByNode: FunctionSpec = {
  name: 'timerMergeByNode',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'As timerMerge, one timer for each value of some parts of the name or tags, named by them.',
  params: [timers(), nodeOrTag('nodes', { required: true, multiple: true })],
  async call(context, seriesList: Series[], ...nodes: NodeOrTag[]) {
    if (nodes.length === 0) throw badTarget('no node read, expected some');
    const answers: Series[] = [];
    for (const [key, group] of groupBy(seriesList, (series) => groupKey(series, nodes))) {
      if (group.some(hasSlots)) answers.push(await mergedTimer(context, group, key));
    }
    return answers;
  },
};

/**
 * The values of several timers as one series. Nothing is merged here: the reader of the answer
 * merges all at once, in buckets of its own.
 */
export async function mergedTimer(
  context: CallContext,
  seriesList: readonly Series[],
  name: string,
): Promise<Series> {
  const sources = timersOf(seriesList).filter(hasSlots);
  const grid = commonGrid(sources);
  context.reserve(grid.count);
  const isCounted = sources.every((series) => series.distribution!.read === readCount); // timersOf looked
  const counts = { kind: 'timer', read: readCount } as const;
  const values = isCounted
    ? countsOf(sources, grid)
    : await readOnto(grid, sources, counts, context.pause);
  const { start, step } = grid;
  return makeSeries({
    name,
    start,
    step,
    values,
    tags: { ...commonTags(sources), name },
    xFilesFactor: context.xFilesFactor,
    consolidateBy: 'sum',
    distribution: { kind: 'timer', read: readCount, sources },
  });
}

/** How much was counted in each bucket, of series that show just that. */
function countsOf(sources: readonly Series[], { start, step, count }: Grid): Float64Array {
  const sums = new Float64Array(count).fill(NaN);
  for (const series of sources) {
    for (let i = 0; i < series.values.length; i++) {
      const value = series.values[i]!;
      if (Number.isNaN(value)) continue;
      const bucket = Math.floor((series.start + i * series.step - start) / step);
      sums[bucket] = Number.isNaN(sums[bucket]!) ? value : sums[bucket]! + value;
    }
  }
  return sums;
}
