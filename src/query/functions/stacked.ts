/**
 * `stacked`: each series drawn on top of those before it, within one target and over all targets
 * of a request, for stacks of one name.
 */
import { derive, type Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { type FunctionSpec, seriesList, string } from './spec.ts';

const DEFAULT_STACK = '__DEFAULT__';

export const stacked: FunctionSpec = {
  name: 'stacked',
  origin: 'graphite',
  group: 'Graph',
  description:
    'Draws the series on top of each other, and on top of what was stacked before under the same ' +
    'name of a stack.',
  params: [
    { ...seriesList(), signatureName: 'seriesLists' },
    string('stack', { signatureName: 'stackName', signatureDefault: `'${DEFAULT_STACK}'` }),
  ],
  call: (context, seriesList: Series[], stack = DEFAULT_STACK) => {
    const total = context.stacks.get(stack) ?? [];
    context.stacks.set(stack, total);
    return inTurn(context, seriesList, (series) => {
      const values = series.values.map((value, i) => {
        const below = total[i] ?? 0;
        if (Number.isNaN(value)) return NaN;
        total[i] = below + value;
        return below + value;
      });
      // A named stack is one whose legend is set by alias: the name stays.
      const isNamed = stack !== DEFAULT_STACK;
      return derive(series, {
        name: isNamed ? series.name : `stacked(${series.name})`,
        ...(isNamed ? {} : { tags: { stacked: stack } }),
        values,
        options: { stacked: true },
      });
    });
  },
};
