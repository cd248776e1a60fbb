/**
 * `areaBetween`: the surface between two series, for charts; holtWintersConfidenceArea draws one.
 */
import { badTarget } from '../../lib/errors.ts';
import type { Series } from '../series/series.ts';
import { type FunctionSpec, seriesList } from './spec.ts';

export const areaBetween: FunctionSpec = {
  name: 'areaBetween',
  origin: 'graphite',
  group: 'Graph',
  description: 'Fills the surface between two series: a lower one and an upper one.',
  params: [seriesList()],
  call: (_context, seriesList: Series[]) => {
    const [lower, upper] = seriesList;
    if (lower === undefined || upper === undefined || seriesList.length !== 2) {
      throw badTarget(`${seriesList.length} series read, expected exactly two`);
    }
    return between(lower, upper, 'areaBetween');
  },
};

/** Both series under one name; the chart stacks the upper on the lower, which is not drawn. */
export function between(lower: Series, upper: Series, func: string): Series[] {
  const name = `${func}(${upper.pathExpression})`;
  const tags = { ...upper.tags, [func]: '1' };
  return [
    { ...lower, name, tags, options: { ...lower.options, stacked: true, invisible: true } },
    { ...upper, name, tags, options: { ...upper.options, stacked: true } },
  ];
}
