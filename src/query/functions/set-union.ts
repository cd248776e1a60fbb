/** Distinct members over many sets and any time: unique users today, over all hosts. */
import { badTarget } from '../../lib/errors.ts';
import { commonGrid, epochGrid, mergeOnto } from '../series/distribution.ts';
import { makeSeries, type Series } from '../series/series.ts';
import { commonTags } from './combine.ts';
import { joinPathExpressions } from './rows.ts';
import { type FunctionSpec, timers } from './spec.ts';
import { hasSlots, intervalSuffix, optionalInterval, secondsOf } from './timer-values.ts';

export const setUnion: FunctionSpec = {
  name: 'setUnion',
  origin: 'tallyd',
  group: 'Timers',
  description:
    'How many different members several sets saw together, in each slot or interval: ' +
    'setUnion(stats.sets.*.users, "1d") is the number of unique users a day over all hosts. ' +
    'Exact for small sets, within a standard error of 0.8 % beyond.',
  params: [timers(), optionalInterval],
  async call(context, seriesList: Series[], length?: string) {
    for (const { name, distribution } of seriesList) {
      if (distribution?.kind === 'set') continue;
      const what = distribution === undefined ? 'has numbers only' : 'is a timer';
      throw badTarget(`${name} ${what}: expected sets by base name (stats.sets.web01.users)`);
    }
    const sets = seriesList.filter(hasSlots);
    if (sets.length === 0) return [];
    const grid = length === undefined ? commonGrid(sets) : epochGrid(sets, secondsOf(length));
    context.reserve(grid.count);
    const merged = await mergeOnto(grid, sets, { kind: 'set' }, context.pause);
    const name = `setUnion(${joinPathExpressions(seriesList)}${intervalSuffix(length)})`;
    return [
      makeSeries({
        name,
        start: grid.start,
        step: grid.step,
        values: merged.values,
        tags: { ...commonTags(seriesList), name },
        xFilesFactor: context.xFilesFactor,
        consolidateBy: 'max',
        distribution: { kind: 'set', sketches: merged.sketches },
      }),
    ];
  },
};
