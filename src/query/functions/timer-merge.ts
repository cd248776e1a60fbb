/**
 * Many timers into one distribution, slot by slot: what any percentile over any hosts is read from.
 * Alone the answer shows how much was counted; timer functions around it read the merged sketches.
 *
 *     timerPercentile(timerMerge(stats.timers.*.latency), 99)
 *     timerStat(timerMergeByNode(stats.timers.*.*, 3), "rate")
 */
import { UserError } from '../../lib/errors.ts';
import { commonGrid, mergeOnto } from '../series/distribution.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { groupByKey, groupKey, type NodeOrTag } from './node-or-tag.ts';
import { joinPathExpressions } from './rows.ts';
import { type CallContext, type FunctionSpec, nodeOrTag, timers } from './spec.ts';
import { commonTags, hasSlots, timersOf } from './timer-values.ts';

export const timerMerge: FunctionSpec = {
  name: 'timerMerge',
  group: 'Timers',
  description:
    'All values of several timers as one timer: timerPercentile(timerMerge(stats.timers.*.latency), ' +
    '99) is the percentile over all hosts. Alone it shows how many values there were.',
  params: [timers()],
  async call(context, series: Series[]) {
    if (!series.some(hasSlots)) return [];
    return [await mergedTimer(context, series, `timerMerge(${joinPathExpressions(series)})`)];
  },
};

export const timerMergeByNode: FunctionSpec = {
  name: 'timerMergeByNode',
  group: 'Timers',
  description:
    'As timerMerge, one timer for each value of some parts of the name or tags, named by them.',
  params: [timers(), nodeOrTag('nodes', { required: true, multiple: true })],
  async call(context, series: Series[], ...nodes: NodeOrTag[]) {
    if (nodes.length === 0) throw new UserError('badTarget', 'no node read, expected some');
    const answers: Series[] = [];
    for (const [key, group] of groupByKey(series, (one) => groupKey(one, nodes))) {
      if (group.some(hasSlots)) answers.push(await mergedTimer(context, group, key));
    }
    return answers;
  },
};

/** The values of several timers as one series. */
export async function mergedTimer(
  context: CallContext,
  series: readonly Series[],
  name: string,
): Promise<Series> {
  const all = timersOf(series).filter(hasSlots);
  const grid = commonGrid(all);
  context.reserve(grid.count);
  const distribution = {
    kind: 'timer',
    read: (sketch: { count: number }) => sketch.count,
  } as const;
  const merged = await mergeOnto(grid, all, distribution, () => context.pause());
  return makeSeries({
    name,
    start: grid.start,
    step: grid.step,
    values: merged.values,
    tags: { ...commonTags(all), name },
    xFilesFactor: context.xFilesFactor,
    consolidateBy: 'sum',
    distribution: { ...distribution, sketches: merged.sketches },
  });
}
