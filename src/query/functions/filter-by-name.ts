/**
 * Keep or drop whole series by name (`grep`, `exclude`, `unique`) or for being empty
 * (`removeEmptySeries`). Patterns occur anywhere in the name, as in Python's `re.search`.
 */
import { compilePattern } from '../../lib/pattern.ts';
import type { Series } from '../series/series.ts';
import { occursIn } from './name-patterns.ts';
import { float, type FunctionSpec, seriesList, string } from './spec.ts';

export const exclude = byPattern('exclude', 'Drops', false);
export const grep = byPattern('grep', 'Keeps', true);

function byPattern(name: string, verb: string, keeps: boolean): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Filter Series',
    description: `${verb} the series in whose name a pattern occurs.`,
    params: [seriesList(), string('pattern', { required: true })],
    async call(context, seriesList: Series[], pattern: string) {
      const compiled = compilePattern(pattern);
      const kept: Series[] = [];
      for (const series of seriesList) {
        await context.pause();
        if (occursIn(context, compiled, series.name) === keeps) kept.push(series);
      }
      return kept;
    },
  };
}

export const removeEmptySeries: FunctionSpec = {
  name: 'removeEmptySeries',
  origin: 'graphite',
  group: 'Filter Series',
  isPerSeries: true,
  description:
    'Drops the series without datapoints or, with an xFilesFactor, those where fewer than that ' +
    'fraction are known.',
  params: [seriesList(), float('xFilesFactor')],
  call: (_context, seriesList: Series[], xFilesFactor = 0) =>
    seriesList.filter(({ values }) => {
      let known = 0;
      for (const value of values) if (!Number.isNaN(value)) known += 1;
      return known > 0 && known / values.length >= xFilesFactor;
    }),
};

export const unique: FunctionSpec = {
  name: 'unique',
  origin: 'graphite',
  group: 'Filter Series',
  description: 'The series of all lists, each name once: the first that has it.',
  params: [seriesList('seriesLists', { required: true, multiple: true })],
  call: (_context, ...lists: Series[][]) => {
    const seen = new Set<string>();
    return lists.flat().filter((series) => !seen.has(series.name) && seen.add(series.name));
  },
};
