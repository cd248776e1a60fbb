/** Functions that say how a series is to be read later: `consolidateBy` and `setXFilesFactor`. */
import { pythonFloat } from '../series/python-format.ts';
import { badTarget } from '../../lib/errors.ts';
import { CONSOLIDATION_NAMES } from '../series/consolidate.ts';
import { derive, type Series } from '../series/series.ts';
import { perSeries } from './per-series.ts';
import { float, type FunctionSpec, seriesList, string } from './spec.ts';

const FOLD_NAMES = ['average', 'avg', 'avg_zero', 'first', 'last', 'max', 'min', 'sum'];

export const consolidateBy: FunctionSpec = {
  name: 'consolidateBy',
  origin: 'graphite',
  group: 'Special',
  description: 'How many datapoints become one where there are more than fit: sum, max, last …',
  params: [seriesList(), string('consolidationFunc', { required: true, options: FOLD_NAMES })],
  call: (_context, seriesList: Series[], consolidationFunc: string) => {
    if (!CONSOLIDATION_NAMES.includes(consolidationFunc)) {
      const names = CONSOLIDATION_NAMES.join(', ');
      throw badTarget(`"${consolidationFunc}" read, expected one of ${names}`);
    }
    return seriesList.map((series) => consolidatedBy(series, consolidationFunc));
  },
};

export const cumulative = perSeries({
  name: 'cumulative',
  origin: 'graphite',
  group: 'Special',
  description: 'Short for consolidateBy(…, "sum"), whose name it shows.',
  each: (series) => consolidatedBy(series, 'sum'),
});

function consolidatedBy(series: Series, consolidationFunc: string): Series {
  return derive(series, {
    name: `consolidateBy(${series.name},"${consolidationFunc}")`,
    consolidateBy: consolidationFunc,
    tags: { consolidateBy: consolidationFunc },
  });
}

export const setXFilesFactor: FunctionSpec = {
  name: 'setXFilesFactor',
  aliases: ['xFilesFactor'],
  origin: 'graphite',
  group: 'Special',
  description:
    'The share of datapoints, 0 to 1, that must be known wherever many become one, from here on ' +
    'and in all that follows in the request.',
  params: [seriesList(), float('xFilesFactor', { required: true })],
  call: (context, seriesList: Series[], xFilesFactor: number) => {
    context.xFilesFactor = xFilesFactor;
    return seriesList.map((series) =>
      derive(series, { xFilesFactor, tags: { xFilesFactor: pythonFloat(xFilesFactor) } }),
    );
  },
};
