/** `join`: two lists of series as sets of names. */
import { badTarget } from '../../lib/errors.ts';
import type { Series } from '../series/series.ts';
import { type FunctionSpec, seriesList, string } from './spec.ts';

const TYPES = ['AND', 'OR', 'SUB', 'XOR'] as const;

export const join: FunctionSpec = {
  name: 'join',
  origin: 'carbonapi',
  group: 'Transform',
  description:
    'The series of the first list whose names are in the second (AND) or are not (SUB), those of ' +
    'the first and what only the second has (OR), or those that only one of them has (XOR).',
  params: [
    seriesList('seriesA'),
    seriesList('seriesB'),
    string('type', { default: 'AND', options: TYPES }),
  ],
  call(_context, first: Series[], second: Series[], type: string) {
    const operation = type.toUpperCase();
    const onlyFirst = without(first, second);
    switch (operation) {
      case 'AND':
        return without(first, onlyFirst);
      case 'OR':
        return [...first, ...without(second, first)];
      case 'SUB':
        return onlyFirst;
      case 'XOR':
        return [...onlyFirst, ...without(second, first)];
      default:
        throw badTarget(`type "${type}" read, expected ${TYPES.join(', ')}`);
    }
  },
};

function without(seriesList: readonly Series[], others: readonly Series[]): Series[] {
  const names = new Set(others.map(({ name }) => name));
  return seriesList.filter(({ name }) => !names.has(name));
}
