/** Series as they come: by tag, several lists as one, or another list when there is none. */
import type { Series } from '../series/series.ts';
import { type FunctionSpec, seriesList, string } from './spec.ts';

export const seriesByTag: FunctionSpec = {
  name: 'seriesByTag',
  origin: 'graphite',
  group: 'Special',
  description:
    'Series that match all tag expressions: tag=value, tag!=value, and with a pattern tag=~value ' +
    'and tag!=~value.',
  params: [string('tagExpressions', { required: true, multiple: true })],
  call: (context, ...tagExpressions: string[]) => context.seriesByTag(tagExpressions),
};

export const group: FunctionSpec = {
  name: 'group',
  origin: 'graphite',
  group: 'Combine',
  description: 'Several lists of series as one, for functions that take one.',
  params: [seriesList('seriesLists', { multiple: true })],
  call: (_context, ...lists: Series[][]) => lists.flat(),
};

export const fallbackSeries: FunctionSpec = {
  name: 'fallbackSeries',
  origin: 'graphite',
  group: 'Special',
  description: 'The series, or when there are none the fallback.',
  params: [seriesList(), seriesList('fallback', { required: true })],
  call: (_context, seriesList: Series[], fallback: Series[]) =>
    seriesList.length > 0 ? seriesList : fallback,
};
