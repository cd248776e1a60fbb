/**
 * Groups of series whose names agree but for some parts, each group combined into one:
 * `aggregateWithWildcards` and its short forms.
 */
import { groupBy } from '../../lib/group-by.ts';
import type { Series } from '../series/series.ts';
import { aggregated } from './combine.ts';

import { inTurn } from './in-turn.ts';
import { aggFunc, type CallContext, type FunctionSpec, node, seriesList } from './spec.ts';

const position = node('position', { multiple: true });

export const aggregateWithWildcards: FunctionSpec = {
  name: 'aggregateWithWildcards',
  origin: 'graphite',
  group: 'Combine',
  description:
    'Combines, by an aggregate, the series whose names differ only in the parts at the given ' +
    'positions (counted from 0). The answers are named by the parts left.',
  params: [
    seriesList(),
    aggFunc('func', { required: true }),
    { ...position, signatureName: 'positions' },
  ],
  call: (context, seriesList: Series[], func: string, ...positions: number[]) =>
    overWildcards(context, seriesList, func, positions),
};

export const averageSeriesWithWildcards = shortForm('average', 'averages');
export const multiplySeriesWithWildcards = shortForm('multiply', 'products');
export const sumSeriesWithWildcards = shortForm('sum', 'sums');

function shortForm(func: string, prose: string): FunctionSpec {
  return {
    name: `${func}SeriesWithWildcards`,
    origin: 'graphite',
    group: 'Combine',
    description: `The ${prose} of series whose names differ only in the parts at the positions.`,
    params: [seriesList(), position],
    call: (context, seriesList: Series[], ...positions: number[]) =>
      overWildcards(context, seriesList, func, positions),
  };
}

async function overWildcards(
  context: CallContext,
  seriesList: Series[],
  func: string,
  positions: number[],
): Promise<Series[]> {
  const nameWithout = (series: Series): string =>
    series.name
      .split('.')
      .filter((_, i) => !positions.includes(i))
      .join('.');
  const groups = groupBy(seriesList, nameWithout);
  const answers = await inTurn(context, groups, async ([name, group]) => {
    const found = await aggregated(context, group, func);
    return found.map((answer) => ({ ...answer, name }));
  });
  return answers.flat();
}
