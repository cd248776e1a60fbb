/**
 * Other names for series: a given text, a pattern's replacement, a value looked up elsewhere,
 * other case. Values and pathExpression stay, so aggregates around them keep their own names.
 */
import { badTarget } from '../../lib/errors.ts';
import { compilePattern } from '../../lib/pattern.ts';
import { last } from '../series/aggregate.ts';
import { formatPercent } from '../series/python-format.ts';
import { rename, type Series } from '../series/series.ts';
import { replacedIn } from './name-patterns.ts';
import { type FunctionSpec, integer, seriesList, string } from './spec.ts';

export const alias: FunctionSpec = {
  name: 'alias',
  origin: 'graphite',
  group: 'Alias',
  isPerSeries: true,
  description: 'Shows a text of your own in the place of the name.',
  params: [seriesList(), string('newName', { required: true })],
  call: (_context, seriesList: Series[], newName: string) =>
    seriesList.map((series) => rename(series, newName)),
};

export const aliasQuery: FunctionSpec = {
  name: 'aliasQuery',
  origin: 'graphite',
  group: 'Alias',
  description:
    'Turns each name into another target by search and replace, and shows the last value of that ' +
    'target in a text such as "Channel %d MHz".',
  params: [
    seriesList(),
    string('search', { required: true }),
    string('replace', { required: true }),
    string('newName', { required: true }),
  ],
  async call(context, seriesList: Series[], search: string, replace: string, newName: string) {
    const pattern = compilePattern(search);
    const renamed: Series[] = [];
    for (const series of seriesList) {
      const target = await replacedIn(context, pattern, series.name, replace);
      const [found] = await context.evaluate(target);
      if (found === undefined) throw badTarget(`aliasQuery: "${target}" finds no series`);
      const value = last(found.values);
      if (Number.isNaN(value)) throw badTarget(`aliasQuery: "${found.name}" has no last value`);
      renamed.push(rename(series, formatPercent(newName, value)));
    }
    return renamed;
  },
};

export const aliasSub: FunctionSpec = {
  name: 'aliasSub',
  origin: 'graphite',
  group: 'Alias',
  isPerSeries: true,
  description:
    'Replaces every occurrence of a pattern in the name; \\1 stands for its first group.',
  params: [
    seriesList(),
    string('search', { required: true }),
    string('replace', { required: true }),
  ],
  async call(context, seriesList: Series[], search: string, replace: string) {
    const pattern = compilePattern(search);
    const renamed: Series[] = [];
    for (const series of seriesList) {
      await context.pause();
      renamed.push(rename(series, await replacedIn(context, pattern, series.name, replace)));
    }
    return renamed;
  },
};

export const lower = inOtherCase('lower', (text) => text.toLowerCase());
export const upper = inOtherCase('upper', (text) => text.toUpperCase());

function inOtherCase(name: 'lower' | 'upper', convert: (text: string) => string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Alias',
    isPerSeries: true,
    description: `Shows the name in ${name} case, or only its letters at the given positions.`,
    params: [seriesList(), integer('pos', { multiple: true })],
    call: (_context, seriesList: Series[], ...positions: number[]) =>
      seriesList.map((series) => {
        if (positions.length === 0) return rename(series, convert(series.name));
        const letters = Array.from(series.name);
        for (const position of positions) {
          const index = position < 0 ? letters.length + position : position;
          const letter = letters[index];
          if (letter !== undefined) letters[index] = convert(letter);
        }
        return rename(series, letters.join(''));
      }),
  };
}
