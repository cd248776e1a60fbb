/**
 * Orders of series: by name, plain or natural, or by an aggregate of their datapoints. All sorts
 * are stable, in both directions, as Python's are; a series without datapoints sorts lowest.
 */
import { reducerOf } from '../series/aggregate.ts';
import type { Series } from '../series/series.ts';
import { inTurn } from './in-turn.ts';
import { aggFunc, boolean, type CallContext, type FunctionSpec, seriesList } from './spec.ts';

export const sortBy: FunctionSpec = {
  name: 'sortBy',
  origin: 'graphite',
  group: 'Sorting',
  description: 'Orders series by an aggregate of their datapoints, lowest first unless reversed.',
  params: [
    seriesList(),
    aggFunc('func', { default: 'average' }),
    boolean('reverse', { default: false }),
  ],
  call: (context, seriesList: Series[], func: string, reverse: boolean) => {
    const aggregate = reducerOf(func);
    return sortedBy(context, seriesList, (series) => aggregate(series.values), reverse);
  },
};

export const sortByMaxima = highestFirst('sortByMaxima', 'max', 'their highest datapoint');
export const sortByTotal = highestFirst('sortByTotal', 'sum', 'the sum of their datapoints');

function highestFirst(name: string, func: string, prose: string): FunctionSpec {
  return {
    name,
    origin: 'graphite',
    group: 'Sorting',
    description: `Orders series by ${prose}, highest first.`,
    params: [seriesList()],
    call: (context, seriesList: Series[]) => {
      const aggregate = reducerOf(func);
      return sortedBy(context, seriesList, (series) => aggregate(series.values), true);
    },
  };
}

export const sortByMinima: FunctionSpec = {
  name: 'sortByMinima',
  origin: 'graphite',
  group: 'Sorting',
  description:
    'Orders series by their lowest datapoint, lowest first, and drops those that never rise ' +
    'above zero.',
  params: [seriesList()],
  async call(context, seriesList: Series[]) {
    const max = reducerOf('max');
    const min = reducerOf('min');
    const highest = await inTurn(context, seriesList, (series) => max(series.values));
    const positive = seriesList.filter((_, i) => highest[i]! > 0);
    return sortedBy(context, positive, (series) => min(series.values), false);
  },
};

export const sortByName: FunctionSpec = {
  name: 'sortByName',
  origin: 'graphite',
  group: 'Sorting',
  description:
    'Orders series by name. Natural order reads numbers inside names as numbers: web2 before ' +
    'web10.',
  params: [
    seriesList(),
    boolean('natural', { default: false }),
    boolean('reverse', { default: false }),
  ],
  call: (_context, seriesList: Series[], natural: boolean, reverse: boolean) => {
    const keyed = seriesList.map((series) => ({
      one: series,
      key: natural ? naturalKey(series.name) : series.name,
    }));
    const sign = reverse ? -1 : 1;
    keyed.sort((a, b) => sign * compareNames(a.key, b.key));
    return keyed.map(({ one: series }) => series);
  },
};

/** A sorted copy; NaN keys are lowest, equal keys keep their order in both directions. */
export async function sortedBy(
  context: Pick<CallContext, 'pause'>,
  seriesList: Series[],
  keyOf: (series: Series) => number,
  descending: boolean,
): Promise<Series[]> {
  const keyed = await inTurn(context, seriesList, (series) => {
    const key = keyOf(series);
    return { one: series, key: Number.isNaN(key) ? -Infinity : key };
  });
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign));
  return keyed.map(({ one: series }) => series);
}

/** Order of code points, which is also the order of UTF-8 bytes; `<` orders by UTF-16 units. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every unit from 0xe000 on. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Every run of digits padded to ten, without the zeros it came with. */
function naturalKey(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(10, '0'));
}
